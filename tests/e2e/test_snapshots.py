"""GitHub's dependency graph is told what locks hold: where it is wanted, once, and taken back when it is over."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.github.repository import Repository
from bot.demo.mapping import DemoMapping
from bot.demo.passing_time import ToldClock, live_by_told_time, tell_time
from bot.demo.stage import Keys, Scenery, open_stage
from tests.e2e.conftest import TUESDAY, World, small_channel
from tests.e2e.test_pull_looks import ALPHA_1, ALPHA_2, CORE_2, MANIFEST, lock

CONFIGURATION = ".github/condabot.yml"
FILES = {"pixi.toml": MANIFEST, "pixi.lock": lock(ALPHA_1, CORE_2), CONFIGURATION: "dependencySnapshots: true\n"}
KEY = "condabot pixi.lock default linux-64"
MANIFEST_NAME = "pixi.lock (default, linux-64)"


@pytest.fixture
async def world(tmp_path: Path, database: str, keys: Keys) -> AsyncIterator[World]:
    """A world in which alpha is on PyPI, by another name, and core is not."""
    clock = ToldClock(TUESDAY)
    live_by_told_time(database)
    await tell_time(database, clock.now())
    mapping = DemoMapping(by_name={"alpha": ["alpha-py"], "core": None})
    scenery = Scenery(channel=small_channel(), mapping=mapping, database_url=database, keys=keys, clock=clock)
    async with open_stage(tmp_path, scenery) as stage:
        yield World(stage=stage)
        await stage.idle()
        assert stage.github.violations == []


def resolved(snapshot: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Return the packages of *snapshot*: how they are asked for, and what they need."""
    found = snapshot["manifests"][MANIFEST_NAME]["resolved"]
    return {name.partition("?")[0]: (each["relationship"], each["dependencies"]) for name, each in found.items()}


async def told(world: World, repository: Repository, files: dict[str, str]) -> list[dict[str, Any]]:
    """Push *files*, and return what the graph is told because of that."""
    before = len(repository.snapshots)
    await world.pushed(repository, files)
    return repository.snapshots[before:]


async def test_a_lock_is_told_once_and_again_when_it_is_another_one(world: World) -> None:
    repository = await world.installed("acme/app", FILES)

    [first] = repository.snapshots
    assert first["job"]["correlator"] == KEY
    assert (first["ref"], first["sha"]) == ("refs/heads/main", repository.head("main"))
    assert first["manifests"][MANIFEST_NAME]["file"] == {"source_location": "pixi.lock"}
    assert resolved(first) == {"pkg:pypi/alpha-py@1.0": ("direct", []), "pkg:conda/core@2.0": ("direct", [])}

    await world.wanted(repository)
    assert await told(world, repository, {"README.md": "hello"}) == []
    assert len(repository.snapshots) == 1

    [second] = await told(world, repository, {"pixi.lock": lock(ALPHA_2, CORE_2)})
    assert "pkg:pypi/alpha-py@2.0" in resolved(second)


async def test_what_is_not_wanted_any_more_is_taken_back(world: World) -> None:
    repository = await world.installed("acme/app", FILES)

    [nothing] = await told(world, repository, {CONFIGURATION: "dependencySnapshots: false\n"})

    assert (nothing["job"]["correlator"], nothing["manifests"]) == (KEY, {})
    assert await told(world, repository, {CONFIGURATION: "labels: []\n"}) == []


async def test_nobody_is_told_without_being_asked(world: World) -> None:
    repository = await world.installed("acme/app", {**FILES, CONFIGURATION: "labels: []\n"})

    assert repository.snapshots == []
