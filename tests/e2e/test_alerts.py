"""GitHub's code scanning is told what is wrong with locks: where it is wanted and allowed, once, and taken back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.github.repository import Repository
from bot.demo.github.state import USUAL_PERMISSIONS
from bot.demo.mapping import DemoMapping
from bot.demo.passing_time import ToldClock, live_by_told_time, tell_time
from bot.demo.stage import Keys, Scenery, open_stage
from tests.e2e.conftest import TUESDAY, World, small_channel, titles
from tests.e2e.test_pull_looks import ALPHA_1, ALPHA_2, CORE_2, MANIFEST, lock
from tests.e2e.test_security import advisory

CONFIGURATION = ".github/condabot.yml"
FILES = {"pixi.toml": MANIFEST, "pixi.lock": lock(ALPHA_1, CORE_2), CONFIGURATION: "codeScanning: true\n"}
MAY = {**USUAL_PERMISSIONS, "security_events": "write"}


@pytest.fixture
async def world(tmp_path: Path, database: str, keys: Keys) -> AsyncIterator[World]:
    """A world with an advisory about alpha, which ends with 2.0."""
    clock = ToldClock(TUESDAY)
    live_by_told_time(database)
    await tell_time(database, clock.now())
    (tmp_path / "advisories").mkdir()
    (tmp_path / "advisories" / "one.json").write_text(advisory("2.0"))
    scenery = Scenery(
        channel=small_channel(),
        mapping=DemoMapping(by_name={"alpha": ["alpha"], "core": None}),
        advisories=tmp_path / "advisories",
        database_url=database,
        keys=keys,
        clock=clock,
    )
    async with open_stage(tmp_path, scenery) as stage:
        yield World(stage=stage)
        await stage.idle()
        assert stage.github.violations == []


async def installed(world: World, permissions: dict[str, str]) -> Repository:
    repository = world.stage.github.create_repository("acme/app", FILES)
    await world.stage.github.install("acme", [repository], permissions)
    await world.stage.idle()
    return repository


def results(repository: Repository) -> list[list[tuple[str, Any]]]:
    """Return the rule and the line of each finding of every upload."""
    return [
        [
            (each["ruleId"], each["locations"][0]["physicalLocation"]["region"]["startLine"])
            for each in scan.sarif["runs"][0]["results"]
            if each["ruleId"] == "advisory"
        ]
        for scan in repository.scans
    ]


async def test_findings_are_told_once_again_when_they_are_others_and_taken_back(world: World) -> None:
    repository = await installed(world, MAY)

    [first] = repository.scans
    assert (first.ref, first.commit) == ("refs/heads/main", repository.head("main"))
    assert results(repository) == [[("advisory", 11)]]
    await world.wanted(repository)
    await world.pushed(repository, {"README.md": "hello"})
    assert len(repository.scans) == 1
    assert any(each.startswith("code scanning shows ") for each in world.outcomes()[-1])

    await world.pushed(repository, {"pixi.lock": lock(ALPHA_2, CORE_2), "pixi.toml": MANIFEST.replace("1.*", "2.*")})
    assert results(repository)[1:] == [[]]

    await world.pushed(repository, {CONFIGURATION: "labels: []\n"})
    assert [len(each.sarif["runs"][0]["results"]) for each in repository.scans[2:]] == [0]
    await world.pushed(repository, {CONFIGURATION: "labels: [x]\n"})
    assert len(repository.scans) == 3


async def test_without_the_permission_that_is_said_and_everything_else_is_done(world: World) -> None:
    repository = await installed(world, dict(USUAL_PERMISSIONS))

    [outcomes] = world.outcomes()
    [said] = [each for each in outcomes if "code scanning" in each]
    assert "code scanning is not told what is wrong with locks: the App may not write security_events" in said
    assert repository.scans == []
    assert "[security] Update alpha from 1.0 to 2.0" in titles(repository).values()
    asked = [each.operation for each in world.stage.github.requests]
    assert not [each for each in asked if each and each.startswith("code-scanning/")]
