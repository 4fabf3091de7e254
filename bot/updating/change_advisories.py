"""What a change of locks brings in and mends, as far as advisories know. Only what changes is told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.lockfiles.url_lines import lines_of_urls
from bot.model.advisory import AdvisoryVerdict, Exposure, LockAdvisories
from bot.model.audit import LockAudit
from bot.model.manifest import PackageName
from bot.model.package import Lock
from bot.planning.advisories import mended_sentence, packages_of
from bot.planning.statements import Statements
from bot.updating.advisories import AdvisoryAuditor
from bot.updating.audit import held_against

_About: TypeAlias = tuple[PackageName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLock:
    """A lock after a change with its text, what it was before, if it was, and what `came` into it."""

    lock: Lock
    text: str
    base: Lock | None
    came: Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """The audits of what comes in with what advisories say of it, and sentences on what a change mends."""

    audits: tuple[LockAudit, ...]
    mended: tuple[str, ...] = ()


async def with_advisories(
    audits: Iterable[LockAudit], changed: Iterable[ChangedLock], auditor: AdvisoryAuditor, said: Statements
) -> Advised:
    """Return *audits* with what comes into the locks *changed* that advisories are about, and what those mend.

    Raises:
        BadInput: what was named as the source of advisories is none.
        ChannelError: it did not answer.

    """
    by_path = {each.path: each for each in audits}
    mended: list[str] = []
    for each in changed:
        before = await auditor.judge(each.base, said) if each.base else None
        known = {_about(verdict) for verdict in before.affected} if before else set()
        came = await auditor.judge(each.came, said)
        if came.judged or came.unknown:
            audit = by_path.get(each.lock.path) or _nothing_audited(each)
            brought = tuple(verdict for verdict in came.verdicts if _about(verdict) not in known)
            by_path[each.lock.path] = _advised(audit, replace(came, verdicts=brought), each)
        if before and before.affected:
            mended += _mended(before, await auditor.judge(each.lock, said), each.lock)
    return Advised(audits=tuple(by_path[path] for path in sorted(by_path)), mended=tuple(dict.fromkeys(mended)))


def _about(verdict: AdvisoryVerdict) -> _About:
    return verdict.name, verdict.id


def _nothing_audited(changed: ChangedLock) -> LockAudit:
    """Return the audit of a lock into which nothing comes but PyPI packages, which no channel lists."""
    others = len(packages_of(changed.came)[1])
    return LockAudit(path=changed.lock.path, records=0, others=others, findings=(), not_judged=())


def _advised(audit: LockAudit, brought: LockAdvisories, changed: ChangedLock) -> LockAudit:
    return held_against(audit, brought, lines_of_urls(changed.text, {each.url for each in brought.verdicts}))


def _mended(before: LockAdvisories, after: LockAdvisories, lock: Lock) -> Iterator[str]:
    """Yield a sentence for each vulnerability that nothing in *lock* has any more."""
    standing = {_about(each) for each in after.verdicts if each.exposure is Exposure.AFFECTED or each.is_excused}
    versions = _versions(lock)
    for verdict in before.affected:
        if _about(verdict) not in standing:
            yield mended_sentence(verdict, versions.get(verdict.name, ()))


def _versions(lock: Lock) -> Mapping[PackageName, tuple[str, ...]]:
    """Return the versions of everything that *lock* holds."""
    records, packages = packages_of(lock)
    found: dict[PackageName, dict[str, None]] = {}
    for name, version in (*((each.name, each.version) for each in records), *((p.name, p.version) for p in packages)):
        found.setdefault(name, {})[version] = None
    return {name: tuple(each) for name, each in found.items()}
