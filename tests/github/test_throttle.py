"""The budget of an installation in memory: writes apart and counted, reserved ones kept, people before sweeps."""

import asyncio

import pytest

from bot.errors import GitHubUnavailable
from bot.github.limits import Block, Heard
from bot.github.throttle import HOUR, READ, WRITE, Budget, Pace, Priority, Throttles
from tests.clocks import ManualClock

INSTALLATION = 7


async def write(budget: Budget) -> None:
    async with budget.turn(WRITE):
        pass


def budget(clock: ManualClock, pace: Pace) -> Budget:
    return Throttles(pace=pace, clock=clock).budget(INSTALLATION, Priority.PERSON)


async def test_writes_come_one_at_a_time_and_a_second_apart() -> None:
    clock = ManualClock()
    ours = budget(clock, Pace())
    await asyncio.gather(*(write(ours) for _ in range(3)))
    assert clock.sleeps == [1.0, 1.0]
    clock.advance(5)
    await write(ours)
    assert clock.sleeps == [1.0, 1.0]


async def test_the_writes_of_an_hour_are_counted() -> None:
    clock = ManualClock()
    ours = budget(clock, Pace(write_interval=0, writes_per_hour=2))
    await write(ours)
    clock.advance(60)
    await write(ours)
    with pytest.raises(GitHubUnavailable) as caught:
        await write(ours)
    assert caught.value.retry_after == HOUR - 60 + 1
    clock.advance(HOUR)
    await write(ours)


async def test_no_more_requests_at_once_than_allowed() -> None:
    ours = budget(ManualClock(), Pace(concurrency=1))
    order = []

    async def request(name: str) -> None:
        async with ours.turn(READ):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(request("a"), request("b"))
    assert order == ["a begins", "a ends", "b begins", "b ends"]


async def test_a_sweep_leaves_a_fifth_to_people() -> None:
    throttles = Throttles(pace=Pace(write_interval=0, writes_per_hour=5), clock=ManualClock())
    sweep = throttles.budget(INSTALLATION, Priority.SWEEP)
    for _ in range(4):
        await write(sweep)
    with pytest.raises(GitHubUnavailable):
        await write(sweep)
    await write(throttles.budget(INSTALLATION, Priority.PERSON))


async def test_reserved_writes_are_nobody_elses_until_they_are_given_back() -> None:
    throttles = Throttles(pace=Pace(write_interval=0, writes_per_hour=3), clock=ManualClock())
    other = throttles.budget(INSTALLATION, Priority.PERSON)
    async with throttles.reserve(INSTALLATION, Priority.PERSON, 2) as ours:
        await write(other)
        with pytest.raises(GitHubUnavailable):
            await write(other)
        with pytest.raises(GitHubUnavailable) as caught:
            async with throttles.reserve(INSTALLATION, Priority.PERSON, 1):
                pass
        await write(ours)
    assert caught.value.retry_after == HOUR + 1
    await write(other)
    with pytest.raises(GitHubUnavailable):
        await write(other)


async def test_a_reserved_write_that_was_not_made_is_still_reserved() -> None:
    clock = ManualClock()
    throttles = Throttles(pace=Pace(write_interval=0, writes_per_hour=2), clock=clock)
    async with throttles.reserve(INSTALLATION, Priority.PERSON, 2) as ours:
        await ours.learn(Heard(block=Block(seconds=90, named=True)))
        with pytest.raises(GitHubUnavailable):
            await write(ours)
        clock.advance(90)
        await write(ours)
        await write(ours)


async def test_what_github_blocks_is_waited_for_or_given_up() -> None:
    clock = ManualClock()
    ours = budget(clock, Pace())
    await ours.learn(Heard(block=Block(seconds=15, named=True)))
    async with ours.turn(READ):
        pass
    assert clock.sleeps == [15.0]
    await ours.learn(Heard(block=Block(seconds=90, named=True)))
    with pytest.raises(GitHubUnavailable) as caught:
        await write(ours)
    assert caught.value.retry_after == 91
