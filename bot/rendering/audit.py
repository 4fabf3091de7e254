"""An audit for other programs: the JSON of `condabot audit --json`, described in docs/commands.md."""

from typing import Any

from bot.model.audit import AuditReport, Finding, LockAudit

FORMAT_VERSION = 1


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
        "not_judged": [{"records": each.records, "reason": each.reason} for each in lock.not_judged],
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
