"""A change that people propose -> what is said of it. Nothing is solved; channels are asked of what comes in alone."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial

from bot import lockfiles
from bot.lockfiles import or_problem
from bot.model.audit import LockAudit
from bot.model.change_report import ChangeReport
from bot.model.lock_verdict import LockStanding, LockVerdict
from bot.model.manifest import PackageName
from bot.model.package import Lock, Record
from bot.model.report import Problem
from bot.model.state_diff import StateDiff
from bot.planning.advisories import packages_of
from bot.planning.age import AgeLimit
from bot.updating.change_advisories import Advised, ChangedLock, with_advisories
from bot.updating.contained import contained, parted
from bot.updating.locked import judge_locks
from bot.updating.scan import Scanner
from bot.updating.states import diff_states


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The files of a repository `before` and `after` a change: manifests, locks, and what these name."""

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]


async def change_report(changed: Changed, scanner: Scanner, wrong: tuple[Problem, ...]) -> ChangeReport:
    """Return what is said of *changed*, whose configuration has what is *wrong*."""
    verdicts = judge_locks(changed.after, scanner.reader)
    diff = diff_states(changed.before, changed.after, scanner.reader)
    locks = tuple(_changed_locks(changed))
    incoming = tuple(each for each in locks if any(_records(each.came)))
    audits, failed = parted(
        [await contained(each.lock.path, partial(_audited, each, changed, scanner)) for each in incoming]
    )
    advised, unsaid = await _advised(audits, locks, changed, scanner)
    return ChangeReport(
        diff=diff,
        wrong=wrong,
        verdicts=verdicts,
        before=_as_before(verdicts, changed, scanner),
        audits=advised.audits,
        mended=advised.mended,
        young=tuple(dict.fromkeys(_young(incoming, _direct(diff), scanner))),
        problems=(*_new_problems(changed, verdicts, scanner), *unsaid, *failed),
    )


def _as_before(verdicts: Iterable[LockVerdict], changed: Changed, scanner: Scanner) -> frozenset[str]:
    """Return the paths of those locks that are not in step, and were not for the same reasons before the change."""
    odd = {each.path: _said(each) for each in verdicts if each.standing is not LockStanding.IN_STEP}
    told = judge_locks(changed.before, scanner.reader) if odd else ()
    return frozenset(each.path for each in told if odd.get(each.path) == _said(each))


def _said(verdict: LockVerdict) -> tuple[LockStanding, frozenset[tuple[str, str, str]]]:
    """Return what *verdict* says apart from lines, which any edit above them moves."""
    return verdict.standing, frozenset((each.sentence, each.environment, each.platform) for each in verdict.reasons)


def _new_problems(changed: Changed, verdicts: Iterable[LockVerdict], scanner: Scanner) -> Iterator[Problem]:
    """Yield what cannot be read after the change and could before; of locks their verdicts tell."""
    judged = {each.path for each in verdicts} | {reason.manifest for each in verdicts for reason in each.reasons}
    before = {(each.path, each.sentence) for each in scanner.reader.read(changed.before).problems}
    for each in scanner.reader.read(changed.after).problems:
        if each.path not in judged and (each.path, each.sentence) not in before:
            yield each


async def _advised(
    audits: tuple[LockAudit, ...], locks: Iterable[ChangedLock], changed: Changed, scanner: Scanner
) -> tuple[Advised, tuple[Problem, ...]]:
    """Return *audits* with what advisories say, where somebody names some, and what could not be read for that."""
    if scanner.advisories is None:
        return Advised(audits=audits), ()
    said, before = scanner.said(changed.after), scanner.said(changed.before)
    unsaid = tuple(each for each in said.problems if each not in before.problems)
    found = await contained("advisories", partial(with_advisories, audits, locks, scanner.advisories, said))
    if isinstance(found, Problem):
        return Advised(audits=audits), (*unsaid, found)
    return found, unsaid


def _changed_locks(changed: Changed) -> Iterator[ChangedLock]:
    for path, content in sorted(changed.after.items()):
        if changed.before.get(path) != content and lockfiles.is_lock(path, content):
            lock, base = _lock(path, changed.after), _lock(path, changed.before)
            if lock:
                text = lockfiles.text_of(path, content)
                yield ChangedLock(lock=lock, text=text, base=base, came=_came(lock, base))


def _lock(path: str, files: Mapping[str, bytes]) -> Lock | None:
    """Return the lock at *path*, None if there is none that can be read: its verdict says so."""
    found = or_problem(path, lambda: lockfiles.parse(path, files[path])) if path in files else None
    return None if isinstance(found, Problem) else found


def _came(lock: Lock, base: Lock | None) -> Lock:
    """Return *lock* with those records and packages alone that *base* does not have as they are."""
    known = {_identity(record) for record in _records(base)} if base else set()
    packages = set(packages_of(base)[1]) if base else set()
    environments = tuple(
        replace(
            each,
            conda={
                platform: tuple(record for record in records if _identity(record) not in known)
                for platform, records in each.conda.items()
            },
            pypi={
                platform: tuple(package for package in every if package not in packages)
                for platform, every in each.pypi.items()
            },
        )
        for each in lock.environments
    )
    return replace(lock, environments=environments)


def _records(lock: Lock) -> Iterator[Record]:
    for environment in lock.environments:
        for records in environment.conda.values():
            yield from records


def _identity(record: Record) -> tuple[str | int | None, ...]:
    return record.url, record.sha256, record.md5, record.size, record.license


async def _audited(incoming: ChangedLock, changed: Changed, scanner: Scanner) -> LockAudit:
    lock = lockfiles.with_channels_of_lines(incoming.came, changed.after.get)
    return await scanner.auditor.audit(lock, incoming.text, incoming.base)


def _direct(diff: StateDiff) -> AbstractSet[PackageName]:
    return {change.name for each in diff.locks for change in each.changes if change.direct}


def _young(incoming: Iterable[ChangedLock], direct: AbstractSet[PackageName], scanner: Scanner) -> Iterator[str]:
    """Yield a sentence for each record that came in and that an update would have to wait for."""
    policy, now = scanner.policy, scanner.now
    for record in (record for each in incoming for record in _records(each.came)):
        least = policy.minimum_release_age if record.name in direct else policy.transitive_release_age
        limit = AgeLimit(name=record.name, newest=now - least)
        if record.built and not record.is_source and (words := limit.obstacle(record.version, record.built, now)):
            yield words
