"""What is answered by an earlier solution, the solver answers in the same way: put to it over a small world."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import product

import pytest

from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import SolveStrategy
from bot.model.solve import Solution, SolveRequest, SolveResult
from bot.relock import solver
from bot.relock.recollection import MOST_UNLIKE, Recollection
from bot.relock.refuted import Listings
from bot.relock.solver import solve
from tests.channels import ALIAS, served
from tests.relock.conftest import ask

OFFERED = (
    *(record("app", str(each), depends=[f"lib >={each}", "data"]) for each in (1, 2, 3)),
    record("app", "4", depends=["lib >=3,<4", "extra"]),
    record("tool", "1", depends=["base <3"]),
    record("tool", "2", depends=["base >=2", "data >=2"], constrains=["lone <2"]),
    record("tool", "3", build="one", depends=["base"]),
    record("tool", "3", build="two", depends=["base"]),
    *(record("lib", str(each), depends=[f"base >={each - 1}"]) for each in (1, 2, 3)),
    record("lib", "4", depends=["base >=3", "__glibc >=2.40"]),
    *(record("base", str(each)) for each in (0, 1, 2, 3)),
    record("data", "1"),
    record("data", "2", depends=["base <3"]),
    record("data", "3", depends=["lib >=3"]),
    record("extra", "1", depends=["data <3"]),
    record("extra", "2", depends=["data >=3"]),
    record("lone", "1"),
    record("lone", "2"),
)
OLD = ("app ==1", "tool ==1", "lib ==1", "base ==1", "data ==1")
APPS = ("app", "app ==1", "app ==2", "app >=2,<4", "app ==4")
TOOLS = ("tool", "tool ==1", "tool ==2", "tool >=1,<=2", "tool ==3")
FREE: Sequence[frozenset[str]] = (frozenset(), frozenset({"app"}), frozenset({"app", "tool"}), frozenset({"tool"}))
LIMITS: Sequence[tuple[str, ...]] = ((), ("data <3",), ("base <3", "lone <2"))


@pytest.fixture
async def channels() -> AsyncIterator[DemoChannel]:
    async with served(a=OFFERED) as demo:
        yield demo


async def solved(listings: Listings, request: SolveRequest) -> Solution:
    result = await solve(listings.repodata, request, listings)
    assert isinstance(result, Solution)
    return result


async def after(listings: Listings, before: SolveRequest, solution: Solution, request: SolveRequest) -> SolveResult:
    """Return the result of *request* once *solution* of *before* is known."""
    recollection = Recollection()
    recollection.add(before, solution)
    return await solve(listings.repodata, request, listings, recollection.like(request))


async def test_every_question_after_another_comes_to_what_the_solver_says(
    listings: Listings, asked_solver: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing_is_kept(*_: object) -> None:
        return None

    monkeypatch.setattr(solver, "kept", nothing_is_kept)
    locked = (await solved(listings, ask(*OLD))).records
    questions = [
        replace(ask(app, tool), locked=tuple(each for each in locked if each.name not in free), constraints=limits)
        for app, tool, free, limits in product(APPS, TOOLS, FREE, LIMITS)
    ]
    alone = [(each, await solve(listings.repodata, each, listings)) for each in questions]
    answered = 0
    known = [(before, solution) for before, solution in alone[::7] if isinstance(solution, Solution)]
    for before, solution in known:
        for request, result in alone[::3]:
            asked_solver.clear()
            told = await after(listings, before, solution, request)
            assert told == result, (before, request)
            answered += not asked_solver and request != before

    assert answered > 100


async def test_one_package_is_exchanged_while_what_moved_for_another_stays(
    listings: Listings, asked_solver: list[bool]
) -> None:
    locked = (await solved(listings, ask(*OLD, "lone ==1"))).records
    before = replace(ask("app ==3", "tool", "lone"), locked=tuple(each for each in locked if each.name != "app"))
    solution = await solved(listings, before)
    request = replace(before, specs=("app ==3", "tool", "lone ==2"))
    request = replace(request, locked=tuple(each for each in before.locked if each.name != "lone"))
    asked_solver.clear()

    result = await after(listings, before, solution, request)

    assert not asked_solver
    assert result == await solved(listings, request)
    assert asked_solver


@pytest.mark.parametrize(
    "request_now",
    [
        pytest.param(ask("app", "tool"), id="more is let in"),
        pytest.param(ask("app ==3"), id="something is not asked for any more"),
        pytest.param(ask("app ==3", "tool", "lone"), id="something is asked for that was not there"),
        pytest.param(ask("app ==3", f"{ALIAS}/a::tool"), id="a spec names its channel"),
        pytest.param(ask("app ==3", "tool ==3"), id="there is a choice of builds"),
        pytest.param(replace(ask("app ==3", "tool ==1"), strategy=SolveStrategy.LOWEST), id="another strategy"),
        pytest.param(replace(ask("app ==3", "tool ==1"), virtual_packages=()), id="another machine"),
    ],
)
async def test_what_is_not_plain_is_left_to_the_solver(
    listings: Listings, asked_solver: list[bool], request_now: SolveRequest
) -> None:
    before = ask("app ==3", "tool >=1,<2")
    solution = await solved(listings, before)
    asked_solver.clear()

    await after(listings, before, solution, request_now)

    assert asked_solver


async def test_of_the_questions_before_the_one_most_alike_goes_along(listings: Listings) -> None:
    recollection = Recollection()
    locked = (await solved(listings, ask(*OLD))).records
    for each in ("app ==1", "app ==2"):
        request = replace(ask(each, "tool"), locked=locked)
        recollection.add(request, await solved(listings, request))

    like = recollection.like(replace(ask("app ==2", "tool", "data"), locked=locked[1:]))

    assert like is not None
    assert like.specs == ("app ==2", "tool")
    assert like.unlike == (locked[0].name,)


def test_what_is_asked_about_something_else_does_not_go_along() -> None:
    recollection = Recollection()
    recollection.add(ask("app"), Solution(records=()))

    assert recollection.like(ask("tool")) is not None
    assert recollection.like(replace(ask("app"), virtual_packages=())) is None
    assert recollection.like(replace(ask("app"), undated=True)) is None
    assert MOST_UNLIKE > 0
