"""Every form of pixi's `exclude-newer`."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import ManifestError
from bot.model.exclude_newer import CutOff, ExcludeNewer, Exemption
from bot.model.manifest import PackageName
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
        f"pixi.toml:5: exclude-newer: {written!r} is neither a time, nor a date such as 2026-01-31,"
        " nor a span such as 7d"
    )


@given(st.text(max_size=30))
@example("9" * 30)
@example("0001-01-01T00:00:00+23:59")
def test_any_text_is_a_moment_or_a_value_error(written: str) -> None:
    with contextlib.suppress(ValueError):
        assert cut_off(written, NOW).tzinfo is UTC


def test_it_is_the_environments_own_limit() -> None:
    found = environment(workspace(WORKSPACE + 'exclude-newer = "7d"\n'))

    assert found.exclude_newer == ExcludeNewer(every=CutOff(moment=NOW - timedelta(days=7)))
    assert environment(workspace(WORKSPACE)).exclude_newer == ExcludeNewer()


CHANNELS = (
    '[{ channel = "conda-forge", exclude-newer = "3d" }, "bioconda", { channel = "conda-forge", exclude-newer = "9d" }]'
)
FORGE = "https://conda.anaconda.org/conda-forge"


def days(count: int) -> CutOff:
    return CutOff(moment=NOW - timedelta(days=count))


def test_channels_and_packages_have_cut_offs_of_their_own() -> None:
    text = (
        WORKSPACE.replace('["conda-forge"]', CHANNELS)
        + 'exclude-newer = "14d"\n[exclude-newer]\nOpenSSL = "2026-01-31"\n'
    )

    found = environment(workspace(text)).exclude_newer

    date = CutOff(moment=datetime(2026, 2, 1, tzinfo=UTC), is_fixed=True)
    assert found.of(PackageName("numpy"), FORGE) == days(3)
    assert found.of(PackageName("numpy"), "https://conda.anaconda.org/bioconda") == days(14)
    assert found.of(PackageName("openssl"), FORGE) == date
    assert found.has_exceptions


def test_the_table_of_the_workspace_has_a_cut_off_and_exemptions() -> None:
    text = WORKSPACE + (
        '[workspace.exclude-newer]\ncutoff = "14d"\n[workspace.exclude-newer.exemptions]\n'
        'py-rattler = "*"\nPolars = "1.43.1"\nnumpy = { version = "2.*", channel = "conda-forge", build = "py313*" }\n'
        'soon = { version = "*", cutoff = "2d" }\nnow = { cutoff = "now" }\n'
    )

    found = environment(workspace(text)).exclude_newer

    assert found.every == days(14)
    assert found.exemptions == (
        Exemption(name=PackageName("py-rattler"), match_spec="py-rattler[version='*']"),
        Exemption(name=PackageName("polars"), match_spec="polars[version='1.43.1']"),
        Exemption(name=PackageName("numpy"), match_spec="numpy[version='2.*',build='py313*']", channel=FORGE),
        Exemption(name=PackageName("soon"), match_spec="soon[version='*']", until=NOW - timedelta(days=2)),
        Exemption(name=PackageName("now"), match_spec="now[version='*']", until=NOW),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('exclude-newer = "7d"\n', ExcludeNewer(every=days(7)), id="conda's, without one of its own"),
        pytest.param('exclude-newer = "7d"\npypi-exclude-newer = "2d"\n', ExcludeNewer(every=days(2)), id="its own"),
        pytest.param(
            'pypi-exclude-newer = { cutoff = "2d", exemptions = { Torch = "*" } }\n[pypi-exclude-newer]\nRich = "0d"\n',
            ExcludeNewer(
                every=days(2),
                packages={PackageName("rich"): days(0)},
                exemptions=(Exemption(name=PackageName("torch"), match_spec="torch"),),
            ),
            id="with exceptions",
        ),
    ],
)
def test_pypi_packages_have_a_limit_too(text: str, expected: ExcludeNewer) -> None:
    assert environment(workspace(WORKSPACE + text)).pypi_exclude_newer == expected


@pytest.mark.parametrize(
    "text",
    [
        'exclude-newer = { exemptions = { polars = ">>1" } }\n',
        "exclude-newer = { exemptions = { polars = 1 } }\n",
        'exclude-newer = { exemptions = { "no name" = "*" } }\n',
        'exclude-newer = { exemptions = "polars" }\n',
        'exclude-newer = { cutoff = "soon" }\n',
    ],
)
def test_what_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ManifestError):
        workspace(WORKSPACE + text)
