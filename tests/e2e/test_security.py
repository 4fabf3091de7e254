"""A vulnerable package in the App: mended at once, whatever else waits, and said where it cannot be."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.composition.service import HEEDING
from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.index import DemoIndex, wheel
from bot.demo.mapping import DemoMapping
from bot.demo.passing_time import ToldClock, live_by_told_time, tell_time
from bot.demo.stage import Keys, Scenery, open_stage
from bot.jobs.calm import Calm
from tests.e2e.conftest import ENVIRONMENT_YML, TUESDAY, World, small_channel, titles
from tests.e2e.test_pypi_locks import LOCK, MANIFEST, RECORDS, packages

MENDED = "[security] Update alpha from 1.0 to 1.1"
CONFIGURED = {".github/condabot.yml": "labels: []\n", "environment.yml": ENVIRONMENT_YML}


def advisory(fixed: str, name: str = "alpha") -> str:
    """Return an advisory about the package *name* in OSV's form."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return json.dumps({"id": "GHSA-1", "aliases": ["CVE-1"], "summary": "It leaks.", "affected": [affected]})


@pytest.fixture
def advisories(tmp_path: Path) -> Path:
    (tmp_path / "advisories").mkdir()
    (tmp_path / "advisories" / "one.json").write_text(advisory("1.1"))
    return tmp_path / "advisories"


@pytest.fixture
async def scenery(database: str, keys: Keys, advisories: Path) -> Scenery:
    """A world as calm as GitHub's own, on a Tuesday, with an advisory about alpha."""
    clock = ToldClock(TUESDAY)
    live_by_told_time(database)
    await tell_time(database, clock.now())
    return Scenery(
        channel=small_channel(),
        mapping=DemoMapping(by_name={"alpha": ["alpha"], "core": None}),
        advisories=advisories,
        database_url=database,
        keys=keys,
        clock=clock,
        calm=Calm(),
        has_duties=True,
    )


@pytest.fixture
async def world(tmp_path: Path, scenery: Scenery) -> AsyncIterator[World]:
    async with open_stage(tmp_path, scenery) as stage:
        yield World(stage=stage)
        await stage.idle()
        assert stage.github.violations == []


async def test_what_mends_a_vulnerability_waits_for_nothing_and_for_nobody(world: World) -> None:
    repository = await world.installed("acme/small", CONFIGURED)
    first = titles(repository)
    await world.wanted(repository)

    assert MENDED in first.values()
    assert titles(repository) == first
    [pull] = [each for each in repository.pulls.values() if each.title == MENDED]
    body = pull.body or ""
    assert "alpha 1.0 is affected by GHSA-1" in body
    assert "alpha=1.1  # first" in repository.read(pull.head_sha, "environment.yml").decode()


async def test_an_advisory_that_comes_later_is_heeded_within_the_hour(world: World, advisories: Path) -> None:
    (advisories / "one.json").write_text(advisory("0.5"))
    repository = await world.installed("acme/small", CONFIGURED)
    await world.stage.duties.do(HEEDING)
    await world.stage.idle()
    assert MENDED not in titles(repository).values()

    (advisories / "one.json").write_text(advisory("1.1"))
    await world.stage.duties.do(HEEDING)
    await world.stage.idle()

    assert MENDED in titles(repository).values()


async def test_where_nothing_mends_it_the_report_beside_the_head_says_so(world: World, advisories: Path) -> None:
    (advisories / "one.json").write_text(advisory("3.0"))

    await world.installed("acme/small", CONFIGURED)

    [outcomes] = world.outcomes()
    assert any("is affected by GHSA-1" in each and "no release that is not affected" in each for each in outcomes)
    assert "advisories: 1 package held against advisories, 1 affected; of 1 package nothing is known" in outcomes


async def test_what_is_ignored_is_not_proposed_and_the_report_says_why(world: World) -> None:
    said = 'advisories: {ignore: [{id: CVE-1, reason: "no @person reads #1"}]}\n'
    repository = await world.installed("acme/small", {**CONFIGURED, ".github/condabot.yml": said})

    [outcomes] = world.outcomes()
    assert MENDED not in titles(repository).values()
    assert any(each.startswith("not affected: alpha 1.0 is not affected by GHSA-1") for each in outcomes)


async def test_a_wheel_moves_to_the_lowest_release_that_uv_resolves(
    tmp_path: Path, scenery: Scenery, advisories: Path
) -> None:
    (advisories / "two.json").write_text(advisory("1.1", "stats"))
    needs = {"1.0": "helper", "1.1": "helper>=9", "1.2": "helper", "1.3": "helper"}
    offers = (wheel("stats", version, requires_dist=(need,)) for version, need in needs.items())
    there = replace(
        scenery,
        channel=DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*RECORDS))),
        index=DemoIndex(*offers, wheel("helper", "1.0"), files_url="../../files"),
    )
    async with open_stage(tmp_path, there) as stage:
        world = World(stage=stage)
        files = {".github/condabot.yml": "labels: []\n", "pixi.toml": MANIFEST, "pixi.lock": LOCK}

        repository = await world.installed("acme/site", files)

        assert "[security] Update stats from 1.0 to 1.2" in titles(repository).values()
        locked = packages(repository, "security-pypi-stats")
        assert locked == ["helper-1.0", "numpy-1.26.4", "python-3.12.4", "stats-1.2"]
        await stage.idle()
