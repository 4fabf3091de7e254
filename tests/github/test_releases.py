"""Releases of public repositories are asked for once, and nothing that goes wrong with them is an error."""

from datetime import timedelta

from bot.demo.github.faults import Fault, FaultKind
from bot.demo.github.repository import Repository
from bot.github.permissions import WRITE
from bot.github.releases import KEPT, LONGEST_NOTES, Releases
from bot.model.project import UpstreamRelease
from tests.github.conftest import World

TOOL = "https://github.com/tool/tool"


async def upstream(world: World, *, private: bool = False) -> Repository:
    repository = world.github.create_repository("tool/tool", {"README.md": ""}, private=private)
    await world.github.owner.release(repository, "v1.0", "First.")
    await world.github.owner.release(repository, "v1.1rc1", "x" * (LONGEST_NOTES + 1), prerelease=True)
    return repository


async def test_the_latest_releases_of_a_public_repository_are_had_with_a_token_for_another(world: World) -> None:
    await upstream(world)

    async with world.client(WRITE) as client:
        found = await Releases().of(client, [TOOL])

    assert found == {
        TOOL: (
            UpstreamRelease(tag="v1.1rc1", notes="x" * LONGEST_NOTES, is_prerelease=True),
            UpstreamRelease(tag="v1.0", notes="First."),
        )
    }


async def test_they_are_remembered_for_some_hours(world: World) -> None:
    await upstream(world)
    releases = Releases()

    for time in (timedelta(), KEPT / 2, KEPT):
        world.clock.advance(time.total_seconds())
        async with world.client(WRITE) as client:
            await releases.of(client, [TOOL, TOOL])

    assert world.asked().count("repos/list-releases") == 2


async def test_what_is_not_there_not_to_be_seen_or_elsewhere_has_none(world: World) -> None:
    await upstream(world, private=True)

    async with world.client(WRITE) as client:
        found = await Releases().of(
            client,
            [
                TOOL,
                "https://github.com/no/such",
                "https://gitlab.com/tool/tool",
                "https://github.com/tool/..",
                "https://github.com/tool/tool/issues",
                "http://github.com/tool/tool",
            ],
        )

    assert found == {}
    assert world.asked().count("repos/list-releases") == 2


async def test_what_is_no_list_of_releases_is_none(world: World) -> None:
    await upstream(world)
    world.github.faults.add(Fault(kind=FaultKind.WRONG_SHAPE, operation="repos/list-releases"))

    async with world.client(WRITE) as client:
        assert await Releases().of(client, [TOOL]) == {}


async def test_no_answer_is_no_error_and_not_remembered(world: World) -> None:
    await upstream(world)
    releases = Releases()
    world.github.faults.add(Fault(kind=FaultKind.BAD_GATEWAY, operation="repos/list-releases", times=None))

    async with world.client(WRITE) as client:
        assert await releases.of(client, [TOOL]) == {}
    world.github.faults.clear()

    async with world.client(WRITE) as client:
        assert TOOL in await releases.of(client, [TOOL])
