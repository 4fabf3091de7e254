"""What the caps in manifests cost: which releases each keeps out, and which of other packages are out of reach with it.

Rules:
1. Only what could be proposed counts: releases that are old enough, there for the platform, and no pre-releases.
2. What a cap costs of other packages is found by two open solves, of which only one has the cap: every line that may
   move is lifted in both. What is newer without the cap is asked for once more with it, so that nothing is said untrue.
3. Whether the environment solves without the cap is asked with all other lines as they are written.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from bot.model.caps import Cap, OutOfReach
from bot.model.environment import Requirement
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveResult, Unsolvable
from bot.model.update import Releases
from bot.planning.age import conda_age_limit
from bot.planning.baseline import Baseline, Place, place
from bot.planning.holds import Holds
from bot.planning.holds.quoting import quoted
from bot.planning.manifest_lines import admits, lines_about
from bot.planning.offers import Lookups, lookup_for
from bot.planning.policy import PYTHON, Policy
from bot.planning.programs import Program, ask, together
from bot.planning.questions import opened, uncapped
from bot.planning.remarks import remark_on
from bot.versioning.caps import has_cap, without_caps
from bot.versioning.conda import is_newer, is_prerelease, sort_versions
from bot.versioning.ecosystem import CONDA

MOST_ASKED = 8
"""So many packages of one unit are asked for once more, to be sure that a cap keeps them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUse:
    """A line with a cap in one unit that has the package, and the releases beyond the cap (ascending; may be none)."""

    line: Requirement
    baseline: Baseline
    beyond: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cost:
    """What a cap costs in one unit, and what the unit comes to without it; None where nothing is beyond the cap."""

    use: CapUse
    out_of_reach: tuple[OutOfReach, ...] = ()
    without: SolveResult | None = None


CappedLine: TypeAlias = tuple[Requirement, Baseline]
"""A line with a cap, and a unit that it counts in."""


def capped_lines(baselines: Iterable[Baseline]) -> tuple[CappedLine, ...]:
    """Return every line about a conda package that has a cap, once for each of *baselines* that it counts in."""
    return tuple(
        (line, baseline)
        for baseline in baselines
        for name, line in lines_about(baseline)
        if name == line.dependency.name and has_cap(line.dependency.version_spec)
    )


def cap_uses(
    lines: Iterable[CappedLine], lookups: Lookups, policy: Policy, now: datetime
) -> Mapping[Place, tuple[CapUse, ...]]:
    """Return what each of *lines* keeps out, by where they stand."""
    found: dict[Place, list[CapUse]] = {}
    for line, baseline in lines:
        beyond = _beyond(line, baseline, lookups, policy, now)
        found.setdefault(place(line), []).append(CapUse(line=line, baseline=baseline, beyond=beyond))
    return {at: tuple(uses) for at, uses in found.items()}


def cap_costs(uses: Mapping[Place, tuple[CapUse, ...]], holds: Holds) -> Program[tuple[Cap, ...]]:
    """Find out what each cap costs; the open solve with all caps is asked once for each unit."""
    binding = [use for each in uses.values() for use in each if use.beyond]
    units = list({id(use.baseline): use.baseline for use in binding}.values())
    kept = {id(each): _kept(each, holds) for each in units}
    with_caps = yield tuple(opened(each, kept[id(each)], {}) for each in units)
    capped = {id(each): result for each, result in zip(units, with_caps, strict=True)}
    costs = yield from together([_cost(each, kept[id(each.baseline)], capped[id(each.baseline)]) for each in binding])
    by_place: dict[Place, list[_Cost]] = {}
    for cost in costs:
        by_place.setdefault(place(cost.use.line), []).append(cost)
    return tuple(_cap(uses[at], by_place.get(at, []), holds) for at in uses)


def _beyond(line: Requirement, baseline: Baseline, lookups: Lookups, policy: Policy, now: datetime) -> tuple[str, ...]:
    """Return the releases that only the cap of *line* keeps out, ascending."""
    name, spec = line.dependency.name, line.dependency.version_spec
    lookup, current = lookup_for(lookups, baseline.unit, name), baseline.version(name)
    if not isinstance(lookup, Releases) or current is None:
        return ()
    limit = conda_age_limit(name, [(baseline.unit.environments[0], lookup.channel.url)], policy, now)
    return tuple(
        each.version
        for each in CONDA.following(lookup.releases, current, [spec])
        if baseline.unit.subdir in each.subdirs
        and each.built is not None
        and not limit.obstacle(each.version, each.built, now)
        and admits(line, without_caps(spec), each.version)
        and not admits(line, spec, each.version)
    )


def _kept(baseline: Baseline, holds: Holds) -> AbstractSet[Place]:
    """Return the lines that stay in open solves: those with caps, those that are held, and python's."""
    lines = baseline.unit.requirements
    return frozenset(
        place(each)
        for each in lines
        if has_cap(each.dependency.version_spec) or each.dependency.name == PYTHON or holds.of(each, baseline.unit)
    )


def _cost(use: CapUse, kept: AbstractSet[Place], with_cap: SolveResult) -> Program[_Cost]:
    lifted = {place(use.line): without_caps(use.line.dependency.version_spec)}
    asked = (opened(use.baseline, kept, lifted), uncapped(use.baseline, lifted, _beyond_cap(use)))
    opened_up, without = yield asked
    if not (isinstance(opened_up, Solution) and isinstance(with_cap, Solution)):
        return _Cost(use=use, without=without)
    newer = _newer(use, with_cap.records, opened_up.records)[:MOST_ASKED]
    pins = (f"{each.name} =={each.version}" for each in newer)
    told = yield from together([ask(opened(use.baseline, kept, {}, pin)) for pin in pins])
    missed = tuple(each for each, result in zip(newer, told, strict=True) if isinstance(result, Unsolvable))
    return _Cost(use=use, out_of_reach=missed, without=without)


def _beyond_cap(use: CapUse) -> str:
    """Return the spec that any of the releases beyond the cap meets, and nothing else."""
    return f"{use.line.dependency.name} {'|'.join(f'=={each}' for each in use.beyond)}"


def _newer(use: CapUse, with_cap: Iterable[Record], without: Iterable[Record]) -> Sequence[OutOfReach]:
    """Return what the manifest names beside the capped package and is newer without the cap."""
    names = {each.dependency.name for each in use.baseline.unit.requirements} - {use.line.dependency.name}
    reached = {each.name: each.version for each in with_cap}
    return [
        OutOfReach(
            name=each.name, version=each.version, reached=reached[each.name], subdirs=(use.baseline.unit.subdir,)
        )
        for each in without
        if each.name in names and each.name in reached and is_newer(each.version, reached[each.name])
        if not is_prerelease(each.version)
    ]


def _cap(uses: Sequence[CapUse], costs: Sequence[_Cost], holds: Holds) -> Cap:
    line, units = uses[0].line, [each.baseline.unit for each in uses]
    dependency, hold = line.dependency, next((found for each in units if (found := holds.of(line, each))), None)
    remark = remark_on(dependency)
    return Cap(
        manifest=line.manifest,
        line=dependency.line,
        name=dependency.name,
        spec=dependency.version,
        environments=tuple(sorted({each.name for unit in units for each in unit.environments})),
        comment=quoted(remark) if remark else "",
        hold=str(hold) if hold else "",
        releases=tuple(sort_versions(set(chain.from_iterable(each.beyond for each in uses)))),
        subdirs=tuple(sorted({each.baseline.unit.subdir for each in uses if each.beyond})),
        out_of_reach=_by_package(chain.from_iterable(each.out_of_reach for each in costs)),
        solves=_solves(costs),
        reached=_reached(dependency.name, costs),
        unsolved=tuple(sorted(_unsolved(costs))),
        not_judged=next((r.reason for each in costs if isinstance(r := each.without, NotSolved)), ""),
    )


def _by_package(found: Iterable[OutOfReach]) -> tuple[OutOfReach, ...]:
    """Return *found* with what is the same on several platforms told once."""
    subdirs: dict[tuple[PackageName, str, str], set[str]] = {}
    for each in found:
        subdirs.setdefault((each.name, each.version, each.reached), set()).update(each.subdirs)
    return tuple(
        OutOfReach(name=name, version=version, reached=reached, subdirs=tuple(sorted(subdirs[name, version, reached])))
        for name, version, reached in sorted(subdirs)
    )


def _solves(costs: Sequence[_Cost]) -> bool | None:
    """Return whether every unit solves without the cap; None where there is nothing beyond it, or nobody knows."""
    results = [each.without for each in costs]
    if any(isinstance(each, Unsolvable) for each in results):
        return False
    return True if results and all(isinstance(each, Solution) for each in results) else None


def _reached(name: PackageName, costs: Iterable[_Cost]) -> str:
    """Return the lowest version that units get to without the cap; empty where none does."""
    solutions = (each.without for each in costs)
    records = (record for each in solutions if isinstance(each, Solution) for record in each.records)
    return next(iter(sort_versions({each.version for each in records if each.name == name})), "")


def _unsolved(costs: Iterable[_Cost]) -> Iterable[str]:
    units = (each.use.baseline.unit for each in costs if isinstance(each.without, Unsolvable))
    return (f"{unit.name} on {unit.subdir}" for unit in units)
