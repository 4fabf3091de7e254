"""What the check run beside a commit of ours says: where it solves, and what the audit of its locks found."""

from collections.abc import Iterable, Sequence

from bot.model.audit import Finding, FindingRule, LockAudit
from bot.model.update import Proposal
from bot.rendering.markdown import code, plain, table
from bot.rendering.names import title
from bot.rendering.sizes import counted

TAMPERING = frozenset(
    {
        FindingRule.FOREIGN_HOST,
        FindingRule.FOREIGN_CHANNEL,
        FindingRule.HASH_DIFFERS,
        FindingRule.SIZE_DIFFERS,
        FindingRule.IDENTITY_DIFFERS,
    }
)
"""What an honest lock never has. Everything else comes with time: no reason to keep a pull request from merging."""

MOST_ROWS = 100


def headline(proposal: Proposal, audits: Sequence[LockAudit]) -> str:
    """Return one line: the platforms that *proposal* solves on, and how many findings there are."""
    solved = f"solved on {', '.join(proposal.platforms)}" if proposal.platforms else "nothing in it is solved"
    findings = sum(len(each.findings) for each in audits)
    return f"{solved}; {counted(findings, 'finding')} in the locks" if findings else solved


def is_tampered(audits: Iterable[LockAudit]) -> bool:
    """Tell whether something in the locks is what an honest lock never has."""
    return any(finding.rule in TAMPERING for each in audits for finding in each.findings)


def is_rejected(proposal: Proposal, audits: Iterable[LockAudit]) -> bool:
    """Tell whether that is in a record which *proposal* brings: what was in the lock before is not ours."""
    brought = {(change.name, change.new_version) for diff in proposal.diffs for change in diff.changes}
    findings = (finding for each in audits for finding in each.findings)
    return any(each.rule in TAMPERING and (each.name, each.version) in brought for each in findings)


def summary(proposal: Proposal, audits: Sequence[LockAudit]) -> str:
    """Return the text of the check run, in Markdown."""
    parts = [f"{plain(title(proposal))}: {plain(headline(proposal, audits))}.", *map(_audit, audits)]
    return "\n\n".join(parts)


def _audit(audit: LockAudit) -> str:
    compared = f"{code(audit.path)}: {counted(audit.records, 'record')} compared with their channels"
    unjudged = [f"{counted(each.records, 'record')} not judged: {plain(each.reason)}" for each in audit.not_judged]
    lines = [f"{compared}, {_found(audit.findings)}.", *unjudged]
    rows = [_row(finding) for finding in audit.findings[:MOST_ROWS]]
    found = [table(("rule", "package", "where", "what"), rows)] if rows else []
    return "\n\n".join([" ".join(lines), *found])


def _found(findings: Sequence[Finding]) -> str:
    return counted(len(findings), "finding") if findings else "nothing is wrong with them"


def _row(finding: Finding) -> tuple[str, ...]:
    where = f"{', '.join(finding.environments)} on {', '.join(finding.subdirs)}"
    return (finding.rule, f"{code(finding.name)} {code(finding.version)}", plain(where), plain(finding.sentence))
