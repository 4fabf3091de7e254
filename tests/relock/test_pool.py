"""The pool answers every request, whatever becomes of its children. The children here are real processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.children.bounds import MEBIBYTE
from bot.children.child import Child
from bot.children.starting import ALLOWED, child_environment
from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import PackageName, Subdir
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.relock import SolverLimits, SolverPool
from bot.relock.process import SolverProcess
from bot.relock.protocol import Question, encode
from bot.settings import ChannelSettings, Private
from tests.channels import ALIAS, SilentChannel, served, settings_for

TOOLS = 20


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    async with served(a=tuple(record("tool", f"{number}.0", subdir="linux-64") for number in range(TOOLS))) as demo:
        yield demo


@pytest.fixture
async def silent() -> AsyncIterator[SilentChannel]:
    async with SilentChannel() as channel:
        yield channel


@pytest.fixture
def settings(server: DemoChannel, silent: SilentChannel, tmp_path: Path) -> ChannelSettings:
    return settings_for(server, tmp_path, silent.as_mirror_of("silent"))


def ask(spec: str = "tool", channel: str = "a") -> SolveRequest:
    return SolveRequest(channels=(f"{ALIAS}/{channel}",), subdir=Subdir("linux-64"), specs=(spec,), virtual_packages=())


def version(result: SolveResult) -> str:
    assert isinstance(result, Solution), result
    return result.records[0].version


def children(pool: SolverPool) -> set[int]:
    return {child.pid for child in pool._alive}


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.started
async def test_results_cross_the_process_border_whole(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=1) as pool:
        session = pool.session()
        solution = await session.solve(ask("tool 3.0"))
        unsolvable = await session.solve(ask("tool 99"))
        not_solved = await session.solve(ask("tool >>=1"))
        assert isinstance(solution, Solution)
        again = await session.solve(replace(ask(), locked=solution.records))

    assert version(solution) == "3.0"
    assert again == solution
    assert isinstance(unsolvable, Unsolvable)
    assert "tool ==99" in unsolvable.text
    assert isinstance(not_solved, NotSolved)


async def test_twenty_requests_on_two_processes_each_get_their_own_result(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=2) as pool:
        session = pool.session()
        results = await asyncio.gather(*(session.solve(ask(f"tool {number}.0")) for number in range(TOOLS)))
        started = len(children(pool))

    assert [version(each) for each in results] == [f"{number}.0" for number in range(TOOLS)]
    assert started == 2


async def test_first_come_is_first_served(settings: ChannelSettings) -> None:
    served_: list[int] = []

    async def solve(number: int) -> None:
        await session.solve(ask(f"tool {number}.0"))
        served_.append(number)

    async with SolverPool(settings, processes=1) as pool:
        session = pool.session()
        await asyncio.gather(*map(solve, range(TOOLS)))

    assert served_ == list(range(TOOLS))


async def test_no_process_is_started_before_it_is_needed(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=2) as pool:
        before = children(pool)
        await pool.solve(ask())
        after = children(pool)

    assert (len(before), len(after)) == (0, 1)


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(SolverLimits(solves=1), id="after so many solves"),
        pytest.param(SolverLimits(recycle_above=1), id="once it held too much memory"),
    ],
)
async def test_a_child_is_replaced(settings: ChannelSettings, limits: SolverLimits) -> None:
    seen: list[set[int]] = []
    original = SolverPool._end

    async def noted(pool: SolverPool, child: object) -> None:
        seen.append(children(pool))
        await original(pool, child)  # type: ignore[arg-type]  # only passed on

    pool = SolverPool(settings, processes=1, limits=limits)
    pool._end = noted.__get__(pool)  # type: ignore[method-assign]  # looks at who is ended
    results = [await pool.solve(ask(f"tool {number}.0")) for number in range(2)]

    assert [version(each) for each in results] == ["0.0", "1.0"]
    assert len(set.union(*seen)) == 2
    assert children(pool) == set()
    await pool.aclose()


@pytest.mark.started
async def test_a_child_that_is_killed_costs_one_request(settings: ChannelSettings, silent: SilentChannel) -> None:
    async with SolverPool(settings, processes=1) as pool:
        solving = asyncio.create_task(pool.solve(ask(channel="silent")))
        await silent.asked.wait()
        [killed] = children(pool)
        os.kill(killed, signal.SIGKILL)
        result = await solving
        following = await pool.solve(ask("tool 1.0"))

        assert children(pool).isdisjoint({killed})

    assert isinstance(result, NotSolved)
    assert result.reason == "The solver stopped before it was done (signal SIGKILL)."
    assert version(following) == "1.0"


async def test_a_child_that_died_between_two_requests_costs_none(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=1) as pool:
        await pool.solve(ask())
        [child] = pool._idle
        child._child.process.kill()
        await child._child.process.wait()

        assert version(await pool.solve(ask("tool 2.0"))) == "2.0"


@pytest.mark.usefixtures("silent")
async def test_a_solve_ends_with_its_time(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=1, limits=SolverLimits(seconds=0.5)) as pool:
        result = await pool.solve(ask(channel="silent"))

        assert children(pool) == set()
        assert result == NotSolved(reason="The solver did not finish within 0.5 seconds.")


@pytest.mark.started
@pytest.mark.skipif(sys.platform == "win32", reason="memory is not watched on Windows")
async def test_memory_is_bounded(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=1, limits=SolverLimits(memory=8 * MEBIBYTE)) as pool:
        result = await pool.solve(ask())

        assert children(pool) == set()
    assert result == NotSolved(reason="The solver needed more than 8 MB of memory.")


async def test_a_session_sees_one_state_and_the_next_one_sees_the_news(
    settings: ChannelSettings, server: DemoChannel
) -> None:
    async with SolverPool(settings, processes=1) as pool:
        first = pool.session()
        before = version(await first.solve(ask()))
        server["a"].publish([record("tool", "50.0", subdir="linux-64")])
        same = version(await first.solve(ask("tool >1")))
        second = pool.session()
        news = version(await second.solve(ask()))
        still = version(await first.solve(ask("tool >2")))

    assert (before, same, still) == ("19.0", "19.0", "19.0")
    assert news == "50.0"


async def test_what_is_asked_twice_in_a_session_is_solved_once(settings: ChannelSettings) -> None:
    asked: list[bytes] = []
    pool = SolverPool(settings, processes=2)
    answer = pool.answer

    async def counted(question: bytes) -> bytes:
        asked.append(question)
        return await answer(question)

    pool.answer = counted  # type: ignore[method-assign]  # counts the questions
    async with pool:
        session = pool.session()
        one, other = await asyncio.gather(session.solve(ask()), session.solve(ask()))
        third = await session.solve(ask())

    assert one == other == third
    assert len(asked) == 1


async def test_words_that_a_doubtful_question_was_refused_without_are_asked_for_once_they_are_wanted(
    settings: ChannelSettings,
) -> None:
    async with SolverPool(settings, processes=1) as pool:
        session = pool.session()
        silent = await session.solve(replace(ask("tool 99"), is_doubtful=True))
        told = await session.solve(ask("tool 99"))
        again = await session.solve(replace(ask("tool 99"), is_doubtful=True))

    assert silent == Unsolvable(text="", because=(PackageName("tool"),))
    assert isinstance(told, Unsolvable)
    assert "tool" in told.text
    assert again == told


async def test_solutions_of_a_session_share_their_records(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=1) as pool:
        session = pool.session()
        one, other = await session.solve(ask()), await session.solve(ask("tool >1"))

    assert isinstance(one, Solution)
    assert isinstance(other, Solution)
    assert [*map(id, one.records)] == [*map(id, other.records)]


async def test_a_cancelled_request_frees_its_place(settings: ChannelSettings, silent: SilentChannel) -> None:
    async with SolverPool(settings, processes=1) as pool:
        solving = asyncio.create_task(pool.solve(ask(channel="silent")))
        await silent.asked.wait()
        [busy] = children(pool)
        waiting = asyncio.create_task(pool.solve(ask("tool 4.0")))
        solving.cancel()
        result = await waiting

        with pytest.raises(asyncio.CancelledError):
            await solving
        assert not is_running(busy)
    assert version(result) == "4.0"


async def test_a_cancelled_request_does_not_take_its_twin_with_it(settings: ChannelSettings) -> None:
    async with SolverPool(settings, processes=1) as pool:
        session = pool.session()
        first = asyncio.create_task(session.solve(ask()))
        twin = asyncio.create_task(session.solve(ask()))
        await asyncio.wait([first], timeout=0)
        first.cancel()

        assert version(await twin) == "19.0"


async def test_closing_kills_every_child_and_ends_what_is_under_way(
    settings: ChannelSettings, silent: SilentChannel
) -> None:
    async with SolverPool(settings, processes=2) as pool:
        await pool.solve(ask())
        solving = asyncio.create_task(pool.solve(ask(channel="silent")))
        await silent.asked.wait()
        pids = children(pool)
        await pool.aclose()
        results = [await solving, await pool.solve(ask())]

    assert results == [NotSolved(reason="condabot is stopping.")] * 2
    assert not any(map(is_running, pids))
    assert children(pool) == set()


class TestEnvironment:
    def test_only_what_is_on_the_list_is_passed_on(self) -> None:
        given = {"HTTPS_PROXY": "p", "https_proxy": "p", "HOME": "/h", "CANARY": "secret", "DATABASE_URL": "secret"}

        assert child_environment(given) == {"HTTPS_PROXY": "p", "https_proxy": "p", "HOME": "/h"}

    @pytest.mark.started
    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    async def test_a_child_holds_nothing_but_the_list(
        self, settings: ChannelSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CANARY_INHERITED", "secret")
        async with SolverPool(settings, processes=1, environment={"CANARY": "secret", "LANG": "C"}) as pool:
            await pool.solve(ask())
            [pid] = children(pool)
            content = await asyncio.to_thread(Path(f"/proc/{pid}/environ").read_bytes)

        names = {each.partition(b"=")[0].decode() for each in content.split(b"\0") if each}
        assert b"secret" not in content
        assert b"LANG=C" in content
        assert names <= ALLOWED | {"PYTHONPATH"}


@pytest.mark.started
async def test_a_start_that_is_cancelled_leaves_no_process(
    settings: ChannelSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Child] = []

    async def cancelled(child: Child, _content: bytes) -> None:
        started.append(child)
        raise asyncio.CancelledError

    monkeypatch.setattr(Child, "send", cancelled)
    with pytest.raises(asyncio.CancelledError):
        await SolverProcess.start(settings, SolverLimits(), {})

    assert not any(is_running(child.process.pid) for child in started)
    assert len(started) == 1


async def test_questions_about_what_others_may_read_are_answered_by_another_child(settings: ChannelSettings) -> None:
    other = replace(settings, private=Private(prefixes=("https://a.example",)))
    async with SolverPool(settings, processes=1) as pool:
        question = encode(Question.of(ask("tool 3.0"), generation=0))
        told = [settings, settings, other, other, settings]
        by: list[object] = []
        for channels in told:
            await pool.answer_from(channels, question)
            by.append(children(pool))
            assert len(children(pool)) == 1

    assert [each == by[0] for each in by] == [True, True, False, False, False]
    assert by[2] == by[3]
