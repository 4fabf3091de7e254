"""What is wrong with the locks of a repository, for code scanning: what `condabot audit --sarif` says of a checkout."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import msgspec

from bot import __version__, lockfiles
from bot.lockfiles.url_lines import lines_of_urls
from bot.model.audit import AuditReport, LockAudit
from bot.planning.statements import Statements
from bot.rendering.sarif import sarif_document
from bot.rendering.sizes import counted
from bot.updating.advisories import AdvisoryAuditor
from bot.updating.audit import held_against
from bot.updating.contained import contained, parted
from bot.updating.inspection import Alerts
from bot.updating.survey.lock_refresh import LockAuditor

DIGITS: Final = 16
"""Digits of what tells one log from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeScanner:
    """What is needed to look for what is wrong with locks; what is `said` of advisories counts."""

    auditor: LockAuditor
    advisories: AdvisoryAuditor | None
    said: Statements

    async def scanned(self, files: Mapping[str, bytes]) -> AuditReport:
        """Return what is wrong with the locks among *files*, and nothing that is no alert."""
        paths = sorted(path for path, content in files.items() if lockfiles.is_lock(path, content))
        outcomes = [await contained(path, partial(self._audited, path, files)) for path in paths]
        audits, problems = parted(outcomes)
        return AuditReport(
            locks=tuple(replace(each, excused=(), advisories=None) for each in audits), problems=problems
        )

    async def _audited(self, path: str, files: Mapping[str, bytes]) -> LockAudit:
        lock = lockfiles.with_channels_of_lines(lockfiles.parse(path, files[path]), files.get)
        text = lockfiles.text_of(path, files[path])
        audit = await self.auditor.audit(lock, text)
        if self.advisories is None:
            return audit
        found = await self.advisories.judge(lock, self.said)
        return held_against(audit, found, lines_of_urls(text, {each.url for each in found.verdicts}))


def alerts_of(report: AuditReport) -> tuple[Alerts, bytes]:
    """Return what code scanning may be told of *report*, and the log that says it.

    Where something is not known for now nothing may be told: what is not found again counts as mended there.
    """
    unknown = next(_unknown(report), "")
    version, log = _log(report)
    return Alerts(version=version, findings=len(report.findings), why_not=unknown), log


def _unknown(report: AuditReport) -> Iterator[str]:
    yield from map(str, report.problems)
    for lock in report.locks:
        for each in lock.not_judged:
            if not each.lasts:
                yield f"{lock.path}: {counted(each.records, 'record')} not judged. {each.reason}"


def _log(report: AuditReport) -> tuple[str, bytes]:
    """Return the version of condabot in a log in SARIF, and that; the version tells it from every other log."""
    digest = hashlib.sha256(msgspec.json.encode(sarif_document(report, __version__))).hexdigest()
    version = f"{__version__}+{digest[:DIGITS]}"
    return version, msgspec.json.encode(sarif_document(report, version))


NOTHING: Final = _log(AuditReport(locks=()))[1]
"""The log that takes everything back."""
