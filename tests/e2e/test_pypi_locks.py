"""A pixi.lock with PyPI packages, from the App's scan to a pull request: uv resolves, nothing is built."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.channel import ChannelData, record
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.github.repository import Repository
from bot.demo.index import DemoIndex, sdist, wheel
from bot.demo.stage import Keys, Scenery, open_stage
from bot.egress import default_index_url, resolve_index
from tests.e2e.conftest import AFRESH, World, titles

CHANNEL = "https://conda.anaconda.org/conda-forge"
FILES = "https://files.example"
INDEX = resolve_index(default_index_url()).url
MANIFEST = """\
[workspace]
name = "site"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.12.*"
numpy = ">=1.26,<3"

[pypi-dependencies]
stats = ">=1,<2"  # ours
"""
LOCK = f"""\
version: 6
environments:
  default:
    channels:
    - url: {CHANNEL}/
    indexes:
    - {INDEX}
    packages:
      linux-64:
      - conda: {CHANNEL}/noarch/numpy-1.26.4-pyhd8ed1ab_0.conda
      - conda: {CHANNEL}/noarch/python-3.12.4-pyhd8ed1ab_0.conda
      - pypi: {FILES}/helper-1.0-py3-none-any.whl
      - pypi: {FILES}/stats-1.0-py3-none-any.whl
packages:
- pypi: {FILES}/helper-1.0-py3-none-any.whl
  name: helper
  version: '1.0'
  sha256: {"0" * 64}
- conda: {CHANNEL}/noarch/numpy-1.26.4-pyhd8ed1ab_0.conda
  purls:
  - pkg:pypi/numpy
  timestamp: {AFRESH}
- conda: {CHANNEL}/noarch/python-3.12.4-pyhd8ed1ab_0.conda
  purls: []
  timestamp: {AFRESH}
- pypi: {FILES}/stats-1.0-py3-none-any.whl
  name: stats
  version: '1.0'
  sha256: {"0" * 64}
  requires_dist:
  - helper
  - numpy<2
"""
REPOSITORY = {"pixi.toml": MANIFEST, "pixi.lock": LOCK}
RECORDS = (
    record("python", "3.12.4", timestamp=AFRESH),
    record("numpy", "1.26.4", timestamp=AFRESH),
    record("numpy", "2.0.0", timestamp=AFRESH),
)
OFFERS = (
    wheel("stats", "1.0", requires_dist=("helper", "numpy<2")),
    wheel(
        "stats",
        "1.1",
        requires_dist=("helper", "numpy<3", "more; sys_platform != 'win32'"),
        urls={"Homepage": "https://stats.example/", "Source Code": "https://github.com/acme/stats"},
    ),
    sdist("stats", "1.2"),
    wheel("stats", "2.0", requires_dist=("helper>=9",)),
    wheel("helper", "1.0"),
    wheel("more", "3.0"),
)


@pytest.fixture
async def world(tmp_path: Path, database: str, keys: Keys) -> AsyncIterator[World]:
    scenery = Scenery(
        channel=DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*RECORDS))),
        index=DemoIndex(*OFFERS, files_url="../../files"),
        database_url=database,
        keys=keys,
    )
    async with open_stage(tmp_path, scenery) as stage:
        yield World(stage=stage)
        await stage.idle()
        assert stage.github.violations == []


async def test_wheels_move_with_what_they_need_and_with_the_conda_packages_beside_them(world: World) -> None:
    repository = await world.installed("acme/site", REPOSITORY)

    assert set(titles(repository).values()) == {"Update stats from 1.0 to 1.1", "Update numpy from 1.26.4 to 2.0.0"}
    assert packages(repository, "non-major") == ["helper-1.0", "more-3.0", "numpy-1.26.4", "python-3.12.4", "stats-1.1"]
    assert packages(repository, "numpy-2.x") == ["helper-1.0", "more-3.0", "numpy-2.0.0", "python-3.12.4", "stats-1.1"]


def packages(repository: Repository, key: str) -> list[str]:
    """Return the names and versions of everything that a pull request locks."""
    lock = repository.read(f"condabot/{key}", "pixi.lock").decode()
    return sorted({"-".join(found) for found in re.findall(r"(?:conda|pypi): \S+/([a-z]+)-([\d.]+)-", lock)})


async def test_its_name_leads_to_the_page_that_the_index_says_and_nowhere_if_it_says_none(world: World) -> None:
    repository = await world.installed("acme/site", REPOSITORY)

    body = next(pull.body or "" for pull in repository.pulls.values() if "stats" in pull.title)
    assert "| [`stats`](https://stats.example/) | `1.0` -> `1.1` |" in body
    assert "[`helper`]" not in body


async def test_what_does_not_resolve_says_why_and_no_mirror_is_locked(world: World) -> None:
    repository = await world.installed("acme/site", REPOSITORY)

    [outcomes] = world.outcomes()
    assert (
        "held back stats 1.0: stats 2.0 does not resolve beside the other packages of default on linux-64" in outcomes
    )
    assert b"127.0.0.1" not in repository.read("condabot/non-major", "pixi.lock")
