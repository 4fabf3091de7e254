"""A solver that says one thing when asked openly and another when asked exactly does not lead a search astray."""

import re
from collections.abc import Callable

from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.planning.groups import at_once
from bot.planning.programs import Program
from bot.planning.search import ATTEMPTS, Found, search
from tests.planning.test_search import candidates, moved
from tests.planning.toy import ToyChannel, asks_for, baseline, record, unit

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6")
A, B = (tuple(record(name, version) for version in VERSIONS) for name in "ab")
Answer = Callable[[SolveRequest], SolveResult]


def drive(program: Program[Found], answer: Answer) -> Found:
    try:
        requests = next(program)
        while True:
            requests = program.send(tuple(map(answer, requests)))
    except StopIteration as stop:
        found: Found = stop.value
        return found


def searched(answer: Answer) -> Found:
    here = baseline(unit(asks_for("a", "*"), asks_for("b", "*")), A[0], B[0])
    wanted = at_once(candidates(ToyChannel(records=(*A, *B)), here), "all")
    return drive(search(wanted), answer)


def pinned(request: SolveRequest) -> dict[str, str]:
    return {match[1]: match[2] for spec in request.specs if (match := re.fullmatch(r"(\w) ==([\d.]+)", spec))}


def raised(request: SolveRequest) -> set[str]:
    """Return the packages that are asked for above what is in use, very releases or at least them."""
    found = (re.fullmatch(r"(\w) [=>]=([\d.]+)", spec) for spec in request.specs)
    return {match[1] for match in found if match and match[2] != "1.0"}


def ceilings(request: SolveRequest) -> dict[str, str]:
    return {match[1]: match[2] for spec in request.specs if (match := re.fullmatch(r"(\w) .*<=([\d.]+)", spec))}


def records(versions: dict[str, str]) -> tuple[Record, ...]:
    return tuple(record(name, versions.get(name, "1.0")) for name in "ab")


def never_both(request: SolveRequest) -> SolveResult:
    """Both at once never solve exactly, though every open question says that they would."""
    pins = pinned(request)
    return Unsolvable(text="no") if len(raised(request)) > 1 else Solution(records=records(pins or ceilings(request)))


def test_what_never_solves_together_is_taken_one_at_a_time() -> None:
    found = searched(never_both)

    assert moved(found) == {"a": VERSIONS[-1]}
    assert [each.sentence for each in found.held_back] == ["b 1.6 solves alone, but not together with what moves here"]


def test_both_go_down_a_step_until_they_solve() -> None:
    def low_enough(request: SolveRequest) -> SolveResult:
        pins = pinned(request)
        if len(pins) > 1 and max(pins.values()) > VERSIONS[-ATTEMPTS]:
            return Unsolvable(text="no")
        return Solution(records=records(pins or ceilings(request)))

    assert moved(searched(low_enough)).keys() == {"a", "b"}


def test_a_channel_that_stops_answering_ends_the_search() -> None:
    asked: list[SolveRequest] = []

    def tired(request: SolveRequest) -> SolveResult:
        asked.append(request)
        return Unsolvable(text="no") if len(asked) == 1 else NotSolved(reason="the channel answered 500")

    found = searched(tired)

    assert found.plan.updates == ()
    assert found.not_judged == ("the channel answered 500",)
    assert [each.sentence for each in found.held_back] == [
        "a 1.6 was not judged: the channel answered 500",
        "b 1.6 was not judged: the channel answered 500",
    ]


def test_what_got_no_verdict_alone_does_not_take_the_rest_with_it() -> None:
    def slow_on_b(request: SolveRequest) -> SolveResult:
        if pinned(request).keys() == {"b"}:
            return NotSolved(reason="time ran out")
        return never_both(request)

    found = searched(slow_on_b)

    assert moved(found) == {"a": VERSIONS[-1]}
    assert found.not_judged == ("time ran out",)
    assert [each.sentence for each in found.held_back] == ["b 1.6 was not judged: time ran out"]
