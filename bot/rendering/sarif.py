"""An audit as a log of SARIF 2.1.0, for code scanning.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
What GitHub reads of it: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from bot.model.advisory import Exposure, LockAdvisories, Statement, StatementStatus
from bot.model.audit import WARNINGS, AuditReport, Finding, FindingRule, LockAudit, Severity
from bot.rendering.printable import printable

SARIF_VERSION: Final = "2.1.0"
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

RULES: Final[Mapping[FindingRule, str]] = {
    FindingRule.RECORD_GONE: "The record is not, or no longer, in its channel.",
    FindingRule.RECORD_BROKEN: "The channel has marked the record as broken, or revoked it.",
    FindingRule.RECORD_UNKNOWN: "The channel has no package of this name.",
    FindingRule.FOREIGN_HOST: "The record comes from a host that none of the environment's channels is on.",
    FindingRule.FOREIGN_CHANNEL: "The record lies in none of the environment's channels.",
    FindingRule.HASH_DIFFERS: "The record has another hash in its channel.",
    FindingRule.HASH_MISSING: "The record has no SHA-256 in the lock, though its channel states one.",
    FindingRule.SIZE_DIFFERS: "The record has another size in its channel.",
    FindingRule.IDENTITY_DIFFERS: "The record's name, version, build or platform is not that of the file at its URL.",
    FindingRule.DEPENDENCIES_DIFFER: "The channel has changed the dependencies of the record since it was locked.",
    FindingRule.LICENSE_CHANGED: "The package states another license than before.",
    FindingRule.ADVISORY: "An advisory says that this version is vulnerable, or malicious.",
}
"""What each rule says, in one sentence."""

SUPPRESSIONS: Final = {
    StatementStatus.NOT_AFFECTED: "accepted",
    StatementStatus.FIXED: "accepted",
    StatementStatus.UNDER_INVESTIGATION: "underReview",
}
"""What a statement makes of a result: one under review still counts (section 3.35.3)."""

# Plain text may hold `[text](link)` and `{0}`: sections 3.11.5 and 3.11.6.
_SPECIAL: Final = re.compile(r"([\\\[\]])|([{}])")


def sarif_document(report: AuditReport, version: str) -> dict[str, Any]:
    """Return *report* as a SARIF log of one run; *version* is condabot's."""
    driver = {"name": "condabot", "version": version, "rules": [_rule(rule) for rule in FindingRule]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [_result(lock, each) for lock in report.locks for each in (*lock.findings, *lock.excused)],
    }
    if advised := [each for each in report.locks if each.advisories]:
        run["properties"] = {"advisories": [_standing(each) for each in advised]}
    return {"$schema": SCHEMA, "version": SARIF_VERSION, "runs": [run]}


def _standing(lock: LockAudit) -> dict[str, Any]:
    """Return where the packages of *lock* stand towards advisories, in numbers: no result says what is not affected."""
    found = lock.advisories or LockAdvisories(verdicts=(), judged=0, unknown={})
    exposures = Counter(str(each.exposure) for each in found.verdicts)
    return {
        "lock": lock.path,
        "judged": found.judged,
        **{str(each): exposures[str(each)] for each in Exposure},
        "nothingKnown": sum(found.unknown.values()),
    }


def _rule(rule: FindingRule) -> dict[str, Any]:
    severity = Severity.WARNING if rule in WARNINGS else Severity.ERROR
    return {
        "id": rule,
        "shortDescription": {"text": RULES[rule]},
        "defaultConfiguration": {"level": severity},
        "properties": {"tags": ["security"]},
    }


def _invocation(report: AuditReport) -> dict[str, Any]:
    notifications = [*_notifications(report)]
    return {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}


def _notifications(report: AuditReport) -> Iterator[dict[str, Any]]:
    """Yield what was not judged, and what could not be read."""
    for lock in report.locks:
        for each in lock.not_judged:
            text = f"{each.records} records are not judged. {each.reason}"
            yield _notification(Severity.WARNING, text, lock.path, None)
    for problem in report.problems:
        yield _notification(Severity.ERROR, problem.sentence, problem.path, problem.line)


def _notification(level: Severity, text: str, path: str, line: int | None) -> dict[str, Any]:
    return {"level": level, "message": _message(text), "locations": [_location(path, line)]}


def _result(lock: LockAudit, finding: Finding) -> dict[str, Any]:
    where = f"{', '.join(finding.environments)} on {', '.join(finding.subdirs)}"
    suppressions = [*_suppressions(finding.statement)] if finding.statement else []
    return {
        "ruleId": finding.rule,
        "ruleIndex": tuple(FindingRule).index(finding.rule),
        "level": finding.severity,
        "message": _message(f"{finding.sentence} Locked for {where}."),
        "locations": [_location(lock.path, finding.line)],
        "partialFingerprints": {"record/v1": _fingerprint(lock.path, finding)},
        **({"suppressions": suppressions} if suppressions else {}),
    }


def _suppressions(statement: Statement) -> Iterator[dict[str, Any]]:
    """Yield that a finding does not count, or is looked into, by the word of the repository (section 3.35)."""
    if status := SUPPRESSIONS.get(statement.status):
        justification = printable(str(statement))
        place = _location(statement.source, statement.line)
        yield {"kind": "external", "status": status, "justification": justification, "location": place}


def _message(text: str) -> dict[str, str]:
    return {"text": _SPECIAL.sub(lambda match: f"\\{match[1]}" if match[1] else match[2] * 2, printable(text))}


def _location(path: str, line: int | None) -> dict[str, Any]:
    """Return the place; GitHub shows no result without a line, so what concerns a whole file is at its first."""
    uri = quote(path.encode(errors="surrogatepass"))
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line or 1}}}


def _fingerprint(path: str, finding: Finding) -> str:
    """Return what stays the same while the record moves to other lines, for telling new findings from known ones."""
    identity = f"{path}\n{finding.rule}\n{finding.url}\n{finding.advisory or finding.sentence}"
    return hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()
