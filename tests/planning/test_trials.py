"""A choice is tried with few solves: first where it fails, and not where another unit asks for as much."""

from dataclasses import replace

from bot.model.environment import Requirement
from bot.model.manifest import Subdir
from bot.model.solve import SolveRequest
from bot.planning.attempts import Choice
from bot.planning.baseline import Baseline
from bot.planning.outlook import conda_outlooks
from bot.planning.policy import Policy
from bot.planning.programs import Program
from bot.planning.questions import exact
from bot.planning.trials import Trial, led_by, probed, tried, widest
from tests.planning.toy import LINUX, MACOS, NOW, ToyChannel, asks_for, baseline, lookups, record, unit

CHANNEL = ToyChannel(records=(record("a", "1.0"), record("a", "2.0"), record("b", "1.0"), record("c", "1.0", "a <2")))
BOTH = (LINUX, MACOS)
A = asks_for("a", ">=1", subdirs=BOTH)
B = asks_for("b", "1.*", line=2, subdirs=BOTH)
C = asks_for("c", "1.*", line=3, subdirs=BOTH)


def named(name: str, *lines: Requirement, subdir: Subdir = LINUX) -> Baseline:
    here = unit(*lines, subdir=subdir, name=name)
    versions = [record(each.dependency.name, "1.0", *(["a <2"] if each is C else [])) for each in lines]
    return baseline(here, *versions)


def a_at_2(*baselines: Baseline) -> Choice:
    outlooks = conda_outlooks(baselines, lookups(CHANNEL, *baselines), Policy(), NOW)
    (candidate,) = (each for one in outlooks for each in one.candidates if each.name == "a")
    return {candidate: candidate.wanted}


def rounds(program: Program[Trial]) -> tuple[Trial, list[int]]:
    """Return what *program* comes to, and how much it asked at once."""
    sizes: list[int] = []
    try:
        questions = next(program)
        while True:
            sizes.append(len(questions))
            questions = program.send(tuple(map(CHANNEL.solve, questions)))
    except StopIteration as stop:
        return stop.value, sizes


def test_a_unit_that_asks_for_less_than_another_is_asked_only_for_its_records() -> None:
    most, less, other = named("most", A, B), named("less", A), named("other", A, subdir=MACOS)
    choice = a_at_2(most, less, other)

    probe, asked_for_a_verdict = rounds(probed(choice))
    trial, asked_for_records = rounds(tried(choice))

    assert probe.solved
    assert trial.solved
    assert [each.unit.name for each, _ in probe.results] == ["most", "other"]
    assert [each.unit.name for each, _ in trial.results] == ["most", "other", "less"]
    assert (asked_for_a_verdict, asked_for_records) == ([1, 1], [1, 1, 1])


def test_who_asks_the_same_is_asked_once() -> None:
    one, same = named("one", A), named("same", A)

    assert [each.unit.name for each, _ in widest(questions(one, same), a_at_2(one, same))] == ["one"]


def test_who_asks_for_less_of_other_channels_is_asked_as_well() -> None:
    most, less = named("most", A, B), named("less", A)
    (of_most, of_less) = questions(most, less)
    elsewhere = (less, replace(of_less[1], channels=("https://conda.anaconda.org/elsewhere",)))

    assert len(widest([of_most, elsewhere], a_at_2(most, less))) == 2


def test_what_a_choice_is_about_is_not_covered_by_what_it_is_not_about() -> None:
    most, less = named("most", A, B), named("less", A)
    choice = a_at_2(less)

    assert [each.unit.name for each, _ in widest(questions(most, less), choice)] == ["most", "less"]


def test_ever_more_is_asked_at_once_until_one_fails() -> None:
    units = [named(f"env{number}", A, asks_for("b", f">=0.{number}", line=2)) for number in range(8)]
    failing = named("failing", A, C)

    _, without = rounds(tried(a_at_2(*units)))
    trial, asked = rounds(tried(a_at_2(*units[:3], failing, *units[3:])))

    assert without == [1, 2, 4, 1]
    assert asked == [1, 2, 4]
    assert trial.failure is not None
    assert trial.failure[0] is failing


def test_where_it_failed_before_is_asked_first_then_its_platform() -> None:
    here, there, first = named("here", A), named("there", A, subdir=MACOS), named("first", A, C, subdir=MACOS)
    choice = a_at_2(here, there, first)

    trial, asked = rounds(tried(choice, first=first))

    assert asked == [1]
    assert trial.failure is not None
    assert [each.unit.name for each, _ in led_by(first, questions(here, there, first))] == ["first", "there", "here"]
    assert led_by(None, questions(here)) == questions(here)


def test_what_solved_before_where_nothing_else_is_chosen_is_not_asked_again() -> None:
    linux, macos = named("linux", A), named("macos", A, subdir=MACOS)
    choice = a_at_2(linux, macos)
    before, _ = rounds(tried(choice))

    trial, asked = rounds(tried(choice, before))

    assert asked == []
    assert trial == before


def questions(*baselines: Baseline) -> list[tuple[Baseline, SolveRequest]]:
    return [(each, exact(each, {})) for each in baselines]
