"""What a lock calls the platforms of a manifest: found by name or by what they are, and written as they were called."""

from collections.abc import Mapping

import pytest

from bot.egress import resolve_channels
from bot.errors import LockError
from bot.lockfiles import Given, LockChange
from bot.lockfiles.pixi_lock import PixiLock, PixiWorkspace
from bot.manifests import extract
from bot.model.manifest import PlatformName
from bot.settings import CHANNEL_ALIAS
from bot.updating.drive import drive
from bot.updating.read.hashing import NoCondaLock
from bot.workspaces.frame import frame_differences
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


def plain(requirements: str = "") -> str:
    """Return a manifest for a platform that goes by its subdir, with *requirements* of the system."""
    head = MANIFEST[: MANIFEST.index("platforms")] + 'platforms = ["linux-64"]\n'
    return f'{head}[dependencies]\nx = "*"\n[system-requirements]\n{requirements}\n'


def test_system_requirements_make_a_platform_that_goes_by_its_subdir() -> None:
    assert builds(lock_of(CUDA, "p1"), plain('cuda = "12"')) == {"linux-64": "hp1_0"}


CUDA, USUAL = platform("p1", "__cuda=12", *DEFAULTS), platform("linux-64", *DEFAULTS)
MOVED = ("it was locked for other virtual packages on linux-64",)


@pytest.mark.parametrize(
    ("lock", "requirements", "told"),
    [
        pytest.param(lock_of(USUAL, "linux-64"), "", (), id="the usual machine"),
        pytest.param(lock_of(USUAL, "linux-64"), 'libc = "2.28"', (), id="the usual machine in words"),
        pytest.param(lock_of(USUAL, "linux-64"), 'archspec = "x86_64_v3"', (), id="what pixi does not use"),
        pytest.param(lock_of(USUAL, "linux-64"), 'macos = "14.0"', (), id="what is about other systems"),
        pytest.param(lock_of(USUAL, "linux-64"), 'libc = "2.34"', MOVED, id="a newer machine"),
        pytest.param(lock_of(USUAL, "linux-64"), 'libc = "2.17"', MOVED, id="an older machine"),
        pytest.param(lock_of(CUDA, "p1"), 'cuda = "12"', (), id="with CUDA"),
        pytest.param(lock_of(CUDA, "p1"), 'cuda = "13"', MOVED, id="another CUDA"),
        pytest.param(lock_of(CUDA, "p1"), "", MOVED, id="no CUDA any more"),
        pytest.param(lock_of(platform("linux-64"), "linux-64"), 'libc = "2.34"', (), id="no word on the machine"),
        pytest.param(lock_of("", "linux-64", version=6), 'libc = "2.34"', (), id="version 6 has no word on it"),
    ],
)
def test_a_lock_for_another_machine_is_not_in_step(lock: str, requirements: str, told: tuple[str, ...]) -> None:
    found = read(lock, plain(requirements)).workspace

    assert frame_differences(found).get("default", ()) == told


@pytest.mark.parametrize(
    ("subdir", "packages"),
    [
        pytest.param("emscripten-wasm32", ("__unix=0=0",), id="a system without processors"),
        pytest.param(
            "linux-armv7l",
            ("__unix=0=0", "__linux=4.18", "__glibc=2.28", "__archspec=0=aarch64"),
            id="a processor by another name",
        ),
        pytest.param("win-arm64", ("__win=10.0", "__archspec=0=aarch64"), id="not Apple's"),
    ],
)
def test_every_subdir_has_its_usual_machine(subdir: str, packages: tuple[str, ...]) -> None:
    lock = lock_of(platform(subdir, *packages, subdir=subdir), subdir)

    assert frame_differences(read(lock, plain().replace("linux-64", subdir)).workspace) == {}


def test_a_machine_that_was_given_another_version_under_its_own_name_is_not_in_step() -> None:
    found = read(lock_of(platform(TWELVE, "__cuda=12.6", *DEFAULTS), TWELVE), CUDA_ONLY).workspace

    assert frame_differences(found) == {"default": (f"it was locked for other virtual packages on {TWELVE}",)}


@pytest.mark.parametrize(
    ("lock", "requirements", "row", "name"),
    [
        pytest.param(
            lock_of(USUAL, "linux-64"),
            'libc = "2.34"',
            platform("p1", "__archspec=0=x86_64", "__glibc=2.34", "__linux=4.18", "__unix=0=0"),
            "p1",
            id="which is newer",
        ),
        pytest.param(
            lock_of(CUDA, "p1"),
            'cuda = "13"',
            platform("p2", "__archspec=0=x86_64", "__cuda=13", "__glibc=2.28", "__linux=4.18", "__unix=0=0"),
            "p2",
            id="of another version",
        ),
        pytest.param(
            lock_of(CUDA, "p1"), "", platform("linux-64", *sorted(DEFAULTS)), "linux-64", id="which is the usual one"
        ),
    ],
)
async def test_what_is_locked_goes_to_the_row_of_the_new_machine(
    lock: str, requirements: str, row: str, name: str
) -> None:
    made = read(lock, plain(requirements))
    (locked,) = made.lock.environments[0].conda["linux-64"]

    files = await drive(
        made.write(LockChange(solutions={("default", "linux-64"): (locked,)})), NoCondaLock().content_hashes
    )

    after = files["pixi.lock"]
    head, entries = lock.index("environments"), lock.index("packages:\n- conda")
    (old,) = made.written.environments[0].conda
    assert after == (
        f"version: 7\nplatforms:\n{row}"
        + lock[head:entries].replace(f"      {old}:", f"      {name}:")
        + lock[entries:]
    )
    assert frame_differences(read(after, plain(requirements)).workspace) == {}


async def test_the_usual_machine_is_not_written_where_another_one_has_its_name() -> None:
    made = read(lock_of(platform("linux-64", "__cuda=12", *DEFAULTS), "linux-64"), plain())

    with pytest.raises(LockError, match="another machine"):
        await drive(made.write(LockChange(solutions={})), NoCondaLock().content_hashes)


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
