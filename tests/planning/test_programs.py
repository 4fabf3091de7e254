"""Programs that ask a solver: run side by side they come to what they come to one after another."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from bot.model.manifest import Subdir
from bot.model.solve import NotSolved, SolveRequest, SolveResult
from bot.planning.programs import Program, ask, together

Rounds = tuple[tuple[str, ...], ...]
rounds: st.SearchStrategy[Rounds] = st.lists(
    st.lists(st.sampled_from("abcdef"), max_size=3).map(tuple), max_size=4
).map(tuple)


def request(text: str) -> SolveRequest:
    return SolveRequest(channels=(), subdir=Subdir("linux-64"), specs=(text,), virtual_packages=())


def answer(question: SolveRequest) -> SolveResult:
    return NotSolved(reason=f"no {question.specs[0]}")


def program(asked: Rounds) -> Program[list[str]]:
    """Ask what *asked* says, a round at a time; return all answers."""
    heard: list[str] = []
    for questions in asked:
        answers = yield tuple(map(request, questions))
        heard += [each.reason for each in answers if isinstance(each, NotSolved)]
    return heard


def run(steps: Program[object]) -> tuple[object, list[int]]:
    """Drive *steps*; return its result and how many questions each round had."""
    sizes: list[int] = []
    try:
        requests = next(steps)
        while True:
            sizes.append(len(requests))
            requests = steps.send(tuple(map(answer, requests)))
    except StopIteration as stop:
        return stop.value, sizes


def test_one_question_has_one_answer() -> None:
    result, sizes = run(ask(request("numpy")))

    assert result == NotSolved(reason="no numpy")
    assert sizes == [1]


@given(st.lists(rounds, max_size=5))
def test_together_is_one_after_another(programs: list[Rounds]) -> None:
    side_by_side, _ = run(together([program(each) for each in programs]))

    assert side_by_side == tuple(run(program(each))[0] for each in programs)


@given(st.lists(rounds, max_size=5))
def test_together_takes_as_many_rounds_as_the_longest_and_asks_nothing_twice(programs: list[Rounds]) -> None:
    _, sizes = run(together([program(each) for each in programs]))

    assert len(sizes) == max(map(len, programs), default=0)
    assert sizes == [sum(sizes_of(programs, number)) for number in range(len(sizes))]


def sizes_of(programs: Iterable[Rounds], number: int) -> list[int]:
    return [len(each[number]) for each in programs if number < len(each)]


def test_what_runs_together_may_run_together_again() -> None:
    inner = together([program((("a",),)), program((("b",), ("c",)))])

    result, sizes = run(together([inner, together([program((("d",),))])]))

    assert result == ((["no a"], ["no b", "no c"]), (["no d"],))
    assert sizes == [3, 1]
