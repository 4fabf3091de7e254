"""An audit for other programs: the JSON of `condabot audit --json`, described in docs/commands.md."""

from collections import Counter
from dataclasses import asdict, replace
from typing import Any, Final

from bot.manifests.credentials import without_credentials
from bot.model.advisory import AdvisoryVerdict, Exposure, LockAdvisories, Statement
from bot.model.audit import AuditReport, Finding, LockAudit
from bot.rendering.sizes import counted

FORMAT_VERSION = 1
_EXPOSURES: Final = {
    Exposure.AFFECTED: "affected",
    Exposure.UNKNOWN: "with a version that cannot be compared",
    Exposure.FIXED: "fixed",
    Exposure.NOT_AFFECTED: "not affected",
}


def audit_document(report: AuditReport) -> dict[str, Any]:
    """Return *report* as a document of JSON types. Fields are added under the same version, never changed."""
    return {
        "version": FORMAT_VERSION,
        "locks": [_lock(lock) for lock in report.locks],
        "ignored": [{"path": path, "pattern": pattern} for path, pattern in report.ignored.items()],
        "problems": [{"path": each.path, "line": each.line, "reason": each.sentence} for each in report.problems],
    }


def _lock(lock: LockAudit) -> dict[str, Any]:
    return {
        "path": lock.path,
        "records": lock.records,
        "others": lock.others,
        "findings": [_finding(finding) for finding in lock.findings],
        "excused": [_finding(finding) for finding in lock.excused],
        "not_judged": [{"records": each.records, "reason": each.reason} for each in lock.not_judged],
        "advisories": _advisories(lock.advisories) if lock.advisories else None,
    }


def _advisories(found: LockAdvisories) -> dict[str, Any]:
    return {
        "judged": found.judged,
        "unknown": [{"packages": number, "reason": reason} for reason, number in sorted(found.unknown.items())],
        "verdicts": [_verdict(each) for each in found.verdicts],
    }


def _verdict(verdict: AdvisoryVerdict) -> dict[str, Any]:
    return {
        **asdict(replace(verdict, statement=None, lapsed=None)),
        "url": without_credentials(verdict.url),
        "statement": _statement(verdict.statement),
        "lapsed": _statement(verdict.lapsed),
    }


def _statement(statement: Statement | None) -> dict[str, Any] | None:
    if statement is None:
        return None
    return {
        "status": statement.status,
        "reason": statement.reason,
        "until": statement.until.isoformat() if statement.until else None,
        "source": statement.source,
        "line": statement.line,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "line": finding.line,
        "name": finding.name,
        "version": finding.version,
        "url": finding.url,
        "environments": list(finding.environments),
        "subdirs": list(finding.subdirs),
        "reason": finding.sentence,
    }


def advisories_summary(found: LockAdvisories) -> str:
    """Return on one line how many packages were held against advisories, and what of the others nobody knows."""
    exposures = Counter(each.exposure for each in found.verdicts)
    words = f"{counted(found.judged, 'package')} held against advisories"
    words += "".join(f", {number} {_EXPOSURES[each]}" for each in Exposure if (number := exposures[each]))
    excused = sum(each.is_excused for each in found.verdicts)
    words += f" ({excused} by the word of the repository)" if excused else ""
    unknown = sum(found.unknown.values())
    return words + (f"; of {counted(unknown, 'package')} nothing is known" if unknown else "")
