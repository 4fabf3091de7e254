"""What an update forces to move stays as near as it can."""

from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.solve import Solution, Unsolvable
from bot.planning.baseline import Baseline, question
from bot.planning.minimal_change import SOLVES, keep_locked, keep_near
from tests.planning.toy import NOW, ToyChannel, asks_for, baseline, record, run, unit

APP = PackageName("app")
OLD_APP = record("app", "1.0")


def moved(channel: ToyChannel, here: Baseline) -> dict[str, str]:
    """Return the versions of the others when `app` moves to 2.0, which drags them along."""
    asked = question(here.unit, specs=("app ==2.0",), newest_record=NOW)
    solution = channel.solve(asked)
    assert isinstance(solution, Solution)
    records = run(keep_near(here, asked, solution, frozenset({APP})), channel)
    return {each.name: each.version for each in records if each.name != APP}


def asked_in_vain(here: Baseline, *solution: Record) -> int:
    """Return how many questions *solution* leads to when none of them has a solution."""
    asked = question(here.unit, specs=(), newest_record=NOW)
    steps = keep_near(here, asked, Solution(records=solution), frozenset({APP}))
    count = 0
    try:
        requests = next(steps)
        while True:
            count += len(requests)
            requests = steps.send((Unsolvable(text=""),) * len(requests))
    except StopIteration:
        return count


def locked(*records: Record) -> Baseline:
    return baseline(unit(asks_for("app", "*")), OLD_APP, *records)


def versions(name: str, *found: str) -> list[Record]:
    return [record(name, version) for version in found]


def test_nothing_is_asked_when_nothing_was_forced() -> None:
    core = record("core", "1.0")

    assert asked_in_vain(locked(core), record("app", "2.0"), core) == 0


def test_without_a_lock_there_is_nothing_to_stay_near_to() -> None:
    channel = ToyChannel(records=(record("app", "2.0", "core"), *versions("core", "1.0", "2.0")))
    here = baseline(unit(asks_for("app", "*")), OLD_APP, record("core", "1.0"), locked=False)

    assert moved(channel, here) == {"core": "2.0"}


def test_all_that_was_forced_stays_in_its_minor_if_it_can() -> None:
    channel = ToyChannel(
        records=(
            record("app", "2.0", "a", "b", "c"),
            *versions("a", "1.0.0", "1.0.5", "2.0"),
            *versions("b", "3.1.0", "3.1.2", "3.4"),
            record("c", "1", "a >1.0.0", "b >3.1.0"),
        )
    )

    assert moved(channel, locked(record("a", "1.0.0"), record("b", "3.1.0"))) == {
        "a": "1.0.5",
        "b": "3.1.2",
        "c": "1",
    }


def test_what_cannot_stay_in_its_minor_stays_in_its_major_and_the_others_near() -> None:
    channel = ToyChannel(
        records=(
            record("app", "2.0", "a", "b", "c"),
            *versions("a", "1.0", "1.7", "2.0"),
            *versions("b", "3.1.0", "3.1.2", "4.0"),
            record("c", "1", "a >=1.5", "b >3.1.0"),
        )
    )

    assert moved(channel, locked(record("a", "1.0"), record("b", "3.1.0"))) == {
        "a": "1.7",
        "b": "3.1.2",
        "c": "1",
    }


def test_what_must_leave_its_major_does() -> None:
    channel = ToyChannel(
        records=(
            record("app", "2.0", "a", "c"),
            *versions("a", "1.0", "1.7", "2.0"),
            record("c", "1", "a >=2"),
        )
    )

    assert moved(channel, locked(record("a", "1.0"))) == {"a": "2.0", "c": "1"}


def test_what_the_update_itself_asks_for_is_not_up_for_discussion() -> None:
    solution = (record("a", "2.0"), record("app", "2.0", "a >=2", "a >=!odd=="))

    assert asked_in_vain(locked(record("a", "1.0")), *solution) == 0


def test_a_patch_is_near_enough() -> None:
    channel = ToyChannel(
        records=(
            record("app", "2.0", "a", "b", "c"),
            *versions("a", "1.0", "1.7"),
            *versions("b", "1.0.0", "1.0.1"),
            record("c", "1", "a >1.5"),
        )
    )

    assert moved(channel, locked(record("a", "1.0"), record("b", "1.0.0"))) == {
        "a": "1.7",
        "b": "1.0.1",
        "c": "1",
    }


def test_the_number_of_solves_is_limited() -> None:
    here = locked(*(record(f"p{number}", "1.0") for number in range(20)))

    assert asked_in_vain(here, *(record(f"p{number}", "2.0") for number in range(20))) == SOLVES


def test_one_package_that_left_its_minor_is_tried_there_only_and_one_that_left_its_major_twice() -> None:
    here = locked(record("a", "1.0"))

    assert asked_in_vain(here, record("a", "1.7")) == 1 + 1
    assert asked_in_vain(here, record("a", "2.0")) == 1 + 2
    assert asked_in_vain(here, record("a", "1.0.1")) == 0


def test_what_would_go_down_gets_a_floor_and_what_that_pushes_down_one_as_well() -> None:
    channel = ToyChannel(
        records=(
            record("app", "2.0", "a", "b", "d", "e >=2"),
            *versions("e", "1.0", "2.0"),
            record("a", "1.0"),
            record("a", "2.0", "e <2"),
            record("a", "2.1"),
            *versions("b", "3.0", "1.0"),
            *versions("d", "3.0", "1.0"),
        )
    )
    here = locked(record("a", "2.0"), record("b", "3.0"), record("d", "3.0"), record("e", "1.0"))
    asked = question(here.unit, specs=("app ==2.0", "e >=2"), newest_record=NOW)
    worse = Solution(records=(record("a", "1.0"), record("app", "2.0"), record("b", "1.0"), record("e", "2.0")))

    records = run(keep_near(here, asked, worse, frozenset({APP})), channel)

    assert {each.name: each.version for each in records if each.name != APP} == {
        "a": "2.1",
        "b": "3.0",
        "d": "3.0",
        "e": "2.0",
    }


def test_what_must_go_down_does() -> None:
    channel = ToyChannel(records=(record("app", "2.0", "a"), record("a", "1.0"), record("a", "3.0", "gone")))
    here = locked(record("a", "3.0", "gone"))
    asked = question(here.unit, specs=("app ==2.0",), newest_record=NOW)

    records = run(keep_near(here, asked, Solution(records=(record("a", "1.0"),)), frozenset({APP})), channel)

    assert [each.version for each in records if each.name == "a"] == ["1.0"]


def test_nothing_goes_down_for_nearness() -> None:
    """`old` 1.0 would let `near` stay in its minor, for it does not need it at all."""
    channel = ToyChannel(
        records=(
            record("app", "2.0", "old", "c"),
            record("old", "2.0", "near >1.0"),
            record("old", "1.0"),
            *versions("near", "1.0", "1.1"),
            record("c", "1"),
        )
    )
    here = locked(record("old", "2.0", "near"), record("near", "1.0"))

    assert moved(channel, here) == {"c": "1", "near": "1.1", "old": "2.0"}


def relocked(channel: ToyChannel, here: Baseline, *specs: str) -> dict[str, str]:
    """Return the titles of what a lock holds that *specs* are asked of, as `version build`."""
    asked = question(here.unit, specs=specs, newest_record=NOW, locked=here.records.values())
    solution = channel.solve(asked)
    assert isinstance(solution, Solution)
    records = run(keep_locked(here, asked, solution), channel)
    return {each.name: f"{each.version} {each.build}" for each in records}


def test_what_is_locked_stays_to_the_build_if_what_is_new_can_be_had_beside_it() -> None:
    core, rebuilt = record("core", "1.0"), record("core", "1.0", build="h0_1")
    channel = ToyChannel(
        records=(core, rebuilt, record("app", "1.0", "core =1.0=h0_0"), record("app", "2.0", "core =1.0=h0_1"))
    )
    here = baseline(unit(asks_for("app", "*")), core)

    assert relocked(channel, here, "app") == {"app": "1.0 h0_0", "core": "1.0 h0_0"}


def test_what_is_asked_for_otherwise_moves_and_what_else_would_stays_near() -> None:
    other, newer = record("other", "1.0", "core"), record("other", "2.0", "core >=2")
    sides, cores = versions("side", "1.0.0", "1.0.1"), versions("core", "1.0", "2.0")
    channel = ToyChannel(records=(OLD_APP, record("app", "2.0", "side >=1.0.1", "other"), other, newer, *sides, *cores))
    here = locked(sides[0], cores[0])

    assert {name: found.split()[0] for name, found in relocked(channel, here, "app >=2").items()} == {
        "app": "2.0",
        "other": "1.0",
        "core": "1.0",
        "side": "1.0.1",
    }


def test_nothing_moves_in_place_of_what_its_channel_says_otherwise_of_by_now() -> None:
    old, patched = record("docs", "1.0", build="h0_0"), record("docs", "1.0", "click <8.3", build="h0_1")
    channel = ToyChannel(records=(old, patched, *versions("click", "8.2", "8.3"), record("extra", "1.0")))
    here = baseline(unit(asks_for("docs", "*")), record("docs", "1.0", build="h0_1"), record("click", "8.3"))
    asked = question(here.unit, specs=("docs", "click", "extra"), newest_record=NOW)
    plain = Solution(records=(patched, record("click", "8.2"), record("extra", "1.0")))

    assert run(keep_locked(here, asked, plain), channel) == plain.records
