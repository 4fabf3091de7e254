"""How far environments are from the next minor of python, found by solving."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from bot.model.environment import SolveUnit
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Record
from bot.model.solve import SolveRequest, SolveResult
from bot.planning.baseline import Baseline
from bot.planning.groups import at_once, group
from bot.planning.migration import Judged, migrate
from bot.planning.offers import Lookups
from bot.planning.outlook import Outlook, conda_outlooks
from bot.planning.policy import Policy
from bot.planning.search import search
from tests.planning.toy import FORGE, LINUX, MACOS, NOW, ToyChannel, asks_for, baseline, lookups, record, run, unit

PYTHON = record("python", "3.13.9")
NEXT = record("python", "3.14.0")
BOTH = (LINUX, MACOS)
LINE = asks_for("python", "3.13.*", line=3, subdirs=BOTH)
OLD_SQL = record("sqlalchemy", "2.0.40", "python >=3.9,<3.14")
NEW_SQL = record("sqlalchemy", "2.0.45", "python >=3.10")
PINNED = asks_for("sqlalchemy", "==2.0.40", line=12, subdirs=BOTH)


@dataclass(slots=True)
class Counting:
    """The toy solver, and everything that it was asked."""

    records: tuple[Record, ...]
    asked: list[SolveRequest] = field(default_factory=list)
    silent_on: frozenset[Subdir] = frozenset()

    def solve(self, request: SolveRequest) -> SolveResult:
        self.asked.append(request)
        return ToyChannel(records=self.records, silent_on=self.silent_on).solve(request)


def looked_at(solver: Counting, *baselines: Baseline, policy: Policy | None = None) -> Outlook:
    """Return the outlook of python."""
    found = conda_outlooks(baselines, lookups(ToyChannel(records=solver.records), *baselines), policy or Policy(), NOW)
    return next((each for each in found if each.minors), found[0])


def judged(solver: Counting, *baselines: Baseline) -> Sequence[Judged]:
    minors = looked_at(solver, *baselines).minors
    program = migrate(minors, Policy(), NOW)
    try:
        questions = next(program)
        while True:
            questions = program.send(tuple(map(solver.solve, questions)))
    except StopIteration as stop:
        result: Sequence[Judged] = stop.value
        return result


def here(*others: str, lines: SolveUnit | None = None) -> Baseline:
    """Return an environment with python 3.13 and *others*, bare lines of noarch packages."""
    asked = lines or unit(LINE, *(asks_for(name, "*") for name in others))
    return baseline(asked, PYTHON, *(record(name, "1.0") for name in others))


def channel(*records: Record, others: Sequence[str] = ()) -> Counting:
    return Counting(records=(PYTHON, NEXT, *records, *(record(name, "1.0") for name in others)))


def test_a_line_that_keeps_python_out_is_named_with_its_place() -> None:
    solver = channel(OLD_SQL, NEW_SQL, others=["alpha", "beta"])
    asked = unit(LINE, asks_for("alpha", "*"), asks_for("beta", "*"), PINNED)

    (found,) = judged(solver, baseline(asked, PYTHON, OLD_SQL, record("alpha", "1.0"), record("beta", "1.0")))

    assert found.migration.sentence == "python 3.14: 2 of 3 ready, blocked by sqlalchemy ==2.0.40 (pixi.toml:12)"
    assert (found.migration.ready, found.migration.total, found.migration.offered) == (2, 3, False)
    assert found.candidate is None
    assert found.held_back is not None
    assert (found.held_back.name, found.held_back.release) == ("python", "3.14.0")


def test_what_all_solves_is_offered_after_one_question_for_each_unit() -> None:
    solver = channel(NEW_SQL, others=["alpha"])
    asked = unit(LINE, asks_for("sqlalchemy", "*"), asks_for("alpha", "*"))

    (found,) = judged(solver, baseline(asked, PYTHON, NEW_SQL, record("alpha", "1.0")))

    assert (found.migration.sentence, found.migration.due) == ("python 3.14: 2 of 2 ready", date(2026, 10, 23))
    assert found.candidate is not None
    assert found.candidate.wanted.version == "3.14.0"
    assert found.held_back is None
    assert len(solver.asked) == 1


def test_few_questions_find_the_few_lines_that_are_not_ready_among_many() -> None:
    names = [f"p{number:02}" for number in range(40)]
    solver = channel(OLD_SQL, others=names)
    asked = unit(LINE, PINNED, *(asks_for(name, "*") for name in names))

    (found,) = judged(solver, baseline(asked, PYTHON, OLD_SQL, *(record(name, "1.0") for name in names)))

    assert found.migration.sentence.startswith("python 3.14: 40 of 41 ready")
    assert len(solver.asked) < 8


def test_a_package_that_is_ready_on_one_platform_only_is_not_ready() -> None:
    there = record("gamma", "1.0", subdir=LINUX)
    elsewhere = record("gamma", "1.0", "python <3.14", subdir=MACOS)
    line = asks_for("gamma", "*", line=7, subdirs=BOTH)
    solver = channel(there, elsewhere)
    units = [
        baseline(unit(LINE, line, subdir=subdir), PYTHON, built)
        for subdir, built in ((LINUX, there), (MACOS, elsewhere))
    ]

    (found,) = judged(solver, *units)

    assert found.migration.sentence == "python 3.14: 0 of 1 ready, blocked by gamma * (pixi.toml:7)"


def test_a_version_that_lines_rule_out_counts_even_if_a_newer_one_would_do() -> None:
    """As written: that sqlalchemy 2.0.45 is there does not help a line that says 2.0.40."""
    solver = channel(OLD_SQL, NEW_SQL)
    bare = unit(LINE, asks_for("sqlalchemy", "2.*"))

    assert judged(solver, baseline(unit(LINE, PINNED), PYTHON, OLD_SQL))[0].migration.ready == 0
    assert judged(solver, baseline(bare, PYTHON, OLD_SQL))[0].migration.ready == 1


def test_what_is_ready_alone_but_not_together_is_said_with_the_line_that_keeps_it_out() -> None:
    left = (record("left", "1.0"), record("left", "2.0", "python >=3.14", "core >=2"))
    right = (record("right", "1.0", "python <3.14"), record("right", "2.0", "python >=3.14", "core <2"))
    solver = channel(
        record("core", "1.0"), record("core", "2.0"), *right, replace(left[0], depends=("python <3.14",)), left[1]
    )
    asked = unit(LINE, asks_for("left", "*", line=5), asks_for("right", "*", line=6))

    (found,) = judged(solver, baseline(asked, PYTHON, left[0], right[0]))

    assert found.migration.sentence.startswith(
        "python 3.14: 2 of 2 ready, but not together: python 3.14.0 does not solve in 'default' on linux-64: "
    )
    assert [(each.name, each.line) for each in found.migration.blocked_by] == [("left", 5), ("right", 6)]


TOOL = record("tool", "1.0", "python")


def test_a_locked_environment_that_holds_python_unasked_goes_along() -> None:
    until = record("tool", "1.0", "python <3.14")
    lint = baseline(unit(asks_for("tool", "1.*", line=20), name="lint"), PYTHON, until)

    (found,) = judged(channel(until), here(), lint)

    assert found.migration.sentence == "python 3.14: 0 of 1 ready, blocked by tool 1.* (pixi.toml:20)"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        pytest.param(baseline(unit(asks_for("tool", "*")), PYTHON, TOOL), ["3.14"], id="in a lock"),
        pytest.param(baseline(unit(asks_for("tool", "*")), PYTHON, TOOL, locked=False), [], id="not without a lock"),
        pytest.param(
            baseline(unit(asks_for("tool", "*"), name="min-versions"), PYTHON, TOOL),
            [],
            id="nor for the oldest versions",
        ),
    ],
)
def test_where_no_line_asks_for_python_only_its_minors_are_a_matter(base: Baseline, expected: list[str]) -> None:
    solver = Counting(records=(PYTHON, NEXT, record("python", "3.13.10"), TOOL))
    names = {PackageName("python"), PackageName("tool")}
    answers: Lookups = {
        (FORGE.url,): {name: ToyChannel(records=solver.records).releases(name, [LINUX]) for name in names}
    }

    found = conda_outlooks([base], answers, Policy(), NOW)

    assert [minor.candidate.wanted.version[:4] for each in found for minor in each.minors] == expected
    assert [each.name for one in found for each in one.candidates] == []


def test_an_update_does_not_move_a_locked_python_that_no_line_asks_for_either() -> None:
    numpy = (record("numpy", "1.0", "python"), record("numpy", "1.1", "python >=3.14"))
    solver = ToyChannel(records=(PYTHON, NEXT, *numpy))
    base = baseline(unit(asks_for("numpy", ">=1")), PYTHON, numpy[0])
    found = conda_outlooks([base], lookups(solver, base), Policy(), NOW)

    result = run(search(at_once([c for each in found for c in each.candidates], "all")), solver)

    assert result.plan.updates == ()
    assert [each.sentence for each in result.held_back] == ["numpy 1.1 needs python 3.14.0, a decision of its own"]


def test_minors_that_are_in_use_side_by_side_are_a_matrix_and_stay() -> None:
    older = record("python", "3.12.7")
    other = replace(LINE, dependency=replace(LINE.dependency, at=("feature", "old", "python"), version="3.12.*"))
    sides = [baseline(unit(LINE), PYTHON), baseline(unit(other, name="old"), older)]

    found = looked_at(Counting(records=(older, PYTHON, NEXT)), *sides)

    assert (found.candidates, found.minors) == ((), ())
    assert [each.sentence for each in found.not_now] == [
        "python 3.14.0 is a new minor, and several (3.12, 3.13) are in use: a matrix is yours to extend"
    ]


def test_what_is_ready_waits_until_the_first_release_of_the_minor_is_ninety_days_old() -> None:
    first, second = (
        record("python", "3.14.0", age=timedelta(days=60)),
        record("python", "3.14.1", age=timedelta(days=8)),
    )
    solver = Counting(records=(PYTHON, first, second))

    (found,) = judged(solver, here())

    assert found.migration.sentence == "python 3.14: ready, due 2026-12-02"
    assert (found.migration.release, found.migration.offered) == ("3.14.1", False)


def test_a_young_patch_of_a_minor_does_not_hide_how_far_the_minor_is() -> None:
    solver = Counting(records=(PYTHON, NEXT, record("python", "3.14.1", age=timedelta(days=2))))
    found = looked_at(solver, here())

    (told,) = judged(solver, here())

    assert found.not_now == ()
    assert (told.migration.release, told.migration.offered) == ("3.14.1", True)
    assert told.candidate is not None
    assert told.candidate.wanted.version == "3.14.0"


def test_of_several_minors_the_newest_is_told_and_the_newest_that_is_ready_is_offered() -> None:
    newest = record("python", "3.15.0")
    until = record("alpha", "1.0", "python <3.15")
    solver = Counting(records=(PYTHON, NEXT, newest, until))
    asked = unit(LINE, asks_for("alpha", "*", line=9))

    blocked, ready = judged(solver, baseline(asked, PYTHON, until))

    assert blocked.migration.sentence == "python 3.15: 0 of 1 ready, blocked by alpha * (pixi.toml:9)"
    assert ready.migration.sentence == "python 3.14: 1 of 1 ready"
    assert (blocked.candidate, ready.candidate is None) == (None, False)


def test_a_lower_minor_that_is_not_ready_either_is_not_told() -> None:
    solver = Counting(records=(PYTHON, NEXT, record("python", "3.15.0"), OLD_SQL))

    assert len(judged(solver, baseline(unit(LINE, PINNED), PYTHON, OLD_SQL))) == 1


def test_many_lines_are_counted_after_the_first_five() -> None:
    pins = [record(f"p{number}", "1.0", "python <3.14") for number in range(7)]
    asked = unit(LINE, *(asks_for(each.name, "", line=10 + number) for number, each in enumerate(pins)))

    (found,) = judged(channel(*pins), baseline(asked, PYTHON, *pins))

    assert found.migration.sentence.endswith("p3 (pixi.toml:13), p4 (pixi.toml:14) and 2 more")
    assert len(found.migration.blocked_by) == 7


@pytest.mark.parametrize("whole", [True, False], ids=["at all", "on what does not solve"])
def test_what_the_solver_gave_no_verdict_on_is_not_judged(*, whole: bool) -> None:
    class Halting(Counting):
        def solve(self, request: SolveRequest) -> SolveResult:
            silent = frozenset({LINUX}) if whole or self.asked else frozenset[Subdir]()
            self.silent_on = silent
            return Counting.solve(self, request)

    solver = Halting(records=(PYTHON, NEXT, OLD_SQL))

    (found,) = judged(solver, baseline(unit(LINE, PINNED), PYTHON, OLD_SQL))

    assert found.migration.sentence == "python 3.14 was not judged: Channel conda-forge answered 500"
    assert found.not_judged == ("Channel conda-forge answered 500.",)
    assert not found.migration.offered


def test_a_locked_python_within_its_range_is_a_migration_too_and_changes_no_line() -> None:
    solver = channel()
    wide = baseline(unit(asks_for("python", ">=3.10")), PYTHON)

    (found,) = judged(solver, wide)

    assert looked_at(solver, wide).candidates == ()
    assert found.candidate is not None
    assert found.candidate.changes_to(found.candidate.wanted) == ()


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param("=3.13", "=3.14", id="two segments"),
        pytest.param("==3.13.9", "==3.14.0", id="an exact version"),
        pytest.param("3.13.*", "3.14.*", id="a star"),
        pytest.param(">=3.13,<3.14", ">=3.13,<3.15", id="a range is widened"),
    ],
)
def test_a_pin_is_replaced_at_the_same_precision(spec: str, expected: str) -> None:
    pinned = baseline(unit(asks_for("python", spec)), PYTHON, locked=False)

    (found,) = judged(channel(), pinned)

    assert found.candidate is not None
    assert [each.new for each in found.candidate.changes_to(found.candidate.wanted)] == [expected]


def test_a_young_locked_record_does_not_make_its_line_unready() -> None:
    young = record("alpha", "1.0", age=timedelta(days=1))
    asked = unit(LINE, asks_for("alpha", "==1.0", line=4), PINNED)

    (found,) = judged(channel(young, OLD_SQL), baseline(asked, PYTHON, young, OLD_SQL))

    assert found.migration.sentence == "python 3.14: 1 of 2 ready, blocked by sqlalchemy ==2.0.40 (pixi.toml:12)"


def test_an_offered_minor_is_a_plan_of_its_own_and_moves_along_with_nothing() -> None:
    alpha = (record("alpha", "1.0"), record("alpha", "1.1"), record("alpha", "2.0", "python >=3.14"))
    solver = channel(*alpha)
    base = baseline(unit(LINE, asks_for("alpha", ">=1")), PYTHON, alpha[0])
    found = conda_outlooks([base], lookups(ToyChannel(records=solver.records), base), Policy(), NOW)
    (offered,) = judged(solver, base)
    assert offered.candidate is not None

    wanted = group([offered.candidate, *(each for one in found for each in one.candidates)], Policy(), {})

    assert [each.key for each in wanted] == ["alpha-2.x", "non-major", "python-3.14"]
    assert all(other.name != "python" for each in wanted for other in each.others)


def test_no_update_of_something_else_moves_a_locked_python_to_another_minor() -> None:
    numpy = (record("numpy", "1.0", "python"), record("numpy", "1.1", "python >=3.14"))
    channel_of = ToyChannel(records=(PYTHON, NEXT, *numpy))
    base = baseline(unit(asks_for("python", ">=3.10"), asks_for("numpy", ">=1")), PYTHON, numpy[0])
    found = conda_outlooks([base], lookups(channel_of, base), Policy(), NOW)

    result = run(search(at_once([c for each in found for c in each.candidates], "all")), channel_of)

    assert result.plan.updates == ()
    assert [each.sentence for each in result.held_back] == ["numpy 1.1 needs python 3.14.0, a decision of its own"]
