"""The sample repositories: their locks are true, and have the updates they are there for."""

import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from rattler import Channel, Client, Gateway, LockFile, RepoDataRecord, Subdir, solve
from rattler.exceptions import SolverError
from rattler.networking.middleware import MirrorMiddleware

from bot.demo.channel import CONDA_FORGE, ChannelData, DemoChannel
from bot.demo.samples import NAMES, sample_files
from fixtures.make_samples import SAMPLES, VIRTUAL_PACKAGES, environments, main, virtual_packages

LOCKED = tuple(sample.folder for sample in SAMPLES)
PLATFORMS = tuple(VIRTUAL_PACKAGES)
READS_ONE_CHANNEL = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """All tests read one channel, to which nobody publishes anything."""
    async with DemoChannel() as channel:
        yield Gateway(cache_dir=tmp_path_factory.mktemp("cache"), client=Client([MirrorMiddleware(channel.mirrors)]))


async def solved(gateway: Gateway, specs: list[str], platform: str) -> dict[str, str]:
    records: list[RepoDataRecord] = await solve(
        [Channel(CONDA_FORGE)],
        specs,
        gateway=gateway,
        platforms=[Subdir(platform), "noarch"],
        virtual_packages=virtual_packages(platform),
    )
    return {each.name.normalized: str(each.version) for each in records}


def specs_of(name: str, environment: str, platform: str) -> list[str]:
    manifest = tomllib.loads(sample_files(name)["pixi.toml"].decode())
    [found] = [each for each in environments(manifest) if each.name == environment]
    return list(found.specs[platform])


def lock_path(tmp_path: Path, name: str) -> Path:
    path = tmp_path / "pixi.lock"
    path.write_bytes(sample_files(name)["pixi.lock"])
    return path


def locked_records(path: Path) -> dict[str, list[RepoDataRecord]]:
    lock = LockFile.from_path(path)
    return {
        f"{name} {platform.name}": environment.conda_repodata_records_for_platform(platform) or []
        for name, environment in lock.environments()
        for platform in environment.platforms()
    }


def test_every_sample_has_the_files_of_its_kind() -> None:
    assert {name: sorted(sample_files(name)) for name in NAMES} == {
        "pixi-workspace": ["pixi.lock", "pixi.toml"],
        "pixi-v6": ["pixi.lock", "pixi.toml"],
        "conda-analysis": ["environment-docs.yml", "environment.yml"],
        "held-back": ["pixi.lock", "pixi.toml"],
    }


def test_the_locks_are_what_the_solver_gave_on_their_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOCKED:
        (tmp_path / name).mkdir()
        (tmp_path / name / "pixi.toml").write_bytes(sample_files(name)["pixi.toml"])
    monkeypatch.setattr(sys, "argv", ["make_samples.py", str(tmp_path)])
    main()
    for name in LOCKED:
        assert (tmp_path / name / "pixi.lock").read_bytes() == sample_files(name)["pixi.lock"]


@pytest.mark.parametrize("name", LOCKED)
def test_every_locked_package_is_in_the_channel_with_the_same_hash(tmp_path: Path, name: str) -> None:
    channel = {f"{CONDA_FORGE}/{each.subdir}/{each.fn}": each.sha256 for each in ChannelData.demo().records()}
    records = [each for group in locked_records(lock_path(tmp_path, name)).values() for each in group]
    assert records
    assert {each.url: (each.sha256 or b"").hex() for each in records}.items() <= channel.items()


@pytest.mark.parametrize("name", ["pixi-workspace", "held-back"])
def test_py_rattler_writes_the_version_7_locks_again_byte_for_byte(tmp_path: Path, name: str) -> None:
    path = lock_path(tmp_path, name)
    LockFile.from_path(path).to_path(tmp_path / "again.lock")
    assert (tmp_path / "again.lock").read_bytes() == path.read_bytes()


def test_the_environments_of_the_solve_group_agree_and_the_smaller_is_part_of_the_larger(tmp_path: Path) -> None:
    locked = locked_records(lock_path(tmp_path, "pixi-workspace"))
    for platform in PLATFORMS:
        default, test = ({each.url for each in locked[f"{name} {platform}"]} for name in ("default", "test"))
        assert default < test


def test_the_version_6_lock_says_so_and_has_no_table_of_platforms() -> None:
    lock = yaml.load(sample_files("pixi-v6")["pixi.lock"], yaml.CSafeLoader)
    assert list(lock) == ["version", "environments", "packages"]
    assert lock["version"] == 6


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("name", "environment", "package", "release", "blocker"),
    [
        pytest.param("held-back", "default", "numpy", "2.5.2", "numba", id="no numba allows the newest numpy"),
        pytest.param("pixi-workspace", "default", "numpy", "2.5.2", "scipy", id="the pinned scipy forbids numpy 2.5"),
        pytest.param("pixi-workspace", "docs", "sphinx", "9.1.0", "myst-parser", id="myst-parser 4 forbids sphinx 9"),
        pytest.param("pixi-v6", "default", "pydantic", "2.13.4", "pydantic-core", id="its core holds pydantic back"),
    ],
)
@READS_ONE_CHANNEL
async def test_a_forbidden_update(  # noqa: PLR0917 -- a table's columns
    gateway: Gateway, name: str, environment: str, package: str, release: str, blocker: str, platform: str
) -> None:
    others = [spec for spec in specs_of(name, environment, platform) if spec.split()[0] != package]
    with pytest.raises(SolverError, match=rf"{blocker} "):
        await solved(gateway, [*others, f"{package} =={release}"], platform)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("name", "environment", "package", "release"),
    [
        pytest.param("held-back", "default", "numpy", "2.4.6", id="a smaller step of the held back numpy is free"),
        pytest.param("held-back", "default", "pandas", "3.0.5", id="a major update of the held-back sample"),
        pytest.param("pixi-workspace", "default", "pandas", "3.0.5", id="a major update of the workspace"),
        pytest.param("pixi-workspace", "default", "polars", "1.43.2", id="polars goes on as a noarch package"),
        pytest.param("pixi-workspace", "test", "pytest", "9.1.1", id="a major update of the test environment only"),
        pytest.param("pixi-workspace", "docs", "myst-parser", "5.1.0", id="a major update of the docs only"),
        pytest.param("pixi-v6", "default", "ipykernel", "7.3.0", id="a major update of the older workspace"),
    ],
)
@READS_ONE_CHANNEL
async def test_an_update(
    gateway: Gateway, name: str, environment: str, package: str, release: str, platform: str
) -> None:
    others = [spec for spec in specs_of(name, environment, platform) if spec.split()[0] != package]
    assert (await solved(gateway, [*others, f"{package} =={release}"], platform))[package] == release


@READS_ONE_CHANNEL
async def test_an_update_that_one_platform_has_first(gateway: Gateway) -> None:
    newest = {
        platform: (await solved(gateway, specs_of("pixi-workspace", "default", platform), platform))["sqlalchemy"]
        for platform in PLATFORMS
    }
    assert newest == {"linux-64": "2.0.52", "osx-arm64": "2.0.51", "win-64": "2.0.51"}
