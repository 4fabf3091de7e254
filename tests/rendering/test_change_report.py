"""What is said beside a person's pull request: `fixtures/looks/*.md` hold the line, the conclusion and the text."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.advisory import AdvisoryVerdict, Exposure, LockAdvisories
from bot.model.audit import Finding, FindingRule, LockAudit, NotJudged
from bot.model.change_report import ChangeReport, Judgement
from bot.model.lock_verdict import LockStanding, LockVerdict, Reason
from bot.model.manifest import PackageName, Subdir
from bot.model.report import Problem
from bot.model.state_diff import LineChange, StateDiff
from bot.rendering.change_report import Remark, change_headline, change_summary, judgement, remarks
from tests.rendering.github import effects
from tests.rendering.proposals import change, everywhere

FOLDER = Path(__file__).parents[2] / "fixtures" / "looks"
JUDGED = tuple((name, Subdir(subdir)) for name in ("default", "test") for subdir in ("linux-64", "win-64"))
IN_STEP = LockVerdict(path="pixi.lock", standing=LockStanding.IN_STEP, judged=JUDGED)
ASKS = "numpy 2.4.6 is locked, and numpy >=2.5 is asked for"
STALE = replace(
    IN_STEP,
    standing=LockStanding.OUT_OF_STEP,
    reasons=tuple(
        Reason(manifest="pixi.toml", line=14, environment=name, platform=subdir, sentence=ASKS)
        for name, subdir in JUDGED
    ),
)
LINE = LineChange(manifest="pixi.toml", line=14, name=PackageName("numpy"), old="2.4.*", new=">=2.5")
MOVES = StateDiff(
    locks=tuple(replace(each, lock="pixi.lock") for each in everywhere(change("numpy", "2.4.6", "2.5.1", direct=True))),
    lines=(LINE,),
)
MUCH = tuple(
    replace(each, lock="pixi.lock") for each in everywhere(*(change(f"lib{n:02}", "1.0", "2.0") for n in range(20)))
)
GONE = Problem(path="pixi.toml", line=3, sentence="here is a @tab and #12, <b>not</b> TOML")


def audit(*rules: FindingRule, unjudged: int = 0) -> LockAudit:
    found = (
        Finding(
            rule=rule,
            name=PackageName("numpy"),
            version="2.5.1",
            url="https://conda.example/linux-64/numpy-2.5.1-h2_0.conda",
            environments=("default",),
            subdirs=(Subdir("linux-64"),),
            sentence="numpy 2.5.1 is not what the channel offers.",
            line=120,
        )
        for rule in rules
    )
    silent = (NotJudged(reason="the channel did not answer", records=unjudged),) if unjudged else ()
    return LockAudit(path="pixi.lock", records=1, others=0, findings=tuple(found), not_judged=silent)


ADVISED = LockAdvisories(
    verdicts=tuple(
        AdvisoryVerdict(
            id=each,
            aliases=(),
            name=PackageName("numpy"),
            project=PackageName("numpy"),
            version="2.5.1",
            exposure=stands,
        )
        for each, stands in (("GHSA-1", Exposure.AFFECTED), ("GHSA-3", Exposure.NOT_AFFECTED))
    ),
    judged=1,
    unknown={"nobody says what it is called upstream": 2},
)
CASES = {
    "in-step": ChangeReport(diff=MOVES, verdicts=(IN_STEP,), audits=(audit(),)),
    "nothing-changes": ChangeReport(diff=StateDiff(), verdicts=(IN_STEP,)),
    "stale": ChangeReport(diff=StateDiff(lines=(LINE,)), verdicts=(STALE, replace(IN_STEP, path="docs/pixi.lock"))),
    "stale-before": ChangeReport(diff=StateDiff(lines=(LINE,)), verdicts=(STALE,), before=frozenset({"pixi.lock"})),
    "tampered": ChangeReport(diff=MOVES, verdicts=(IN_STEP,), audits=(audit(FindingRule.HASH_DIFFERS),)),
    "gone-and-young": ChangeReport(
        diff=MOVES,
        verdicts=(IN_STEP,),
        audits=(audit(FindingRule.RECORD_GONE, unjudged=2),),
        young=("numpy 2.5.1 is 1 day old: due 2026-08-17",),
    ),
    "wrong-configuration": ChangeReport(
        diff=StateDiff(),
        wrong=(
            Problem(path=".github/condabot.yml", line=1, sentence="ignoreDep: is no setting; did you mean ignoreDeps?"),
            Problem(path=".github/condabot.yml", line=2, sentence="lockAge: must be a span"),
        ),
    ),
    "not-read": ChangeReport(diff=StateDiff(), problems=(GONE,)),
    "advisories": ChangeReport(
        diff=MOVES,
        verdicts=(IN_STEP,),
        audits=(
            replace(audit(FindingRule.ADVISORY), excused=audit(FindingRule.ADVISORY).findings, advisories=ADVISED),
        ),
        mended=("jinja2 3.1.2 was affected by GHSA-2; it is 3.1.4 now.",),
    ),
    "much": ChangeReport(diff=StateDiff(locks=MUCH), verdicts=(IN_STEP,)),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_said_as_the_golden_file_has_it(name: str) -> None:
    """Where that shall be another text: write what the failure shows into the file, and read it."""
    report = CASES[name]
    said = f"{change_headline(report)}\n{judgement(report)}\n\n{change_summary(report)}\n"
    assert said == (FOLDER / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_nothing_in_it_acts(name: str) -> None:
    assert effects(change_summary(CASES[name])) == []


def test_there_is_no_golden_file_too_many() -> None:
    assert {each.stem for each in FOLDER.iterdir()} == CASES.keys()


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (LockStanding.IN_STEP, Judgement.SUCCESS),
        (LockStanding.OUT_OF_STEP, Judgement.FAILURE),
        (LockStanding.CONFLICTED, Judgement.FAILURE),
        (LockStanding.UNREADABLE, Judgement.FAILURE),
        (LockStanding.ORPHANED, Judgement.NEUTRAL),
        (LockStanding.NOT_JUDGED, Judgement.NEUTRAL),
    ],
)
def test_where_a_lock_stands_decides(standing: LockStanding, said: Judgement) -> None:
    report = ChangeReport(diff=StateDiff(), verdicts=(replace(STALE, standing=standing),))
    assert judgement(report) is said
    was_so = judgement(replace(report, before=frozenset({"pixi.lock"})))
    assert was_so is (Judgement.SUCCESS if said is Judgement.SUCCESS else Judgement.NEUTRAL)


def test_what_fails_is_noted_before_what_does_not_and_the_same_once() -> None:
    report = replace(CASES["stale"], audits=(audit(FindingRule.RECORD_GONE),))
    sentence = "numpy 2.5.1 is not what the channel offers."
    assert remarks(report) == (
        Remark(path="pixi.toml", line=14, message=ASKS, is_failure=True),
        Remark(path="pixi.lock", line=120, message=sentence, is_failure=False),
    )
