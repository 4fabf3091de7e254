"""How old a release must be: the policy, and what a manifest keeps out of channels and packages."""

from datetime import datetime, timedelta

import pytest

from bot.model.exclude_newer import CutOff, ExcludeNewer, Exemption
from bot.model.manifest import PackageName
from bot.planning.age import AgeLimit, WrittenLimit, conda_age_limit, pypi_age_limit
from bot.planning.policy import Policy
from tests.planning.toy import FORGE, NOW, asks_for, unit

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
