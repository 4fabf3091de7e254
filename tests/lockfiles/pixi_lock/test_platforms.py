"""What a lock calls the platforms of a manifest: found by name or by what they are, and written as they were called."""

from collections.abc import Mapping

import pytest

from bot.egress import resolve_channels
from bot.lockfiles import Given, LockChange
from bot.lockfiles.pixi_lock import PixiLock, PixiWorkspace
from bot.manifests import extract
from bot.model.manifest import PlatformName
from bot.settings import CHANNEL_ALIAS
from bot.updating.drive import drive
from bot.updating.read.hashing import NoCondaLock
from tests.lockfiles.cases import record
from tests.workspaces.pixi import NOW

MANIFEST = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64", { platform = "linux-64", cuda = "12.9" }, { platform = "linux-64", cuda = "13.0" }]

[dependencies]
x = "*"
"""
TWELVE, THIRTEEN = "linux-64-cuda-12-9", "linux-64-cuda-13-0"
URL = "https://conda.anaconda.org/conda-forge/linux-64"
"""Records of the lock: `x` in version 1.0, of which each platform has a build of its own."""


def platform(name: str, *packages: str, subdir: str = "linux-64") -> str:
    """Return a row of `platforms`."""
    written = f"- name: {name}\n" + (f"  subdir: {subdir}\n" if subdir != name else "")
    return written + ("  virtual-packages:\n" if packages else "") + "".join(f"  - {each}\n" for each in packages)


def build(name: str) -> str:
    """Return the build that a lock of this module has on the platform that it calls *name*."""
    return f"h{name.replace('-', '_')}_0"


def lock_of(rows: str, *names: str, version: int = 7) -> str:
    """Return a lock of *version* for the platforms *names*, of which *rows* say what they are."""
    selectors = "".join(f"      {name}:\n      - conda: {URL}/x-1.0-{build(name)}.conda\n" for name in names)
    entries = "".join(f"- conda: {URL}/x-1.0-{build(name)}.conda\n  sha256: '{'1' * 64}'\n" for name in sorted(names))
    head = f"version: {version}\n" + (f"platforms:\n{rows}" if version >= 7 else "")
    channels = "    channels:\n    - url: https://conda.anaconda.org/conda-forge/\n"
    return f"{head}environments:\n  default:\n{channels}    packages:\n{selectors}packages:\n{entries}"


def read(lock: str, manifest: str = MANIFEST) -> PixiWorkspace:
    found = extract("pixi.toml", manifest.encode())
    assert found is not None
    given = Given(
        files={"pixi.toml": manifest.encode(), "pixi.lock": lock.encode()},
        manifests=(found,),
        resolve=lambda name: resolve_channels(name, CHANNEL_ALIAS),
        now=NOW,
    )
    made = PixiLock().read(given).made["pixi.toml"]
    assert isinstance(made, PixiWorkspace)
    return made


def builds(lock: str, manifest: str = MANIFEST) -> dict[PlatformName, str]:
    """Return the build that is locked on each platform, by the names of the manifest."""
    (environment,) = read(lock, manifest).lock.environments
    return {name: each.build for name, (each,) in environment.conda.items()}


DEFAULTS = ("__unix=0=0", "__linux=4.18", "__glibc=2.28", "__archspec=0=x86_64")
ROWS = (
    platform("linux-64", *DEFAULTS)
    + platform("p1", "__cuda=12.9", *DEFAULTS)
    + platform("p2", "__cuda=13.0", *DEFAULTS)
)
SWAPPED = platform("linux-64") + platform("p1", "__cuda=13.0", *DEFAULTS) + platform("p2", "__cuda=12.9")
OWN_NAMES = platform("linux-64") + platform(TWELVE, "__cuda=12.9") + platform(THIRTEEN, "__cuda=13.0")


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        pytest.param(
            lock_of(ROWS, "linux-64", "p1", "p2"),
            {"linux-64": "hlinux_64_0", TWELVE: "hp1_0", THIRTEEN: "hp2_0"},
            id="pixi's short names stand for what they are",
        ),
        pytest.param(
            lock_of(SWAPPED, "linux-64", "p1", "p2"),
            {"linux-64": "hlinux_64_0", THIRTEEN: "hp1_0", TWELVE: "hp2_0"},
            id="whatever their order",
        ),
        pytest.param(
            lock_of(OWN_NAMES, "linux-64", TWELVE, THIRTEEN),
            {"linux-64": "hlinux_64_0", TWELVE: build(TWELVE), THIRTEEN: build(THIRTEEN)},
            id="pixi 0.71 wrote the names of the manifest",
        ),
        pytest.param(
            lock_of(platform("linux-64") + platform("p1", "__cuda=12.9"), "linux-64", "p1"),
            {"linux-64": "hlinux_64_0", TWELVE: "hp1_0"},
            id="one may be missing",
        ),
        pytest.param(
            lock_of(ROWS + platform("p3", "__cuda=11"), "linux-64", "p1", "p2", "p3"),
            {"linux-64": "hlinux_64_0", TWELVE: "hp1_0", THIRTEEN: "hp2_0", "p3": "hp3_0"},
            id="what no platform of the manifest is keeps its name",
        ),
        pytest.param(
            lock_of(platform("linux-64") + platform("p1", "__cuda=1") + platform("p2", "__cuda=2"), "p1", "p2"),
            {"p1": "hp1_0", "p2": "hp2_0"},
            id="two that might be either are neither",
        ),
    ],
)
def test_platforms_are_called_as_the_manifest_calls_them(lock: str, expected: Mapping[str, str]) -> None:
    assert builds(lock) == expected


CUDA_ONLY = MANIFEST.replace('"linux-64", ', "", 1).replace(', { platform = "linux-64", cuda = "13.0" }', "")


@pytest.mark.parametrize(
    "lock",
    [
        pytest.param(lock_of("", "linux-64", version=6), id="version 6 knows subdirs only"),
        pytest.param(lock_of(platform("linux-64"), "linux-64"), id="a row that is called by its subdir"),
        pytest.param(lock_of(platform("p7"), "p7"), id="the only one of its subdir, of an unknown machine"),
    ],
)
def test_a_lock_of_one_platform_of_a_subdir_is_that_platform_s(lock: str) -> None:
    assert list(builds(lock, CUDA_ONLY)) == [TWELVE]


@pytest.mark.parametrize("name", ["p1", "linux-64", TWELVE])
def test_what_was_locked_for_another_machine_is_another_platform(name: str) -> None:
    rows = platform(name, "__cuda=12.6", *DEFAULTS)

    found = builds(lock_of(rows, name), CUDA_ONLY)

    assert TWELVE not in found or name == TWELVE
    assert read(lock_of(rows, name), CUDA_ONLY).names == {}


def test_system_requirements_make_a_platform_that_goes_by_its_subdir() -> None:
    manifest = (
        MANIFEST[: MANIFEST.index("platforms")] + 'platforms = ["linux-64"]\n[system-requirements]\ncuda = "12"\n'
    )

    assert builds(lock_of(platform("p1", "__cuda=12", *DEFAULTS), "p1"), manifest) == {"linux-64": "hp1_0"}


async def test_a_platform_is_written_under_the_name_that_the_lock_has_for_it() -> None:
    text = lock_of(ROWS, "linux-64", "p1", "p2")
    change = LockChange(solutions={("default", TWELVE): (record(name="x", version="2.0"),)})

    files = await drive(read(text).write(change), NoCondaLock().content_hashes)

    after = files["pixi.lock"]
    assert builds(after) == {"linux-64": "hlinux_64_0", TWELVE: "h0_0", THIRTEEN: "hp2_0"}
    assert [line for line in text.splitlines() if line not in after.splitlines()] == [
        f"      - conda: {URL}/x-1.0-hp1_0.conda",
        f"- conda: {URL}/x-1.0-hp1_0.conda",
    ]
    assert f"      p1:\n      - conda: {URL}/x-2.0-h0_0.conda\n" in after
