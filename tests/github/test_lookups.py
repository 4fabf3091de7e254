"""Nothing is made twice: check runs by our id, comments by their key; also when the answer to making one was lost."""

import pytest

from bot.demo.github.faults import Fault, FaultKind
from bot.errors import AnswerLost, GitHubError
from bot.github import checks, comments
from bot.github.checks import CheckResult, Conclusion
from bot.github.client import Client
from bot.github.lookup import ensured
from bot.github.model import Oid
from bot.github.overview import overview
from bot.github.permissions import WRITE
from tests.clocks import ManualClock
from tests.github.conftest import PREFIX, World
from tests.github.test_github_flow import proposed

GOOD = CheckResult(conclusion=Conclusion.SUCCESS, title="Solved", summary="s" * 70_000)
BAD = CheckResult(conclusion=Conclusion.FAILURE, title="Broken", summary="why")
LOST = [FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY, FaultKind.RESET_BEFORE]

pytestmark = pytest.mark.interrupted


async def report(client: Client, world: World, result: CheckResult, external_id: str = "ours") -> int:
    head = Oid(world.repository.head("main") or "")
    return await checks.report(client, name="condabot", head=head, external_id=external_id, result=result)


async def test_a_check_that_says_the_same_is_left(world: World) -> None:
    async with world.client(WRITE) as client:
        first = await report(client, world, GOOD)
        before = len(world.asked())
        assert await report(client, world, GOOD) == first
        assert world.asked()[before:] == ["checks/list-for-ref"]
    assert len(world.repository.check_runs) == 1


async def test_a_check_that_says_something_else_is_changed(world: World) -> None:
    async with world.client(WRITE) as client:
        first = await report(client, world, GOOD)
        assert await report(client, world, BAD) == first
        assert await report(client, world, BAD, external_id="of another proposal") != first
    assert [run.conclusion for run in world.repository.check_runs.values()] == ["failure", "failure"]


@pytest.mark.parametrize("kind", LOST)
async def test_a_check_whose_answer_was_lost_is_there_once(world: World, kind: FaultKind) -> None:
    world.github.faults.add(Fault(kind=kind, operation="checks/create"))
    async with world.client(WRITE) as client:
        await report(client, world, GOOD)
    assert not world.github.faults.pending
    assert len(world.repository.check_runs) == 1


async def test_a_check_is_started_once_and_anew_when_it_has_ended(world: World) -> None:
    head = Oid(world.repository.head("main") or "")
    async with world.client(WRITE) as client:
        first = await checks.start(client, name="condabot", head=head, external_id="ours")
        assert await checks.start(client, name="condabot", head=head, external_id="ours") == first
        await checks.finish(client, first, GOOD)
        second = await checks.start(client, name="condabot", head=head, external_id="ours")
        assert second != first
        assert await report(client, world, BAD) == second
    assert len(world.repository.check_runs) == 2


async def bot_id(client: Client) -> int:
    return (await overview(client, prefix=PREFIX)).bot.user_id


@pytest.mark.parametrize("kind", LOST)
async def test_a_comment_is_there_once_and_edited_in_place(world: World, kind: FaultKind) -> None:
    await proposed(world)
    world.github.faults.add(Fault(kind=kind, operation="issues/create-comment"))
    async with world.client(WRITE) as client:
        bot = await bot_id(client)
        first = await comments.say(client, 1, key="why", text="Because.", author_id=bot)
        before = len(world.asked())
        assert await comments.say(client, 1, key="why", text="Because.", author_id=bot) == first
        assert world.asked()[before:] == ["issues/list-comments"]
        assert await comments.say(client, 1, key="why", text="Because of you.", author_id=bot) == first
        assert await comments.say(client, 1, key="what", text="That.", author_id=bot) != first
    bodies = [each.body for each in world.repository.pulls[1].comments]
    assert bodies == [
        "Because of you.\n\n<!-- condabot:comment why -->",
        "That.\n\n<!-- condabot:comment what -->",
    ]


async def test_a_comment_of_somebody_else_is_not_touched(world: World) -> None:
    """With the marker in it, copied from the bot's: it may edit every comment, and must not."""
    await proposed(world)
    async with world.client(WRITE) as client:
        bot = await bot_id(client)
        theirs = await comments.say(client, 1, key="why", text="Mine.", author_id=bot)
        ours = await comments.say(client, 1, key="why", text="Because.", author_id=bot + 1)
    assert ours != theirs
    assert world.repository.pulls[1].comments[0].body.startswith("Mine.")


async def test_a_key_that_ends_the_marker_is_none(world: World) -> None:
    async with world.client(WRITE) as client:
        with pytest.raises(ValueError, match="cannot be hidden"):
            await comments.say(client, 1, key="--> hello", text="x", author_id=1)


async def test_what_is_not_there_after_a_lost_answer_is_made_once_more() -> None:
    clock = ManualClock()
    asked: list[str] = []

    async def look() -> str | None:
        asked.append("look")
        return None

    async def make() -> str:
        asked.append("make")
        raise AnswerLost("lost")

    with pytest.raises(AnswerLost):
        await ensured(look, make, clock=clock)
    assert asked == ["look", "make", "look", "make"]
    assert len(clock.sleeps) == 1


async def test_a_refusal_is_not_looked_into(world: World) -> None:
    async with world.client(WRITE) as client:
        with pytest.raises(GitHubError):
            await checks.report(client, name="condabot", head=Oid("0" * 40), external_id="x", result=GOOD)
