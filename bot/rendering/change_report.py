"""What the check beside a pull request of people says: whether its locks are in step, and what it moves."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.model.audit import Finding, FindingRule
from bot.model.change_report import ChangeReport, Judgement
from bot.model.lock_verdict import LockStanding, LockVerdict
from bot.model.report import Problem
from bot.rendering.audit import advisories_summary
from bot.rendering.check_run import TAMPERING, finding_table
from bot.rendering.locked import WORDS, extent, told_reasons
from bot.rendering.markdown import code, plain
from bot.rendering.sizes import counted
from bot.rendering.state_diff import diff_markdown

MOST_ROWS: Final = 15
MOST_REASONS: Final = 10
MOST_LOCKS: Final = 30
AS_BEFORE: Final = " (it stood so before this change)"
RELOCK: Final = "Press *Relock*, or write `/condabot relock` in a comment, to have this solved on the merge."
RELOCKED: Final = frozenset({LockStanding.OUT_OF_STEP, LockStanding.CONFLICTED})
FAILING: Final = frozenset({LockStanding.OUT_OF_STEP, LockStanding.CONFLICTED, LockStanding.UNREADABLE})
"""Where a lock does not stand by itself: who merges it has others install something else than they asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What is said of a line of a file; one that `is_failure` is why the check failed."""

    path: str
    line: int
    message: str
    is_failure: bool


def judgement(report: ChangeReport) -> Judgement:
    """Return what *report* comes to. What time alone brings, and what was so before, keeps nobody from merging."""
    if report.wrong or _failing(report) or _tampered(report):
        return Judgement.FAILURE
    odd = any(each.standing is not LockStanding.IN_STEP for each in report.verdicts)
    return Judgement.NEUTRAL if odd or any(_remarks(report)) else Judgement.SUCCESS


def change_headline(report: ChangeReport) -> str:
    """Return one line for the list of checks."""
    failing = _failing(report)
    said = [f"the configuration has {counted(len(report.wrong), 'error')}"] if report.wrong else []
    if len(failing) == 1:
        said.append(f"{failing[0].path} {WORDS[failing[0].standing]}")
    elif failing:
        said.append(f"{len(failing)} of {counted(len(report.verdicts), 'lock')} are not as their manifests ask")
    if _tampered(report):
        said.append("a lock holds what its channels do not offer")
    return "; ".join(said or _calm(report))


def _unread(report: ChangeReport) -> Iterable[Problem]:
    """Return what could not be read or compared, each once."""
    return dict.fromkeys((*report.problems, *report.diff.problems))


def change_summary(report: ChangeReport) -> str:
    """Return the text of the check, in Markdown."""
    parts = (
        _section("Wrong in the configuration", [f"- {plain(str(each))}" for each in report.wrong]),
        _section("Locks", [*_locks(report)]),
        RELOCK if any(each.standing in RELOCKED for each in _failing(report)) else "",
        _section("Not read", [f"- {plain(str(each))}" for each in _unread(report)]),
        _section("What comes in", [*_incoming(report)]),
        _section("Not affected any more", [f"- {plain(each)}" for each in report.mended]),
        f"## What changes\n\n{diff_markdown(report.diff, most=MOST_ROWS)}".rstrip(),
    )
    return "\n\n".join(part for part in parts if part)


def conflict_headline(paths: Sequence[str], branch: str) -> str:
    """Return one line for locks at *paths* that are in conflict with the *branch* that they are to be merged with."""
    named = paths[0] if len(paths) == 1 else f"{counted(len(paths), 'lock')}"
    return f"{named} {'is' if len(paths) == 1 else 'are'} in conflict with {branch}"


def conflict_words(paths: Sequence[str], branch: str) -> str:
    """Return the same in Markdown, and what helps."""
    named = ", ".join(map(code, paths[:MOST_ROWS]))
    verb = "is" if len(paths) == 1 else "are"
    return f"{named} {verb} in conflict with {code(branch)}, which moved on. {RELOCK} What both sides moved is kept."


def remarks(report: ChangeReport) -> tuple[Remark, ...]:
    """Return what is said of lines: first of all what keeps the change from merging."""
    wrong = (_remark(each, is_failure=True) for each in report.wrong if each.path)
    locks = (
        Remark(path=reason.manifest, line=reason.line or 1, message=reason.sentence, is_failure=True)
        for each in _failing(report)
        for reason in each.reasons
    )
    found = (
        Remark(path=audit.path, line=each.line or 1, message=each.sentence, is_failure=each.rule in TAMPERING)
        for audit in report.audits
        for each in audit.findings
    )
    unread = (_remark(each, is_failure=False) for each in report.problems)
    every = dict.fromkeys((*wrong, *locks, *found, *unread))
    return tuple(sorted(every, key=lambda each: not each.is_failure))


def _remark(problem: Problem, *, is_failure: bool) -> Remark:
    return Remark(path=problem.path, line=problem.line or 1, message=problem.sentence, is_failure=is_failure)


def _failing(report: ChangeReport) -> tuple[LockVerdict, ...]:
    return tuple(each for each in report.verdicts if each.standing in FAILING and each.path not in report.before)


def _findings(report: ChangeReport) -> Sequence[Finding]:
    return [finding for each in report.audits for finding in each.findings]


def _tampered(report: ChangeReport) -> bool:
    return any(each.rule in TAMPERING for each in _findings(report))


def _remarks(report: ChangeReport) -> Iterator[str]:
    """Yield a line for each thing that is worth a look and holds nobody up."""
    yield from (each.sentence for each in _findings(report))
    yield from report.young
    for audit in report.audits:
        for each in audit.not_judged:
            yield f"{counted(each.records, 'record')} of {audit.path} not judged: {each.reason}"
    yield from (str(each) for each in _unread(report))


def _calm(report: ChangeReport) -> Iterator[str]:
    """Yield what is said of a change in which nothing is wrong."""
    in_step = sum(each.standing is LockStanding.IN_STEP for each in report.verdicts)
    if in_step:
        yield f"{counted(in_step, 'lock')} in step"
    if report.before:
        yield f"{counted(len(report.before), 'lock')} as before"
    if others := len(report.verdicts) - in_step - len(report.before):
        yield f"{counted(others, 'lock')} not judged in full"
    moved = {change.name for each in report.diff.locks for change in each.changes}
    if moved:
        yield f"{counted(len(moved), 'package')} {'changes' if len(moved) == 1 else 'change'}"
    elif lines := len(report.diff.lines):
        yield f"{counted(lines, 'line')} of manifests {'changes' if lines == 1 else 'change'}"
    else:
        yield "no package changes"
    if affected := {each.name for each in _findings(report) if each.rule is FindingRule.ADVISORY}:
        yield f"{counted(len(affected), 'affected package')} {'comes' if len(affected) == 1 else 'come'} in"
    if report.mended:
        yield f"{counted(len(report.mended), 'affected package')} mended"
    if worth := sum(1 for _ in _remarks(report)):
        yield f"{counted(worth, 'remark')}"


def _section(title: str, lines: Sequence[str]) -> str:
    return f"## {title}\n\n" + "\n".join(lines) if lines else ""


def _locks(report: ChangeReport) -> Iterator[str]:
    ordered = sorted(report.verdicts, key=lambda each: (each.standing not in FAILING, each.path in report.before))
    for each in ordered[:MOST_LOCKS]:
        before = AS_BEFORE if each.path in report.before else ""
        yield f"- {code(each.path)} {WORDS[each.standing]}{extent(each)}{before}"
        told = told_reasons(each.reasons)
        yield from (f"  - {plain(words)}" for words in told[:MOST_REASONS])
        if more := len(told[MOST_REASONS:]):
            yield f"  - and {counted(more, 'more reason')}"
    if rest := len(ordered[MOST_LOCKS:]):
        yield f"- and {counted(rest, 'more lock')}"


def _advisories(report: ChangeReport) -> Iterator[str]:
    """Yield what of that which comes in advisories know, and what the repository says itself of what they say."""
    for audit in report.audits:
        if audit.advisories:
            yield f"- {code(audit.path)}: {advisories_summary(audit.advisories)}"
        yield from (f"  - {plain(each.sentence)}" for each in audit.excused[:MOST_ROWS])
        if more := len(audit.excused[MOST_ROWS:]):
            yield f"  - and {more} more that the repository says it of"


def _incoming(report: ChangeReport) -> Iterator[str]:
    """Yield what the audit of the records that come in has to say; nothing if nothing comes in."""
    if not report.audits:
        return
    records = sum(each.records for each in report.audits)
    findings = _findings(report)
    if records:
        found = counted(len(findings), "finding") if findings else "nothing is wrong"
        comes = "comes" if records == 1 else "come"
        yield f"{counted(records, 'record')} {comes} in, compared with what channels offer: {found}."
    yield from _advisories(report)
    for audit in report.audits:
        for each in audit.not_judged:
            yield f"- {code(audit.path)}: {counted(each.records, 'record')} not judged: {plain(each.reason)}"
    yield from (f"- too young for an update: {plain(each)}" for each in report.young[:MOST_ROWS])
    if more := len(report.young[MOST_ROWS:]):
        yield f"- and {more} more that are too young"
    if findings:
        yield f"\n{finding_table(findings)}"
