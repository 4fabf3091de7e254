"""What is merged is handed over: once, again when it is another one, and later where the target is not there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.credentials import Bearer
from bot.demo.passing_time import ToldClock, live_by_told_time, tell_time
from bot.demo.stage import Keys, Scenery, open_stage
from bot.model.bundle import TargetKind
from bot.settings import PagesSettings
from bot.targets import Target
from tests.e2e.conftest import OPERATOR, TUESDAY, Living, small_channel
from tests.e2e.test_pull_looks import ALPHA_1, ALPHA_2, CORE_2, MANIFEST, lock
from tests.handover.conda_store import TOKEN, FakeCondaStore

FILES = {
    "pixi.toml": MANIFEST,
    "pixi.lock": lock(ALPHA_1, CORE_2),
    ".github/condabot.yml": "handOver: [{target: team}]\n",
}


@pytest.fixture
async def store() -> AsyncIterator[FakeCondaStore]:
    async with FakeCondaStore() as store:
        yield store


@pytest.fixture
async def world(tmp_path: Path, database: str, keys: Keys, store: FakeCondaStore) -> AsyncIterator[Living]:
    clock = ToldClock(TUESDAY)
    live_by_told_time(database)
    await tell_time(database, clock.now())
    team = Target(
        name="team", kind=TargetKind.CONDA_STORE, url=f"{store.url}/conda-store", proof=Bearer(TOKEN), namespace="x"
    )
    scenery = Scenery(
        channel=small_channel(),
        database_url=database,
        keys=keys,
        clock=clock,
        pages=PagesSettings(operator_token=OPERATOR),
        targets=(team,),
    )
    async with open_stage(tmp_path, scenery) as stage:
        yield Living(stage=stage, clock=clock)
        await stage.idle()
        assert stage.github.violations == []


async def test_a_merged_lock_is_handed_over_once_and_again_when_it_is_another_one(
    world: Living, store: FakeCondaStore
) -> None:
    repository = await world.installed("acme/app", FILES)

    [first] = store.builds
    assert (first["namespace"], first["environment_name"]) == ("x", "app")
    assert first["environment_description"].startswith(f"acme/app at {repository.head('main')}, sha256:")
    assert "alpha-1.0" in first["specification"]
    assert "handed over to team: x/app, build 1" in world.outcomes()[-1]

    await world.wanted(repository)
    assert store.requests == ["GET", "POST"]

    store.is_down = True
    await world.pushed(repository, {"pixi.lock": lock(ALPHA_2, CORE_2)})
    assert len(store.builds) == 1
    assert [each for each in world.outcomes()[-1] if each.startswith("not handed over to team (conda-store): ")]

    store.is_down = False
    await world.passes(timedelta(minutes=7))
    assert len(store.builds) == 2
    assert "alpha-2.0" in store.builds[1]["specification"]
    [(handed,)] = world.asked_of("SELECT handed FROM repository WHERE repository_id = %s", repository.id)
    assert (handed["team"]["place"], handed["team"]["failures"]) == ("x/app, build 2", 0)
