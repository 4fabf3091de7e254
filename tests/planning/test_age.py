"""How old a release must be: the policy, and what a manifest keeps out of channels and packages."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.model.exclude_newer import CutOff, ExcludeNewer, Exemption
from bot.model.manifest import PackageName
from bot.planning.age import AgeLimit, WrittenLimit, conda_age_limit, is_kept_out, pypi_age_limit
from bot.planning.policy import Policy
from tests.planning.toy import FORGE, NOW, asks_for, record, unit

TOOL = PackageName("tool")
BUILT = NOW - timedelta(days=10)


def ago(days: int, *, fixed: bool = False) -> CutOff:
    return CutOff(moment=NOW - timedelta(days=days), is_fixed=fixed)


def obstacle(written: ExcludeNewer, built: datetime = BUILT) -> str:
    limit = WrittenLimit(exclude_newer=written, path="pixi.toml", channel=FORGE.url)
    return AgeLimit(name=TOOL, newest=NOW - timedelta(days=7), written=(limit,)).obstacle("2.0", built, NOW)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        pytest.param(ExcludeNewer(), "", id="old enough for the policy"),
        pytest.param(ExcludeNewer(every=ago(14)), "tool 2.0 is 10 days old: due 2026-11-06", id="too young for a span"),
        pytest.param(
            ExcludeNewer(every=ago(14, fixed=True)),
            "`exclude-newer` in pixi.toml keeps tool 2.0 out, which is of 2026-10-23",
            id="later than a date",
        ),
        pytest.param(
            ExcludeNewer(every=ago(14), channels={FORGE.url: ago(3)}), "", id="its channel counts before the workspace"
        ),
        pytest.param(
            ExcludeNewer(every=ago(14), channels={"https://other.example": ago(3)}),
            "tool 2.0 is 10 days old: due 2026-11-06",
            id="another channel does not",
        ),
        pytest.param(
            ExcludeNewer(channels={FORGE.url: ago(3)}, packages={TOOL: ago(12)}),
            "tool 2.0 is 10 days old: due 2026-11-04",
            id="the package counts before its channel",
        ),
        pytest.param(
            ExcludeNewer(every=ago(14), exemptions=(Exemption(name=TOOL, match_spec="tool 2.*"),)),
            "",
            id="an exempt release may be younger",
        ),
        pytest.param(
            ExcludeNewer(every=ago(14), exemptions=(Exemption(name=TOOL, match_spec="tool 1.*"),)),
            "tool 2.0 is 10 days old: due 2026-11-06",
            id="another release is not exempt",
        ),
        pytest.param(
            ExcludeNewer(every=ago(14), exemptions=(Exemption(name=TOOL, match_spec="tool", channel="elsewhere"),)),
            "tool 2.0 is 10 days old: due 2026-11-06",
            id="of another channel neither",
        ),
        pytest.param(
            ExcludeNewer(
                every=ago(14),
                exemptions=(Exemption(name=TOOL, match_spec="tool", until=NOW - timedelta(days=11)),),
            ),
            "`exclude-newer` in pixi.toml keeps tool 2.0 out, which is of 2026-10-23",
            id="an exemption that ends before does not help",
        ),
    ],
)
def test_the_most_specific_cut_off_counts(written: ExcludeNewer, sentence: str) -> None:
    assert obstacle(written) == sentence


def test_what_the_manifest_lets_in_is_still_up_to_the_policy() -> None:
    exempt = ExcludeNewer(packages={TOOL: ago(0)}, exemptions=(Exemption(name=TOOL, match_spec="tool"),))

    assert obstacle(exempt, NOW - timedelta(days=1)) == "tool 2.0 is 1 day old: due 2026-11-08"


def test_limits_are_made_of_environments() -> None:
    environment = unit(asks_for("tool", "=1")).environments[0]

    conda = conda_age_limit(TOOL, [(environment, FORGE.url)], Policy(), NOW)
    pypi = pypi_age_limit(TOOL, [environment], Policy(), NOW)

    assert conda.newest == pypi.newest == NOW - timedelta(days=7)
    assert [each.channel for each in (*conda.written, *pypi.written)] == [FORGE.url, ""]


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("written", "age", "sentence"),
    [
        pytest.param(ExcludeNewer(), timedelta(days=7), "", id="as old as the policy says"),
        pytest.param(
            ExcludeNewer(),
            timedelta(days=7) - SECOND,
            "tool 2.0 is 6 days old: due 2026-11-02",
            id="a second too young for the policy",
        ),
        pytest.param(ExcludeNewer(every=ago(14)), timedelta(days=14), "", id="as old as a span says"),
        pytest.param(
            ExcludeNewer(every=ago(14)),
            timedelta(days=14) - SECOND,
            "tool 2.0 is 13 days old: due 2026-11-02",
            id="a second too young for a span",
        ),
        pytest.param(ExcludeNewer(every=ago(14, fixed=True)), timedelta(days=14), "", id="of the very date"),
        pytest.param(
            ExcludeNewer(every=ago(14, fixed=True)),
            timedelta(days=14) - SECOND,
            "`exclude-newer` in pixi.toml keeps tool 2.0 out, which is of 2026-10-19",
            id="a second after a date",
        ),
        pytest.param(ExcludeNewer(), -timedelta(hours=1), "tool 2.0 is 0 days old: due 2026-11-09", id="of the future"),
        pytest.param(ExcludeNewer(), timedelta(days=1), "tool 2.0 is 1 day old: due 2026-11-08", id="one day"),
        pytest.param(ExcludeNewer(), timedelta(days=2), "tool 2.0 is 2 days old: due 2026-11-07", id="two days"),
    ],
)
def test_an_age_exactly_at_the_limit_is_enough(written: ExcludeNewer, age: timedelta, sentence: str) -> None:
    assert obstacle(written, NOW - age) == sentence


@pytest.mark.parametrize(
    ("exemption", "is_exempt"),
    [
        pytest.param(Exemption(name=TOOL, match_spec="tool"), True, id="its name"),
        pytest.param(Exemption(name=PackageName("tool-extra"), match_spec="tool-extra"), False, id="another name"),
        pytest.param(Exemption(name=TOOL, match_spec="tool", channel=FORGE.url), True, id="of its channel"),
        pytest.param(
            Exemption(name=TOOL, match_spec="tool", until=NOW - timedelta(days=10)), True, id="until it was built"
        ),
        pytest.param(
            Exemption(name=TOOL, match_spec="tool", until=NOW - timedelta(days=10) - SECOND), False, id="until before"
        ),
        pytest.param(
            Exemption(name=TOOL, match_spec="tool", until=NOW - timedelta(days=20)),
            False,
            id="until long before",
        ),
    ],
)
def test_exemptions_are_by_name(exemption: Exemption, *, is_exempt: bool) -> None:
    assert (obstacle(ExcludeNewer(every=ago(14), exemptions=(exemption,))) == "") is is_exempt


def test_of_several_exemptions_the_widest_counts() -> None:
    ends = Exemption(name=TOOL, match_spec="tool", until=NOW - timedelta(days=12))
    later = Exemption(name=TOOL, match_spec="tool", until=NOW - timedelta(days=9))
    endless = Exemption(name=TOOL, match_spec="tool")

    assert obstacle(ExcludeNewer(every=ago(14), exemptions=(ends, later))) == ""
    assert obstacle(ExcludeNewer(every=ago(14), exemptions=(ends, endless))) == ""


def test_the_strictest_of_several_manifests_counts_and_is_named() -> None:
    def limits(*written: tuple[str, CutOff]) -> AgeLimit:
        of = tuple(WrittenLimit(exclude_newer=ExcludeNewer(every=cut_off), path=path) for path, cut_off in written)
        return AgeLimit(name=TOOL, newest=NOW - timedelta(days=7), written=of)

    late, early = ("late.toml", ago(11, fixed=True)), ("early.toml", ago(14, fixed=True))
    span = ("span.toml", ago(20))

    for given in ((late, early), (early, late)):
        assert "in early.toml" in limits(*given).obstacle("2.0", BUILT, NOW)
    assert limits(span).obstacle("2.0", BUILT, NOW) == "tool 2.0 is 10 days old: due 2026-11-12"
    assert "in late.toml" in limits(span, late).obstacle("2.0", BUILT, NOW)


def test_a_limit_names_the_manifest_that_says_it() -> None:
    environment = replace(
        unit(asks_for("tool", "=1")).environments[0],
        exclude_newer=ExcludeNewer(every=ago(14, fixed=True)),
        pypi_exclude_newer=ExcludeNewer(every=ago(13, fixed=True)),
    )

    conda = conda_age_limit(TOOL, [(environment, FORGE.url)], Policy(), NOW)
    pypi = pypi_age_limit(TOOL, [environment], Policy(), NOW)

    assert [each.path for each in (*conda.written, *pypi.written)] == ["pixi.toml", "pixi.toml"]
    assert (conda.name, pypi.name) == (TOOL, TOOL)
    assert conda.written[0].cut_off(TOOL, "2.0") == ago(14, fixed=True)
    assert pypi.written[0].cut_off(TOOL, "2.0") == ago(13, fixed=True)


@pytest.mark.parametrize(
    ("written", "is_out"),
    [
        pytest.param(ExcludeNewer(), False, id="nothing is kept out"),
        pytest.param(ExcludeNewer(every=ago(14)), True, id="later than a span"),
        pytest.param(ExcludeNewer(every=ago(10, fixed=True)), False, id="of that very moment"),
        pytest.param(ExcludeNewer(every=ago(14), channels={FORGE.url: ago(3)}), False, id="within that of its channel"),
        pytest.param(ExcludeNewer(packages={TOOL: ago(14)}), True, id="later than that of the package"),
        pytest.param(
            ExcludeNewer(every=ago(14), exemptions=(Exemption(name=TOOL, match_spec="tool 2.*"),)), False, id="exempt"
        ),
    ],
)
def test_what_is_locked_may_be_kept_out(written: ExcludeNewer, *, is_out: bool) -> None:
    environment = replace(unit(asks_for("tool", "*")).environments[0], exclude_newer=written)
    locked = record("tool", "2.0", age=timedelta(days=10))

    assert is_kept_out(locked, environment) is is_out
    assert not is_kept_out(replace(locked, timestamp=None), environment)
