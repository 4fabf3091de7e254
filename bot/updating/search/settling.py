"""What is wanted becomes what can be had: conda packages first, then the PyPI packages of the locks beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.model.manifest import PackageName
from bot.model.update import Update
from bot.planning import search
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.closure import closure
from bot.planning.groups import Wanted
from bot.planning.pypi_search import PypiFound
from bot.planning.search import Found
from bot.updating.drive import drive
from bot.updating.ports import Progress, Solver
from bot.updating.search.naming import Naming, Unnamed, all_of, nothing_of, waits
from bot.updating.search.pypi_locks import PypiLocks, held_back_by
from bot.versioning.conda import is_newer
from bot.versioning.pep440 import admits

MOST_TRIES = 24
"""So often it is tried which of the conda packages are in the way; then what is refused together is, together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What was found of conda packages alone, and with the PyPI packages that go with it, if `result` refuses none.

    `unknown` are packages of which nobody says what they are called on PyPI, and why.
    """

    found: Found
    settled: Found
    result: PypiFound
    unknown: Unnamed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settler:
    """Searches with a real solver and a real resolver, over the units of one repository as they stand."""

    solver: Solver
    naming: Naming
    locks: PypiLocks
    baselines: Sequence[Baseline]
    progress: Progress

    async def search(self, wanted: Wanted) -> Found:
        """Return what of *wanted*, of conda and of PyPI beside it, can be had.

        Conda packages that the locked PyPI packages keep out go only as far as those admit; what brings in a package of
        which nobody says what it is called on PyPI waits.
        """
        tried = await self._tried(wanted)
        names = (each.name for each in (*wanted.candidates, *wanted.packages))
        self.progress(f"{wanted.key}: {', '.join(names)}")
        if not tried.result.refused:
            return tried.settled
        if kept_out := _kept_out(tried.found, tried.result):
            fewer = tuple(_within(wanted.candidates, kept_out, tried.result))
            told = held_back_by(tried.found, tried.result, {each.name for each in kept_out})
        else:
            known = _nameless(wanted, tried) or _held_where_nothing_moves(wanted, tried)
            obstacles = known or await self._obstacles(wanted, tried)
            fewer = tuple(each for each in wanted.candidates if each not in obstacles)
            told = tuple(each.held_back(why) for each, why in obstacles.items())
        if not told:
            return replace(tried.settled, not_judged=(*tried.settled.not_judged, tried.result.refused))
        rest = await self.search(replace(wanted, candidates=fewer))
        return replace(rest, held_back=(*rest.held_back, *told))

    async def _tried(self, wanted: Wanted) -> _Tried:
        named = await self.naming.look_up(await drive(search.search(wanted), self.solver.solve))
        found = named.found
        if named.unknown:
            result = PypiFound(refused=waits(all_of(named.unknown)))
            return _Tried(found=found, settled=nothing_of(found), result=result, unknown=named.unknown)
        settled, result = await self.locks.settle(found, wanted.packages, self.baselines)
        return _Tried(found=found, settled=_with_held_back(settled, result), result=result)

    async def _obstacles(self, wanted: Wanted, tried: _Tried) -> Mapping[Candidate, str]:
        """Return what of *wanted* the PyPI packages do not go with, and why: by trying, for nothing else tells it.

        Each half is tried beside what goes; what is refused is halved again, until each obstacle stands alone.
        """
        moving = _moving(wanted.candidates, tried.found)
        if len(moving) <= 1:
            return dict.fromkeys(moving, tried.result.refused)
        taken: tuple[Candidate, ...] = ()
        obstacles: dict[Candidate, str] = {}
        waiting, tries = _halves(moving), 0
        while waiting:
            group, tries = waiting.pop(), tries + 1
            refused = (await self._tried(replace(wanted, candidates=(*taken, *group)))).result.refused
            if not refused:
                taken += group
            elif len(group) > 1 and tries < MOST_TRIES:
                waiting += _halves(group)
            else:
                obstacles |= dict.fromkeys(group, refused)
        return obstacles

    async def settle(self, found: Found) -> Found:
        """Return *found*, which is all or nothing, with the PyPI packages that go with it, or why it cannot be had."""
        settled, refused = await self.settled(found)
        return replace(nothing_of(settled), not_judged=(*settled.not_judged, refused)) if refused else settled

    async def settled(self, found: Found) -> tuple[Found, str]:
        """Return *found* with the PyPI packages that go with it; where none do, as it is, and why that is."""
        found = await self.naming.named(found)
        settled, result = await self.locks.settle(found, (), self.baselines)
        return (found, result.refused) if result.refused else (_with_held_back(settled, result), "")


def _with_held_back(found: Found, result: PypiFound) -> Found:
    return replace(found, held_back=(*found.held_back, *result.held_back))


def _kept_out(found: Found, result: PypiFound) -> tuple[Update, ...]:
    """Return the updates that the PyPI packages do not go with, as far as those tell: none if they do not.

    They are those of the packages in the way, or those that bring these in.
    """
    named = tuple(each for each in found.plan.updates if each.name in result.culprits)
    return named or tuple(each for each in found.plan.updates if _brings(each, found, result))


def _nameless(wanted: Wanted, tried: _Tried) -> Mapping[Candidate, str]:
    """Return what of *wanted* brings in a package of which nobody knows what it is called on PyPI, with the reason."""
    obstacles = {}
    for each in _moving(wanted.candidates, tried.found) if tried.unknown else ():
        unknown = tried.unknown.get(each.workspace, {})
        brought = _needed(each.name, each.workspace, tried.found) & unknown.keys()
        if brought:
            obstacles[each] = waits({name: unknown[name] for name in sorted(brought)})
    return obstacles


def _held_where_nothing_moves(wanted: Wanted, tried: _Tried) -> Mapping[Candidate, str]:
    """Return what of *wanted* is felt in the unit beside which nothing may move, if there is one, with the reason."""
    felt = (each for each in wanted.candidates if any(here.unit == tried.result.stands for here in each.baselines))
    return dict.fromkeys(felt, tried.result.refused) if tried.result.stands else {}


def _halves(group: tuple[Candidate, ...]) -> list[tuple[Candidate, ...]]:
    """Return both halves of *group*, the first one last."""
    half = len(group) // 2
    return [group[half:], group[:half]]


def _moving(candidates: Iterable[Candidate], found: Found) -> tuple[Candidate, ...]:
    """Return those of *candidates* that move in *found*."""
    moving = {(path, update.name) for update in found.plan.updates for path in update.workspaces}
    return tuple(each for each in candidates if (each.workspace, each.name) in moving)


def _brings(update: Update, found: Found, result: PypiFound) -> bool:
    """Tell whether what *update* moves needs, directly or not, one of the packages that are in the way."""
    needed = (_needed(update.name, workspace, found) for workspace in update.workspaces)
    return any(not result.culprits.keys().isdisjoint(names) for names in needed)


def _needed(name: PackageName, workspace: str, found: Found) -> frozenset[PackageName]:
    """Return what the package *name* needs in *workspace*, directly or not, with itself."""
    solutions = (records for unit, records in found.solutions.items() if unit.workspace == workspace)
    return frozenset(record.name for records in solutions for record in closure(records, [name]))


def _within(candidates: Iterable[Candidate], kept_out: Iterable[Update], result: PypiFound) -> Iterable[Candidate]:
    """Return *candidates* without the releases that the PyPI packages keep out."""
    limits = {update.name: update.target.version for update in kept_out}
    for candidate in candidates:
        limit, specifiers = limits.get(candidate.name), result.culprits.get(candidate.name, ())
        releases = tuple(
            each
            for each in candidate.releases
            if limit is None or (is_newer(limit, each.version) and _admit(specifiers, each.version))
        )
        if releases:
            yield replace(candidate, releases=releases)


def _admit(specifiers: Sequence[str], version: str) -> bool:
    """Tell whether *version* is known to meet *specifiers*; where there is no range nothing is known."""
    return bool(specifiers) and all(each and admits(each, version) for each in specifiers)
