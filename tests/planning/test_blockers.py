"""Why a release is held back, also where the solver does not say."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveResult, Unsolvable
from bot.model.update import Blocker
from bot.planning.blockers import why_not
from bot.planning.programs import Program, together
from tests.planning.outlook.test_held import elsewhere
from tests.planning.test_search import candidates
from tests.planning.toy import ToyChannel, asks_for, baseline, record, unit

A, B, C = ([record(name, version) for version in ("1.0", "2.0")] for name in "abc")
NO = Unsolvable(text="no")
UNSURE = NotSolved(reason="The solver ran out of time.")
WITHOUT_A_LINE = Solution(records=(A[1],))
START = "a 2.0 does not solve in 'default' on linux-64: "
NOBODY_KNOWS = f"{START}what keeps it out could not be found out (The solver ran out of time)"
ANSWERS: dict[str, tuple[list[list[SolveResult]], str, int]] = {
    "no line, and no machine": (
        [[NO], [NO], [NO, NO], [NO], [WITHOUT_A_LINE]],
        f"{START}no single line of the manifest is what keeps it out",
        0,
    ),
    "nothing that is locked": (
        [[NO], [NO], [NO, NO], [NO], [Unsolvable(text="Cannot solve the request because of: No anvil.\nmore")]],
        f"{START}nothing solves there any more (No anvil)",
        0,
    ),
    "one line": ([[NO], [NO], [NO, WITHOUT_A_LINE]], f"{START}it would without c * (pixi.toml:1)", 1),
    "no verdict at any price": ([[UNSURE], [NO]], NOBODY_KNOWS, 0),
    "no verdict in any flavour": ([[NO], [UNSURE]], NOBODY_KNOWS, 0),
    "no verdict without one line": ([[NO], [NO], [UNSURE, NO]], NOBODY_KNOWS, 0),
    "a line, and no verdict without another": (
        [[NO], [NO], [UNSURE, WITHOUT_A_LINE]],
        f"{START}it would without c * (pixi.toml:1)",
        1,
    ),
}


@pytest.mark.parametrize(("answers", "sentence", "count"), ANSWERS.values(), ids=ANSWERS)
def test_the_reason_is_what_solving_tells(answers: list[list[SolveResult]], sentence: str, count: int) -> None:
    here = baseline(unit(asks_for("a", "*"), asks_for("b", "*"), asks_for("c", "*")), A[0], B[0], C[0])
    (candidate, *_) = candidates(ToyChannel(records=(*A, *B, *C)), here)

    assert asked(why_not(candidate, here), answers) == (sentence, count)


def asked(program: Program[tuple[str, tuple[Blocker, ...]]], answers: list[list[SolveResult]]) -> tuple[str, int]:
    """Drive *program* with *answers*, one list for each round; return its sentence and how many blockers there are."""
    questions = next(program)
    try:
        for each in answers:
            assert len(each) == len(questions)
            questions = program.send(tuple(each))
    except StopIteration as stop:
        sentence, blockers = stop.value
        return sentence, len(blockers)
    raise AssertionError(questions)


NAMES = tuple("bcdefghijk")


def answering(
    *keys: frozenset[str], verdict: SolveResult = NO, stands: bool = True
) -> tuple[str, tuple[str, ...], int]:
    """Drive `why_not` of a manifest with `NAMES`; *keys* are the sets of lines of which one must be left out whole.

    So they must for what is locked as well, unless it *stands*. Return the sentence, the blockers, and how many
    questions that took.
    """
    others = [record(name, "1.0") for name in NAMES]
    here = baseline(unit(*(asks_for(name, "*") for name in ("a", *NAMES))), A[0], *others)
    (candidate, *_) = candidates(ToyChannel(records=(*A, *others)), here)
    program = why_not(candidate, here)
    questions, count = next(program), 0
    try:
        while True:
            count += len(questions)
            left_out = [frozenset(NAMES) - {spec[0] for spec in each.specs} for each in questions]
            as_it_stands = [not any(spec.startswith("a ==") for spec in each.specs) for each in questions]
            found = zip(left_out, as_it_stands, strict=True)
            questions = program.send(
                tuple(WITHOUT_A_LINE if (stands and old) or _frees(out, keys) else verdict for out, old in found)
            )
    except StopIteration as stop:
        sentence, blockers = stop.value
        return sentence, tuple(each.name for each in blockers), count


def _frees(left_out: frozenset[str], keys: tuple[frozenset[str], ...]) -> bool:
    return any(key <= left_out for key in keys)


@pytest.mark.parametrize("stands", [True, False])
@given(keys=st.lists(st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=3), max_size=4))
def test_many_lines_that_are_left_out_together_tell_the_same_as_each_alone(
    *, stands: bool, keys: list[frozenset[str]]
) -> None:
    _, blockers, _ = answering(*keys, stands=stands)

    assert set(blockers) == {name for key in keys if len(key) == 1 for name in key}


def test_where_no_line_is_in_the_way_a_question_each_tells_so_of_all_of_the_machine_and_of_what_stands() -> None:
    assert answering() == (f"{START}no single line of the manifest is what keeps it out", (), 5)


def test_of_many_lines_only_those_are_left_out_that_a_contradiction_is_because_of() -> None:
    because = Unsolvable(text="", because=(PackageName("a"), PackageName("d"), PackageName("e")))

    _, blockers, questions = answering(frozenset("d"), verdict=because)

    assert blockers == ("d",)
    assert questions == len(("at any price", "in any flavour", "without d", "without e"))


@pytest.mark.parametrize("written", ["*", ">=1"])
def test_what_keeps_a_lock_itself_from_solving_is_asked_once_for_all_candidates(written: str) -> None:
    others = [record(name, "1.0") for name in NAMES]
    newer = [record(name, "2.0") for name in "abc"]
    here = baseline(unit(*(asks_for(name, written) for name in ("a", *NAMES))), A[0], *others)
    asking = [each for each in candidates(ToyChannel(records=(A[0], *others, *newer)), here) if each.name in "abc"]

    alone, every = (_questions([why_not(each, here) for each in some]) for some in (asking[:1], asking))

    rest = ("at any price", "in any flavour", "without all lines", "the machine")
    assert len(every) == len(alone) + len(asking[1:]) * len(rest)


def _questions(programs: list[Program[tuple[str, tuple[Blocker, ...]]]]) -> set[str]:
    """Return what *programs* ask, side by side, of a solver that wants both the last lines left out."""
    program = together(programs)
    every: set[str] = set()
    questions = next(program)
    with contextlib.suppress(StopIteration):
        while True:
            every.update(map(repr, questions))
            names = [{spec[0] for spec in each.specs} for each in questions]
            questions = program.send(tuple(NO if there & set(NAMES[-2:]) else WITHOUT_A_LINE for there in names))
    return every


def test_no_verdict_on_many_lines_is_none_on_each() -> None:
    assert answering(verdict=UNSURE)[0] == NOBODY_KNOWS


def test_of_builds_for_one_minor_it_is_said_which_python_they_are_for() -> None:
    old, new = record("python", "3.11.9"), record("python", "3.13.1")
    abi = record("python_abi", "3.13", "python 3.13.* *_cp313")
    newer = (record("a", "2.0", "python", "python_abi 3.13.* *_cp313"), abi, new)
    here = baseline(unit(asks_for("a", "*"), asks_for("python", "=3.11")), A[0], old)
    (candidate, *_) = candidates(ToyChannel(records=(*A, old, new)), here)

    sentence, count = asked(why_not(candidate, here), [[NO], [NO], [Solution(records=newer)], [NO]])

    built = "a 2.0 is built for python 3.13.* where it solves"
    assert (sentence, count) == (f"{START}{built}, and pixi.toml:1 asks for python =3.11", 1)


@pytest.mark.parametrize(
    ("newer", "others", "needs"),
    [
        pytest.param(
            record("a", "2.0", "python >=3.13,<3.14.0a0", "python_abi 3.13.* *_cp313", build="py313h1_0"),
            [record("a", "2.0", "python >=3.12,<3.13.0a0", "python_abi 3.12.* *_cp312", build="py312h2_0")],
            "a 2.0 is built for python 3.13.* where it solves",
            id="built for one minor",
        ),
        pytest.param(
            record("a", "2.0", "python 3.13.* *_cp313", "python_abi 3.13.* *_cp313", build="py313h1_0"),
            [record("a", "2.0", "python 3.12.* *_cp312", "python_abi 3.12.* *_cp312", build="py312h2_0")],
            "a 2.0 is built for python 3.13.* where it solves",
            id="built for one minor, by its build",
        ),
        pytest.param(
            record("a", "2.0", "b", "python", "python_abi 3.13.* *_cp313", build="py313h1_0"),
            [record("b", "1.0", "python >=3.13,<3.14.0a0", "python_abi 3.13.* *_cp313")],
            "a 2.0 is built for python 3.13.* where it solves",
            id="built for one minor, by its ABI alone",
        ),
        pytest.param(
            record("a", "2.0", "python >=3.13.0a0", build="pyh1_0"),
            [record("a", "2.0", "python >=3.12,<3.13.0a0", build="pyh2_0")],
            "a 2.0 needs python >=3.13.0a0 where it solves",
            id="another build needs another python",
        ),
        pytest.param(
            record("a", "2.0", "python >=3.12", build="pyh1_1"),
            [record("a", "2.0", "python >=3.12", build="pyh1_0")],
            "a 2.0 needs python >=3.12",
            id="all builds need the same",
        ),
    ],
)
def test_what_one_build_needs_of_python_is_not_said_of_the_whole_release(
    newer: Record, others: list[Record], needs: str
) -> None:
    old, new = record("python", "3.11.9"), record("python", "3.13.1")
    here = baseline(unit(asks_for("a", "*"), asks_for("python", "=3.11")), A[0], old)
    (candidate, *_) = candidates(ToyChannel(records=(A[0], newer, *others, old, new)), here)

    sentence, _ = asked(why_not(candidate, here), [[NO], [NO], [Solution(records=(newer, new))], [NO]])

    assert sentence == f"{START}{needs}, and pixi.toml:1 asks for python =3.11"


def test_a_line_that_lets_everything_in_is_no_blocker_beside_one_that_does_not() -> None:
    old, new = record("b", "1.0"), record("b", "2.0")
    newer = record("a", "2.0", "b >=2")
    here = baseline(
        unit(asks_for("a", "*"), asks_for("b", "1.*"), elsewhere(asks_for("b", "*"), "host", "b")), A[0], old
    )
    (candidate, *_) = candidates(ToyChannel(records=(A[0], newer, old, new)), here)

    sentence, count = asked(why_not(candidate, here), [[NO], [NO], [Solution(records=(newer, new))], [NO]])

    assert (sentence, count) == (f"{START}a 2.0 needs b >=2, and pixi.toml:1 asks for b 1.*", 1)
