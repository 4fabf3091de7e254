"""What inspections answer with: reports, proposals and verdicts as the plain messages of `bot.updating.inspection`."""

from collections.abc import Iterable
from typing import Final

from bot import lockfiles
from bot.config import Configuration, Elsewhere, read_configuration
from bot.config.tables import SemanticCommits
from bot.errors import BadInput, ConfigurationError
from bot.manifests.paths import first_match
from bot.model.audit import LockAudit
from bot.model.change_report import ChangeReport
from bot.model.handling import Handling, together
from bot.model.lock_verdict import LockStanding
from bot.model.manifest import SkipReason
from bot.model.provenance import MovedProvenance
from bot.model.report import DependencyStatus, ScanReport, Standing
from bot.model.update import Proposal, Purpose
from bot.planning.advisories import excused_sentence
from bot.planning.automerge import why_not_merged
from bot.planning.holds import HoldRule
from bot.planning.policy import NO_RULES
from bot.planning.rules import Rules, Subject
from bot.planning.subjects import subject_of_lock
from bot.rendering.answers import LONGEST_PATCH
from bot.rendering.audit import advisories_summary
from bot.rendering.change_report import MOST_ROWS, change_headline, change_summary, judgement, remarks
from bot.rendering.check_run import headline, is_rejected, is_tampered, summary
from bot.rendering.names import TitleStyle, title
from bot.rendering.provenance import is_alarming, provenance_changes
from bot.rendering.room import PARAGRAPH
from bot.rendering.solver_words import shortened
from bot.rendering.state_diff import diff_markdown
from bot.updating.inspection import (
    CheckWords,
    Draft,
    Looked,
    Manners,
    Move,
    Note,
    Resolved,
)
from bot.updating.relocking import Relocked

DIVIDED: Final = (
    "another bot proposes some of this as well: leave each file to one of them, by `ignorePaths` here, or there by "
    "switching off what is for conda and pixi"
)

MOST_NOTES: Final = 50
"""Notes on lines that a check shows; its summary has everything that they say."""


def inherited_faults(elsewhere: Elsewhere) -> tuple[BadInput, ...]:
    """Return what is wrong in what the organisation says, with the presets that it names."""
    try:
        read_configuration({}, elsewhere)
    except ConfigurationError as error:
        return error.problems
    return ()


def looked(report: ChangeReport) -> Looked:
    """Return what the check of a change says."""
    notes = (
        Note(path=each.path, line=each.line, message=each.message, is_failure=each.is_failure)
        for each in remarks(report)[:MOST_NOTES]
    )
    standings = {each.standing for each in report.verdicts if each.path not in report.before}
    return Looked(
        headline=change_headline(report),
        summary=change_summary(report),
        judgement=judgement(report),
        notes=tuple(notes),
        stale=not standings.isdisjoint({LockStanding.OUT_OF_STEP, LockStanding.CONFLICTED}),
        conflicted=LockStanding.CONFLICTED in standings,
    )


def resolved(relocked: Relocked) -> Resolved:
    """Return what is told of a pull request that was relocked."""
    return Resolved(
        paths=tuple(relocked.files),
        locks=relocked.locks,
        needs_merge=relocked.needs_merge,
        problems=tuple(map(str, relocked.problems)),
        unjudged=relocked.unjudged,
        summary=diff_markdown(relocked.diff, most=MOST_ROWS) if relocked.locks else "",
        patch=relocked.patch if len(relocked.patch) <= LONGEST_PATCH else "",
    )


def draft(proposal: Proposal, rules: Rules = NO_RULES) -> Draft:
    """Return what is decided by of *proposal*, with what *rules* say of how people want to be asked."""
    moves = tuple(Move(name=each.name, version=each.target.version) for each in proposal.plan.updates)
    built = [each.target.built for each in proposal.plan.updates if each.target.built]
    return Draft(
        key=proposal.plan.key,
        title=title(proposal),
        moves=moves,
        fingerprint=proposal.fingerprint,
        purpose=proposal.plan.purpose,
        since=min(built, default=None),
        handling=handling(proposal, rules),
        merge_hindrance=why_not_merged(proposal),
        rewrites=not all(lockfiles.is_lock(path, text.encode()) for path, text in proposal.files.items()),
    )


def handling(proposal: Proposal, rules: Rules) -> Handling:
    """Return how people want to be asked about *proposal*: as for all its updates, or for its locks if it has none."""
    of_everything = rules.effect(Subject()).handling
    if proposal.plan.purpose is Purpose.MAINTENANCE:
        locks = (path for path, text in proposal.files.items() if lockfiles.is_lock(path, text.encode()))
        subjects = (subject_of_lock(lockfiles.parse(path, proposal.files[path].encode())) for path in locks)
        return together(rules.effect(each).handling for each in subjects)
    return together([each.handling or of_everything for each in proposal.plan.updates] or [of_everything])


def title_style(configuration: Configuration, *, semantic: bool) -> TitleStyle:
    """Return the style of titles that *configuration* asks for; *semantic* is what the latest commits have."""
    match configuration.semantic_commits:
        case SemanticCommits.ENABLED:
            semantic = True
        case SemanticCommits.DISABLED:
            semantic = False
    return TitleStyle.of(configuration.commit_message_prefix, semantic=semantic)


def manners(configuration: Configuration) -> Manners:
    """Return how the repository with *configuration* wants to be spoken to."""
    return Manners(
        limit=configuration.pr_concurrent_limit,
        windows=configuration.schedule,
        timezone=configuration.timezone.key if configuration.timezone else None,
        enabled=configuration.enabled,
        automerge_strategy=configuration.automerge_strategy,
        rebase_when=configuration.rebase_when,
        base_branches=tuple(map(str, configuration.base_branch_patterns)),
        branch_prefix=configuration.branch_prefix,
        ignored_authors=configuration.git_ignored_authors,
        dashboard=configuration.dependency_dashboard or _asks_for_approval(configuration),
        needs_approval=configuration.dependency_dashboard_approval,
        onboarding=configuration.onboarding,
        snapshots=configuration.dependency_snapshots,
        alerts=configuration.code_scanning,
    )


def _asks_for_approval(configuration: Configuration) -> bool:
    """Tell whether something is opened only once it is ticked: then there must be a place to tick it."""
    rules = configuration.package_rules
    return configuration.dependency_dashboard_approval or any(each.dependency_dashboard_approval for each in rules)


def check_words(
    proposal: Proposal, audits: tuple[LockAudit, ...], origins: tuple[MovedProvenance, ...] = ()
) -> CheckWords:
    """Return what the check of *proposal* says, with *audits* of its locks and the *origins* of what moves."""
    return CheckWords(
        headline=headline(proposal, audits),
        summary=PARAGRAPH.join(filter(None, (summary(proposal, audits), provenance_changes(origins)))),
        findings=sum(len(each.findings) for each in audits),
        tampered=is_tampered(audits) or is_alarming(origins),
        rejected=is_rejected(proposal, audits),
    )


def report_lines(report: ScanReport, unwritable: tuple[str, ...]) -> Iterable[str]:
    """Yield what a run says beside its proposals; files that match *unwritable* may not be written."""
    for held in report.held_back:
        yield f"held back {held.name} {held.current}: {held.sentence}"
    told = (each for each in report.statuses if _is_beyond_us(each, unwritable))
    for path, reason in dict.fromkeys((each.manifest, each.reason) for each in told):
        yield f"left alone {path}: {reason}"
    for problem in report.problems:
        yield f"not done: {shortened(str(problem))}"
    if report.advisories:
        yield f"advisories: {advisories_summary(report.advisories)}"
        excused = (excused_sentence(each) for each in report.advisories.verdicts if each.is_excused)
        yield from (f"not affected: {shortened(each)}" for each in dict.fromkeys(excused))
    if any(each.reason.startswith(f"{HoldRule.ALREADY_PROPOSED}: ") for each in report.statuses):
        yield DIVIDED
    if not report.proposals and not report.problems and not report.waiting:
        yield "nothing to update"


def _is_beyond_us(status: DependencyStatus, unwritable: tuple[str, ...]) -> bool:
    is_too_many = status.reason.startswith(f"{SkipReason.TOO_MANY}: ")
    is_unwritable = first_match(status.manifest, unwritable) is not None
    return status.standing is Standing.LEFT_ALONE and (is_too_many or is_unwritable)
