"""Lock maintenance: when a lock is solved afresh as a whole, and what of the result is worth a pull request.

Nothing of the lock is preferred, so that also what no manifest names gets on; what lines say, our age limits, flavours
and the minor of python stay, no direct dependency goes down, and no pre-release comes in unless nothing else solves.
Occasions:

- the first day of a month, or the days that are configured, if a direct dependency moves, or if the lock is old and
  anything moves;
- a pull request for it is open: it stays as long as anything moves, under the key that it has;
- a locked record is gone from its channel or marked broken: at once, until the lock holds it no more;
- somebody asks for it.

The key of a plan names its window, the month or what is gone: once its pull request is closed, there is none before
the next window. How old a lock is, is told by its newest record, for a scan has no history: it was made after that was
built. A lock that is younger than this says, as nothing was newer when it was made, has nothing to move either.
"""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.model.audit import Finding, FindingRule
from bot.model.environment import SolveUnit
from bot.model.manifest import PackageName
from bot.model.package import Lock, Record
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.model.update import BranchPlan, Purpose
from bot.planning.baseline import Baseline
from bot.planning.final_releases import with_final_releases
from bot.planning.policy import Maintenance, Policy
from bot.planning.programs import Program, together
from bot.planning.questions import afresh
from bot.planning.search import Found
from bot.versioning.conda import same_version

UNUSABLE = frozenset({FindingRule.RECORD_GONE, FindingRule.RECORD_BROKEN})
"""Findings of an audit for which a lock is refreshed at once: what it holds cannot, or should not, be installed."""

MOST_NAMED = 10
STEM = "lock-maintenance-"
WINDOW = re.compile(r"\d{4}-w?\d\d|gone-[0-9a-f]{8}")


class Occasion(StrEnum):
    """Why a lock is looked at; each weighs differently what moves."""

    MONTH = "month"
    OPEN = "open"
    GONE = "gone"
    ASKED = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A lock that is to be solved afresh, under which key and for what; `gone` are records that it should not hold."""

    key: str
    occasion: Occasion
    window: str = ""
    gone: tuple[Finding, ...] = ()


def refresh_due(
    lock: Lock,
    gone: Sequence[Finding],
    now: datetime,
    open_keys: AbstractSet[str],
    declined: AbstractSet[str],
    maintenance: Maintenance = Maintenance(),
) -> Refresh | None:
    """Return how *lock*, of which records are *gone*, is to be refreshed now; None if it is not.

    *open_keys* and *declined* are the keys of pull requests that are open, and that people closed.
    """
    if not (gone or maintenance.enabled):
        return None
    stem, window = _stem(lock), _gone_window(gone) if gone else maintenance.window(now)
    opened = next((key for key in sorted(open_keys) if _is_window_of(stem, key)), None)
    key = opened or f"{stem}-{window}"
    if opened is None and key in declined:
        return None
    if gone:
        return Refresh(key=key, occasion=Occasion.GONE, window=window, gone=tuple(gone))
    if opened:
        return Refresh(key=key, occasion=Occasion.OPEN, window=window)
    return Refresh(key=key, occasion=Occasion.MONTH, window=window) if maintenance.is_day(now) else None


def is_refresh(key: str) -> bool:
    """Tell whether *key* may be that of a refresh."""
    return posixpath.basename(key).startswith(STEM)


def refresh_asked(lock: Lock) -> Refresh:
    """Return that *lock* is to be refreshed, whatever the day."""
    return Refresh(key=_stem(lock), occasion=Occasion.ASKED)


def unusable(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those of *findings* for which a lock is refreshed at once."""
    return tuple(each for each in findings if each.rule in UNUSABLE)


def refresh(wanted: Refresh, baselines: Sequence[Baseline], policy: Policy, now: datetime) -> Program[Found | None]:
    """Solve all *baselines*, the units of one lock, afresh; None if what moves is not worth it.

    What has no solution, or no verdict, is said in `not_judged`; the plan is of no use then.
    """
    gone = frozenset(each.name for each in wanted.gone)
    results = yield from together([_final(baseline, afresh(baseline, gone)) for baseline in baselines])
    plan = BranchPlan(key=wanted.key, updates=(), purpose=Purpose.MAINTENANCE, window=wanted.window)
    silent = tuple(dict.fromkeys(each.reason for each in results if isinstance(each, NotSolved)))
    if any(isinstance(each, Unsolvable) for each in results):
        silent = ("nothing solves afresh unless a direct dependency goes down", *silent)
    if silent:
        return Found(plan=plan, solutions={}, held_back=(), not_judged=silent)
    solved = [(b, r.records) for b, r in zip(baselines, results, strict=True) if isinstance(r, Solution)]
    return _found(wanted, plan, solved, policy, now)


def _final(baseline: Baseline, request: SolveRequest) -> Program[SolveResult]:
    """Answer *request* without pre-releases that the lock does not hold, unless nothing else solves."""
    return (yield from with_final_releases(request, lambda record: _is_held(baseline, record)))


def _is_held(baseline: Baseline, record: Record) -> bool:
    version = baseline.version(record.name)
    return version is not None and same_version(record.version, version)


def _found(
    wanted: Refresh,
    plan: BranchPlan,
    solved: Sequence[tuple[Baseline, tuple[Record, ...]]],
    policy: Policy,
    now: datetime,
) -> Found | None:
    moves = _Moves.of(solved)
    if not _is_worth_it(wanted.occasion, moves, now - policy.lock_age):
        return None
    solutions: dict[SolveUnit, tuple[Record, ...]] = {baseline.unit: records for baseline, records in solved}
    return Found(plan=replace(plan, reasons=_reasons(wanted, moves, now)), solutions=solutions, held_back=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moves:
    """What a fresh solution changes: whether any record, whether any version, and which direct dependencies' versions.

    `newest` is when the newest record in use was built, as far as that is known.
    """

    any_record: bool
    any_version: bool
    direct: tuple[PackageName, ...]
    newest: datetime | None

    @classmethod
    def of(cls, solved: Sequence[tuple[Baseline, tuple[Record, ...]]]) -> "_Moves":
        """Compare the baselines of *solved* with their new records."""
        moved = [(baseline, _moved(baseline, records)) for baseline, records in solved]
        built = [each.built for baseline, _ in solved for each in baseline.records.values() if each.built]
        return cls(
            any_record=any(_urls(baseline.records.values()) != _urls(records) for baseline, records in solved),
            any_version=any(names for _, names in moved),
            direct=tuple(sorted({name for baseline, names in moved for name in names & _named(baseline)})),
            newest=max(built, default=None),
        )


def _moved(baseline: Baseline, records: Iterable[Record]) -> AbstractSet[PackageName]:
    """Return the packages that come, go, or get another version: a new build alone is no reason for anything."""
    after = {each.name: each.version for each in records}
    stays = {name for name, version in after.items() if same_version(version, baseline.version(name) or version)}
    return (after.keys() ^ baseline.records.keys()) | (after.keys() - stays)


def _named(baseline: Baseline) -> AbstractSet[PackageName]:
    return {each.dependency.name for each in baseline.unit.asked}


def _urls(records: Iterable[Record]) -> AbstractSet[str]:
    return {each.url for each in records}


def _is_worth_it(occasion: Occasion, moves: _Moves, old: datetime) -> bool:
    match occasion:
        case Occasion.MONTH:
            return bool(moves.direct) or (moves.any_version and moves.newest is not None and moves.newest < old)
        case Occasion.OPEN:
            return moves.any_version
        case Occasion.GONE | Occasion.ASKED:
            return moves.any_record


def _reasons(wanted: Refresh, moves: _Moves, now: datetime) -> tuple[str, ...]:
    if wanted.gone:
        return tuple(dict.fromkeys(each.sentence for each in wanted.gone))
    if moves.direct:
        further = len(moves.direct) - MOST_NAMED
        names = ", ".join(moves.direct[:MOST_NAMED]) + (f" and {further} more" if further > 0 else "")
        return (f"The manifest lets more in than is locked: {names}.",)
    if moves.newest:
        return (f"Its newest record was built on {moves.newest.date()}, {(now - moves.newest).days} days ago.",)
    return ()


def _stem(lock: Lock) -> str:
    """Return the key of a lock without the window, in its folder: `app/lock-maintenance-pixi` of `app/pixi.lock`."""
    folder, name = posixpath.split(lock.path)
    return posixpath.join(folder, f"{STEM}{posixpath.splitext(name)[0]}")


def _is_window_of(stem: str, key: str) -> bool:
    return key.startswith(f"{stem}-") and WINDOW.fullmatch(key.removeprefix(f"{stem}-")) is not None


def _gone_window(gone: Iterable[Finding]) -> str:
    urls = "\n".join(sorted({each.url for each in gone}))
    return f"gone-{hashlib.sha256(urls.encode(errors='surrogatepass')).hexdigest()[:8]}"
