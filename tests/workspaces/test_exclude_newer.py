"""Every form of pixi's `exclude-newer`."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import ManifestError
from bot.workspaces.exclude_newer import cut_off
from tests.workspaces.pixi import NOW, WORKSPACE, environment, workspace


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2026-01-31", datetime(2026, 2, 1, tzinfo=UTC), id="a date counts to the end of its day in UTC"),
        pytest.param("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC), id="a time is that moment"),
        pytest.param("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC), id="in any zone"),
        pytest.param("2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC), id="without a zone it is UTC's"),
        pytest.param("7d", NOW - timedelta(days=7), id="a span counts back from now"),
        pytest.param(" 2 weeks ", NOW - timedelta(weeks=2), id="in words"),
        pytest.param("1h30m", NOW - timedelta(minutes=90), id="in several parts"),
        pytest.param("1month 2days", NOW - timedelta(days=32.44), id="a month has 30.44 days, as for humantime"),
        pytest.param("1M", NOW - timedelta(days=30.44), id="M is a month"),
        pytest.param("1m", NOW - timedelta(minutes=1), id="m is a minute"),
        pytest.param("0d", NOW, id="nothing is now"),
    ],
)
def test_cut_off(written: str, expected: datetime) -> None:
    assert cut_off(written, NOW) == expected


@pytest.mark.parametrize("written", ["", "soon", "7", "7 fortnights", "2026-13-01", "d7", "999999y", "31.01.2026"])
def test_what_is_none_of_these_is_an_error_with_its_place(written: str) -> None:
    with pytest.raises(ManifestError) as raised:
        workspace(WORKSPACE + f'exclude-newer = "{written}"\n')

    assert str(raised.value) == (
        f"pixi.toml: exclude-newer: {written!r} is neither a time, nor a date such as 2026-01-31, nor a span such as 7d"
    )


@given(st.text(max_size=30))
@example("9" * 30)
@example("0001-01-01T00:00:00+23:59")
def test_any_text_is_a_moment_or_a_value_error(written: str) -> None:
    with contextlib.suppress(ValueError):
        assert cut_off(written, NOW).tzinfo is UTC


def test_it_is_the_environments_own_limit() -> None:
    assert environment(workspace(WORKSPACE + 'exclude-newer = "7d"\n')).exclude_newer == NOW - timedelta(days=7)
    assert environment(workspace(WORKSPACE)).exclude_newer is None
