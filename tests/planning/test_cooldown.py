"""A dependency that another one drags along does not land on a release that is too young for itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.exclude_newer import CutOff, ExcludeNewer, Exemption
from bot.model.package import Record
from bot.planning.baseline import Baseline
from bot.planning.cooldown import with_cooldown
from bot.planning.groups import at_once
from bot.planning.outlook import conda_outlooks
from bot.planning.policy import Policy
from bot.planning.search import Found, search
from tests.planning.toy import NOW, ToyChannel, asks_for, baseline, lookups, record, run, unit

FIVE_DAYS = timedelta(days=5)
OLD_APP, OLD_LIB = record("app", "1.0"), record("lib", "1.0")


def found(channel: ToyChannel, here: Baseline) -> Found:
    offers = lookups(channel, here)
    cool = with_cooldown(here, offers, Policy(), NOW)
    outlooks = conda_outlooks([cool], offers, Policy(), NOW)
    candidates = tuple(each for one in outlooks for each in one.candidates)
    return run(search(at_once(candidates, "all")), channel)


def channel(*more: Record) -> ToyChannel:
    young = record("lib", "2.0", age=FIVE_DAYS)
    return ToyChannel(records=(OLD_APP, OLD_LIB, young, record("app", "1.1", "lib >=2"), *more))


def test_an_update_that_would_need_a_young_neighbour_waits_and_says_so() -> None:
    result = found(channel(), baseline(unit(asks_for("app", "*"), asks_for("lib", "*")), OLD_APP, OLD_LIB))

    assert result.plan.updates == ()
    assert [each.sentence for each in result.held_back] == ["app 1.1 needs lib 2.0, too young yet"]


def test_an_older_release_of_the_neighbour_is_taken_instead() -> None:
    here = baseline(unit(asks_for("app", "*"), asks_for("lib", "*")), OLD_APP, OLD_LIB)

    result = found(channel(record("lib", "2.0.1")), here)

    assert {each.name: each.target.version for each in result.plan.updates} == {"app": "1.1", "lib": "2.0.1"}


def test_what_the_manifest_does_not_name_may_be_younger() -> None:
    result = found(channel(), baseline(unit(asks_for("app", "*")), OLD_APP, OLD_LIB))

    assert [each.target.version for each in result.plan.updates] == ["1.1"]


def test_both_prices_are_named() -> None:
    lowering = record("app", "1.2", "lib >=2", "old <1")
    here = baseline(
        unit(asks_for("app", ">1.1"), asks_for("lib", "*"), asks_for("old", "*")),
        OLD_APP,
        OLD_LIB,
        record("old", "1.0"),
    )

    result = found(channel(lowering, record("old", "1.0"), record("old", "0.9")), here)

    assert result.held_back[0].sentence == "app 1.2 would lower old from 1.0 to 0.9 and needs lib 2.0, too young yet"


def test_the_version_in_use_and_older_ones_are_never_barred() -> None:
    young = record("lib", "2.0", age=FIVE_DAYS)
    here = baseline(unit(asks_for("lib", "*"), asks_for("nowhere", "*")), young)
    offers = lookups(ToyChannel(records=(record("lib", "1.9", age=FIVE_DAYS), young)), here)

    assert with_cooldown(here, offers, Policy(), NOW).barred == {}
    assert with_cooldown(here, {}, Policy(), NOW).barred == {}


def test_a_release_without_a_date_is_barred() -> None:
    here = baseline(unit(asks_for("lib", "*")), OLD_LIB)
    undated = replace(record("lib", "2.0"), timestamp=None)

    cool = with_cooldown(here, lookups(ToyChannel(records=(OLD_LIB, undated)), here), Policy(), NOW)

    assert cool.barred == {"lib": ("2.0",)}


@pytest.mark.parametrize(
    ("version", "barred"),
    [
        pytest.param("2.0", {}, id="a release that the manifest makes an exception for"),
        pytest.param("3.0", {"lib": ("3.0",)}, id="another release"),
    ],
)
def test_what_is_exempt_is_not_barred(version: str, barred: dict[str, tuple[str, ...]]) -> None:
    asked = unit(asks_for("lib", "*"))
    exempt = ExcludeNewer(
        every=CutOff(moment=NOW - timedelta(days=30)),
        exemptions=(Exemption(name=OLD_LIB.name, match_spec="lib 2.*"),),
    )
    here = baseline(
        replace(asked, environments=tuple(replace(each, exclude_newer=exempt) for each in asked.environments)), OLD_LIB
    )
    offers = lookups(ToyChannel(records=(OLD_LIB, record("lib", version, age=timedelta(days=20)))), here)

    assert with_cooldown(here, offers, Policy(), NOW).barred == barred


@pytest.mark.parametrize(("age", "barred"), [(timedelta(days=7), {}), (timedelta(days=6), {"lib": ("2.0",)})])
def test_what_is_as_old_as_the_policy_says_is_not_barred(age: timedelta, barred: dict[str, tuple[str, ...]]) -> None:
    here = baseline(unit(asks_for("lib", "*")), OLD_LIB)
    offers = lookups(ToyChannel(records=(OLD_LIB, record("lib", "2.0", age=age))), here)

    assert with_cooldown(here, offers, Policy(), NOW).barred == barred
