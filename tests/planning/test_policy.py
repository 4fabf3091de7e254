"""The policy, and what a configuration makes of it."""

from datetime import timedelta

import pytest

from bot.config import Configuration
from bot.model.manifest import PackageName
from bot.planning.policy import Policy

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
