"""What is wanted becomes what can be had: conda packages first, then the PyPI packages of the locks beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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
from bot.updating.search.naming import Naming
from bot.updating.search.pypi_locks import PypiLocks, held_back_by
from bot.versioning.conda import is_newer
from bot.versioning.pep440 import admits


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

        Conda packages that the locked PyPI packages keep out go only as far as those admit.
        """
        found = await self.naming.named(await drive(search.search(wanted), self.solver.solve))
        names = (each.name for each in (*wanted.candidates, *wanted.packages))
        self.progress(f"{wanted.key}: {', '.join(names)}")
        settled, result = await self.locks.settle(found, wanted.packages, self.baselines)
        if not result.refused:
            return _with_held_back(settled, result)
        kept_out = _kept_out(found, result)
        if not kept_out:
            return replace(found, not_judged=(*found.not_judged, result.refused))
        fewer = replace(wanted, candidates=tuple(_within(wanted.candidates, kept_out, result)))
        rest = await self.search(fewer)
        told = held_back_by(found, result, {each.name for each in kept_out})
        return replace(rest, held_back=(*rest.held_back, *told))

    async def settle(self, found: Found) -> Found:
        """Return *found*, which is all or nothing, with the PyPI packages that go with it, or why it cannot be had."""
        found = await self.naming.named(found)
        settled, result = await self.locks.settle(found, (), self.baselines)
        if result.refused:
            return replace(found, solutions={}, not_judged=(*found.not_judged, result.refused))
        return _with_held_back(settled, result)


def _with_held_back(found: Found, result: PypiFound) -> Found:
    return replace(found, held_back=(*found.held_back, *result.held_back))


def _kept_out(found: Found, result: PypiFound) -> tuple[Update, ...]:
    """Return the updates that the PyPI packages do not go with; all of them where that cannot be told.

    They are those of the packages in the way, or those that bring these in.
    """
    named = tuple(each for each in found.plan.updates if each.name in result.culprits)
    return named or tuple(each for each in found.plan.updates if _brings(each, found, result)) or found.plan.updates


def _brings(update: Update, found: Found, result: PypiFound) -> bool:
    """Tell whether what *update* moves needs, directly or not, one of the packages that are in the way."""
    needed = (record.name for records in found.solutions.values() for record in closure(records, [update.name]))
    return not result.culprits.keys().isdisjoint(needed)


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
