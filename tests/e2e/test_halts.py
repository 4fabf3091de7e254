"""While writes are stopped everything is read and planned, and nothing on GitHub changes; then they go on."""

import psycopg

from bot.store.halts import Cause, go_on, halt
from tests.e2e.conftest import ENVIRONMENT_YML, World, titles

WRITES = ("create", "update", "delete", "mutation")


async def test_nothing_is_written_until_writes_go_on(world: World) -> None:
    async with await psycopg.AsyncConnection.connect(world.stage.conninfo) as connection:
        await halt(connection, Cause.PERSON, "the operator paused it")
    before = len(world.stage.github.requests)

    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    held = "not written, since nothing is written by the whole App: the operator paused it: would open"
    assert [line.startswith(held) for line in world.outcomes()[-1][:2]] == [True, True]
    assert repository.pulls == {}
    assert repository.branches() == ["main"]
    asked = [each for each in world.asked_since(before) if not each.startswith("apps/")]
    assert [each for each in asked if any(word in each.lower() for word in WRITES)] == []

    async with await psycopg.AsyncConnection.connect(world.stage.conninfo) as connection:
        await go_on(connection)
    await world.wanted(repository)

    assert len(titles(repository)) == 2
