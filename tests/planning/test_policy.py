"""The policy, and what a configuration makes of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.config import Configuration
from bot.config.rules import PackageRule
from bot.model.manifest import PackageName
from bot.planning.policy import Policy
from bot.planning.rules import Effect

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def test_without_a_configuration_it_stays() -> None:
    assert Policy().configured(Configuration()) == Policy()


def test_everything_can_be_configured() -> None:
    every = Policy(
        minimum_release_age=WEEK,
        transitive_release_age=DAY,
        minor_alone=frozenset({PackageName("dask")}),
        python_minor_age=HOUR,
        lock_age=HOUR,
    )
    asked = Configuration(
        minimum_release_age=WEEK,
        transitive_release_age=DAY,
        minor_alone=frozenset({PackageName("dask")}),
        python_minor_age=HOUR,
        lock_age=HOUR,
    )

    assert Policy().configured(asked) == every


@pytest.mark.parametrize(
    ("minimum", "transitive", "expected"),
    [
        pytest.param(2 * WEEK, None, 3 * DAY, id="a longer age leaves the other as it is"),
        pytest.param(HOUR, None, HOUR, id="a shorter age counts for everything"),
        pytest.param(HOUR, WEEK, WEEK, id="what is said counts"),
    ],
)
def test_what_no_manifest_names_waits_no_longer_than_what_one_does(
    minimum: timedelta, transitive: timedelta | None, expected: timedelta
) -> None:
    asked = Configuration(minimum_release_age=minimum, transitive_release_age=transitive)

    assert Policy().configured(asked).transitive_release_age == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", (False, "2026-10")), ("Europe/Berlin", (True, "2026-11")), ("America/New_York", (False, "2026-10"))],
)
def test_a_lock_is_refreshed_on_the_day_that_it_is_where_the_repository_is(
    zone: str, expected: tuple[bool, str]
) -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    maintenance = Policy().configured(Configuration(timezone=ZoneInfo(zone))).maintenance

    assert (maintenance.is_day(late), maintenance.window(late)) == expected


def test_a_rule_lets_nothing_in_that_no_record_may_be() -> None:
    def age(days: int) -> timedelta:
        return Policy().age_for(Effect((PackageRule(minimum_release_age=days * DAY),)))

    assert [age(days) for days in (0, 5, 30)] == [3 * DAY, 5 * DAY, 30 * DAY]
    assert Policy().age_for(Effect()) == WEEK
