"""Whether the minimums that manifests write are true: that environments solve at the lowest of what their lines allow.

Rules:
1. Only a line with a lower bound that admits a range has a minimum: `>=1.21`, `~=1.4`, `=1.21`. A line without one
   (`numpy`, `<2`) promises nothing; like a pin it stands in every question as it is written.
2. The lowest release is the lowest that the channel has for the platform and that all lines about the package admit; a
   line is judged where it is one that decides. Pre-releases count for a spec that names one.
3. All are tried together first. If that does not solve, each alone; then one after another, in the order in which they
   are written, each at the lowest that solves beside those before it: what is said to solve was solved.
4. Nothing that is in use is kept from going down.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.model.environment import Requirement
from bot.model.manifest import PackageName
from bot.model.minimums import MOST_TRIED, Minimum, MinimumTried
from bot.model.solve import NotSolved, Solution
from bot.model.update import Releases
from bot.planning.baseline import Baseline, Place, place
from bot.planning.manifest_lines import admits, lines_about
from bot.planning.offers import Lookups, lookup_for
from bot.planning.programs import Program, ask, together
from bot.planning.questions import at_lowest
from bot.versioning.caps import has_minimum
from bot.versioning.ecosystem import CONDA

AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """The lines that decide on the minimum of a package in a unit, and the releases that will do (ascending)."""

    name: PackageName
    lines: tuple[Requirement, ...]
    releases: tuple[str, ...]

    @property
    def lowest(self) -> str:
        return self.releases[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What a package came to: the lowest release that solves; empty where none does, or nobody knows (`reason`)."""

    version: str = ""
    reason: str = ""


def minimums(baselines: Sequence[Baseline], lookups: Lookups) -> Program[tuple[Minimum, ...]]:
    """Find out of every minimum in *baselines* whether it is true, and what the lowest is that solves."""
    written = [_written(each, lookups) for each in baselines]
    found = yield from together([_in_unit(*each) for each in zip(baselines, written, strict=True)])
    lines: dict[Place, Requirement] = {}
    tried: dict[Place, dict[MinimumTried, list[str]]] = {}
    for baseline, packages, results in zip(baselines, written, found, strict=True):
        for package, result in zip(packages, results, strict=True):
            for line in package.lines:
                lines.setdefault(place(line), line)
                tried.setdefault(place(line), {}).setdefault(result, []).extend(_where(line, baseline))
    return tuple(_minimum(line, tried[at]) for at, line in lines.items())


def _written(baseline: Baseline, lookups: Lookups) -> tuple[_Written, ...]:
    lines: dict[PackageName, list[Requirement]] = {}
    for name, line in lines_about(baseline):
        lines.setdefault(name, []).append(line)
    found = (_of_package(baseline, name, about, lookups) for name, about in lines.items())
    return tuple(each for each in found if each)


def _of_package(
    baseline: Baseline, name: PackageName, lines: Sequence[Requirement], lookups: Lookups
) -> _Written | None:
    bounding = [
        each for each in lines if each in baseline.unit.requirements and has_minimum(each.dependency.version_spec)
    ]
    lookup = lookup_for(lookups, baseline.unit, name) if bounding else None
    if not isinstance(lookup, Releases):
        return None
    there = [each.version for each in lookup.releases if baseline.unit.subdir in each.subdirs]
    admitted = {place(line): [each for each in there if _is_meant(line, each)] for line in lines}
    releases = tuple(each for each in there if all(each in some for some in admitted.values()))
    deciding = tuple(each for each in bounding if admitted[place(each)][:1] == [*releases[:1]])
    return _Written(name=name, lines=deciding, releases=releases) if releases and deciding else None


def _is_meant(line: Requirement, version: str) -> bool:
    spec = line.dependency.version_spec
    return admits(line, spec, version) and (not CONDA.is_prerelease(version) or CONDA.names_prerelease(spec))


def _in_unit(baseline: Baseline, packages: Sequence[_Written]) -> Program[tuple[MinimumTried, ...]]:
    lowest = {each.name: each.lowest for each in packages}
    if not packages or isinstance((yield from ask(at_lowest(baseline, lowest))), Solution):
        return tuple(_true(each) for each in packages)
    alone = yield from together([_lowest(baseline, {}, each.name, each.releases) for each in packages])
    chosen: dict[PackageName, str] = {}
    beside: list[_Tried] = []
    for each, found in zip(packages, alone, strict=True):
        rest = each.releases[each.releases.index(found.version) :] if found.version else ()
        beside.append((yield from _lowest(baseline, chosen, each.name, rest)))
        if beside[-1].version:
            chosen[each.name] = beside[-1].version
    return tuple(map(_tried, packages, alone, beside))


def _lowest(
    baseline: Baseline, chosen: Mapping[PackageName, str], name: PackageName, releases: Sequence[str]
) -> Program[_Tried]:
    """Return the first of *releases* that solves beside what is *chosen*; mostly it is the very first."""
    begin = 0
    for end in (1, *range(1 + AT_ONCE, MOST_TRIED + AT_ONCE, AT_ONCE)):
        batch = releases[begin:end]
        if not batch:
            break
        results = yield tuple(at_lowest(baseline, {**chosen, name: each}) for each in batch)
        for version, result in zip(batch, results, strict=True):
            if isinstance(result, Solution):
                return _Tried(version=version)
            if isinstance(result, NotSolved):
                return _Tried(reason=result.reason)
        begin = end
    return _Tried()


def _true(package: _Written) -> MinimumTried:
    return MinimumTried(where=(), lowest=package.lowest, alone=package.lowest, together=package.lowest)


def _tried(package: _Written, alone: _Tried, beside: _Tried) -> MinimumTried:
    return MinimumTried(
        where=(),
        lowest=package.lowest,
        alone=alone.version,
        together=beside.version,
        not_judged=alone.reason or beside.reason,
    )


def _where(line: Requirement, baseline: Baseline) -> Iterable[str]:
    """Yield the environments of the unit that *line* is in, each with its platform."""
    unit = baseline.unit
    names = [each.name for each in unit.environments if line in each.requires(unit.platform.name)]
    return (f"{name} on {unit.platform.name}" for name in names or [unit.name])


def _minimum(line: Requirement, tried: Mapping[MinimumTried, Iterable[str]]) -> Minimum:
    return Minimum(
        manifest=line.manifest,
        line=line.dependency.line,
        name=line.dependency.name,
        spec=line.dependency.version,
        tried=tuple(replace(each, where=tuple(dict.fromkeys(where))) for each, where in tried.items()),
    )
