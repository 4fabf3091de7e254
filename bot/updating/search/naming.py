"""What new records are called on PyPI, before a `pixi.lock` states it: pixi tells by it which wheels are not needed.

pixi looks this up for environments with PyPI dependencies; so does condabot. A manifest may bring names of its own
(`conda-pypi-map`); files that it names must be in the repository. A package whose name is not to be had now is called
as an older record of it in the lock; one that is new to the lock waits, for under a wrong name the lock would be out of
date to pixi.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeAlias

from bot.model.environment import Workspace
from bot.model.manifest import Datasource, PackageName
from bot.model.package import LockedPypi, Record
from bot.model.pypi_names import ChannelRule, FoundPurls
from bot.planning.provided import with_purls
from bot.planning.search import Found
from bot.updating.ports import PurlIndex
from bot.updating.read.purl_maps import own_names
from bot.versioning.purls import channel_url
from bot.workspaces import ResolveChannel

Unnamed: TypeAlias = Mapping[str, Mapping[PackageName, str]]
"""Why nobody knows what packages are called on PyPI: by the paths of workspaces, and their names."""


class NoMapping:
    """Knows no package."""

    async def purls(self, records: Iterable[Record], rules: Mapping[str, ChannelRule]) -> FoundPurls:
        """Return that nobody knows any of *records*."""
        del records, rules
        return FoundPurls()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What was found, with what its new records are called on PyPI; `unknown` are those of which nobody knows it."""

    found: Found
    unknown: Unnamed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Tells of *workspaces* what their new packages are called on PyPI; `files` are those that a scan reads."""

    index: PurlIndex
    workspaces: Sequence[Workspace]
    files: Mapping[str, bytes]
    resolve: ResolveChannel

    async def named(self, found: Found) -> Found:
        """Return *found*, its new records with what they are called on PyPI, or without anything if that is unknown."""
        named = await self.look_up(found)
        if not named.unknown:
            return named.found
        return replace(nothing_of(found), not_judged=(*found.not_judged, waits(all_of(named.unknown))))

    async def look_up(self, found: Found) -> Named:
        """Return *found*, its new records with what they are called on PyPI, and of which that is unknown."""
        solutions, unknown = dict(found.solutions), dict[str, Mapping[PackageName, str]]()
        for workspace in filter(_states_names, self.workspaces):
            units = [unit for unit in solutions if unit.workspace == workspace.path]
            new = _new(workspace, (record for unit in units for record in solutions[unit]))
            answer = await self._look_up(workspace, new)
            needed = {
                record.url for unit in units if _asks_for_pypi(workspace, unit.name) for record in solutions[unit]
            }
            waiting = [each for each in _nameless(new, workspace, answer) if each.url in needed]
            if waiting:
                unknown[workspace.path] = {each.name: answer.unknown[each.url] for each in waiting}
            solutions |= {unit: with_purls(solutions[unit], answer.purls) for unit in units}
        return Named(found=replace(found, solutions=solutions), unknown=unknown)

    async def _look_up(self, workspace: Workspace, records: Sequence[Record]) -> FoundPurls:
        own = own_names(workspace, self.files, self.resolve)
        unreadable = {each.url: why for each in records if (why := own.unreadable.get(channel_url(each)))}
        found = await self.index.purls([each for each in records if each.url not in unreadable], own.rules)
        return replace(found, unknown={**found.unknown, **unreadable})


def _states_names(workspace: Workspace) -> bool:
    """Tell whether the lock of *workspace* states names: pixi looks them up where there are any PyPI dependencies."""
    if workspace.lock is None or workspace.lock.format.pypi is not LockedPypi.IN_FULL:
        return False
    every = (
        each for environment in workspace.environments for each in (*environment.requirements, *environment.references)
    )
    return any(each.dependency.datasource is Datasource.PYPI for each in every)


def _new(workspace: Workspace, records: Iterable[Record]) -> tuple[Record, ...]:
    known = {record.url for record in _locked(workspace)}
    new = (record for record in records if not record.is_source and record.url not in known)
    return tuple({record.url: record for record in new}.values())


def _locked(workspace: Workspace) -> tuple[Record, ...]:
    environments = workspace.lock.environments if workspace.lock else ()
    return tuple(record for each in environments for records in each.conda.values() for record in records)


def _asks_for_pypi(workspace: Workspace, group: str) -> bool:
    """Tell whether pixi needs names in the environments of *group*: without PyPI dependencies it looks up none."""
    mates = (each for each in workspace.environments if group in {each.solve_group, each.name})
    every = chain.from_iterable((*each.requirements, *each.references) for each in mates)
    return any(each.dependency.datasource is Datasource.PYPI for each in every)


def _nameless(records: Sequence[Record], workspace: Workspace, answer: FoundPurls) -> Iterable[Record]:
    """Yield those of *records* that have an unknown name and are new to the lock.

    Where an older record states nothing, the new one may do the same: pixi tells both by the same rules.
    """
    older = {record.name for record in _locked(workspace)}
    return (each for each in records if each.url in answer.unknown and each.name not in older)


def all_of(unknown: Unnamed) -> Mapping[PackageName, str]:
    """Return what is *unknown* in any workspace."""
    return {name: why for found in unknown.values() for name, why in found.items()}


def waits(unknown: Mapping[PackageName, str]) -> str:
    """Return the sentence about a change that brings in packages in *unknown*."""
    called = f"{', '.join(sorted(unknown))} {'is' if len(unknown) == 1 else 'are'} called on PyPI"
    return f"what {called} is unknown, so it waits: {next(iter(unknown.values()))}"


def nothing_of(found: Found) -> Found:
    """Return *found* without anything that would move."""
    workspaces = {unit.workspace for unit in found.solutions}
    about = workspaces.pop() if len(workspaces) == 1 else ""
    return replace(found, plan=replace(found.plan, updates=()), solutions={}, about=about)
