"""Lines of which nothing is there: no channel has the version, the build or the range that they ask for (any more).

A pin moves to the nearest release that solves: of the same minor before the same major before any other, of those a
newer one before an older, and the closest first. A range only goes up, from where it begins. Age, platforms and the
line's own build count as for any update.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.environment import Requirement, SolveUnit
from bot.model.manifest import Subdir
from bot.model.solve import NotSolved, Solution, SolveRequest
from bot.model.update import Release, Releases, UpdateKind
from bot.planning.age import conda_age_limit
from bot.planning.baseline import Place, files_of, limits, place, question, specs
from bot.planning.holds import Holds
from bot.planning.manifest_lines import has_own_build
from bot.planning.offers import Lookups, lookup_for
from bot.planning.policy import Policy
from bot.planning.programs import Program
from bot.versioning.clauses import least_version, pinned_version
from bot.versioning.conda import is_newer, is_prerelease, satisfies, update_kind
from bot.versioning.ecosystem import CONDA
from bot.versioning.ranges import repinned

ATTEMPTS = 8
_DISTANCE = {UpdateKind.PATCH: 0, UpdateKind.MINOR: 1, UpdateKind.MAJOR: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class GonePin:
    """A line that asks for what `channel` does not have (any more), and what it could move to.

    `version` is what it pins, or where its range begins: `asked` is that range, empty for a pin. `targets` are releases
    by what the line is to say for them, the nearest first. `build` is the line's own build if it is that which is not
    there, while `version` is; `others` are those that are. `hold` is why the line stays as it is; then it has no
    targets.
    """

    line: Requirement
    version: str
    build: str
    channel: str
    asked: str = ""
    others: tuple[str, ...] = ()
    hold: str = ""
    targets: tuple[tuple[str, Release], ...] = ()

    def target(self, attempt: int) -> tuple[str, Release]:
        """Return what is tried at *attempt*: the last one from the end on."""
        return self.targets[min(attempt, len(self.targets) - 1)]


def gone_pins(
    units: Sequence[SolveUnit], lookups: Lookups, holds: Holds, policy: Policy, now: datetime
) -> tuple[GonePin, ...]:
    """Return the lines of *units*, those of one workspace, for which none of them finds anything; some stay."""
    lines = {place(line): line for unit in units for line in unit.requirements}
    found = (_gone(line, _with_line(line, units), lookups, policy, now) for line in lines.values())
    return tuple(_kept(each, units, holds) for each in found if each is not None)


def repair(
    units: Sequence[SolveUnit], pins: Sequence[GonePin], policy: Policy, now: datetime
) -> Program[tuple[tuple[GonePin, str, Release], ...]]:
    """Return what each of *pins* is to say, so that all *units* solve that have one; nothing if none of this solves."""
    if not all(each.targets for each in pins):
        return ()
    mine = tuple({id(unit): unit for each in pins for unit in _with_line(each.line, units)}.values())
    for attempt in range(min(ATTEMPTS, max((len(each.targets) for each in pins), default=0))):
        tried = tuple((each, *each.target(attempt)) for each in pins)
        texts = {place(pin.line): text for pin, text, _ in tried}
        results = yield tuple(_as_written(unit, texts, policy, now) for unit in mine)
        if _on_all_that_count(mine, [isinstance(each, Solution) for each in results]):
            return tried
        if any(isinstance(each, NotSolved) for each in results):
            break
    return ()


def _as_written(unit: SolveUnit, texts: Mapping[Place, str], policy: Policy, now: datetime) -> SolveRequest:
    return question(
        unit,
        specs=specs(unit, texts),
        newest_record=policy.newest_transitive(now),
        constraints=limits(unit, texts),
        files=files_of(unit, ()),
    )


def _on_all_that_count(units: Sequence[SolveUnit], fits: Sequence[bool]) -> bool:
    """Tell whether something *fits* all of *units*; of platforms that nobody named one for each environment will do."""
    fitting = {unit.name for unit, fit in zip(units, fits, strict=True) if fit}
    return all(
        fit or (unit.environments[0].platforms_assumed and unit.name in fitting)
        for unit, fit in zip(units, fits, strict=True)
    )


def _with_line(line: Requirement, units: Iterable[SolveUnit]) -> tuple[SolveUnit, ...]:
    at = place(line)
    return tuple(unit for unit in units if any(place(each) == at for each in unit.requirements))


def _kept(pin: GonePin, units: Iterable[SolveUnit], holds: Holds) -> GonePin:
    """Return *pin*, without targets if its line is held somewhere."""
    found = (holds.of(pin.line, unit) for unit in _with_line(pin.line, units))
    hold = next(filter(None, found), None)
    return replace(pin, hold=str(hold), targets=()) if hold else pin


def _gone(
    line: Requirement, units: Sequence[SolveUnit], lookups: Lookups, policy: Policy, now: datetime
) -> GonePin | None:
    """Return what *line* asks for if none of *units*, which have it, finds that; None if it names no version."""
    spec = line.dependency.version_spec
    pinned, lookup = pinned_version(spec), lookup_for(lookups, units[0], line.dependency.name)
    version = pinned or least_version(spec)
    if version is None or not isinstance(lookup, Releases):
        return None
    subdirs = [unit.subdir for unit in units]
    asked_for = [each for each in lookup.releases if satisfies(spec, each.version) and each.subdirs & set(subdirs)]
    if any(_is_there(each, line, subdir) for each in asked_for for subdir in subdirs):
        return None
    targets = _targets(spec, version, _usable(line, units, lookup, policy, now))
    return GonePin(
        line=line,
        version=version,
        build=(line.dependency.match_spec.build or "") if asked_for and line.dependency.match_spec else "",
        channel=lookup.channel.name,
        asked="" if pinned else spec,
        others=_builds(asked_for, subdirs),
        targets=tuple(each for each in targets if pinned or is_newer(each[1].version, version)),
    )


def _usable(
    line: Requirement, units: Sequence[SolveUnit], lookup: Releases, policy: Policy, now: datetime
) -> Iterator[Release]:
    """Yield what *lookup* has for *line* and is old enough."""
    limit = conda_age_limit(line.dependency.name, [(units[0].environments[0], lookup.channel.url)], policy, now)
    for each in _offered(lookup, line, units):
        if each.built is not None and not limit.obstacle(each.version, each.built, now):
            yield each


def _builds(releases: Iterable[Release], subdirs: Sequence[Subdir]) -> tuple[str, ...]:
    found = {text for each in releases for subdir in subdirs for text, _ in each.builds.get(subdir, ())}
    return tuple(sorted(found))


def _offered(lookup: Releases, line: Requirement, units: Sequence[SolveUnit]) -> Iterator[Release]:
    """Yield what *lookup* has for *line* on all of *units* that count; a pre-release only where the line names one."""
    for release in lookup.releases:
        there = [_is_there(release, line, unit.subdir) for unit in units]
        final = CONDA.names_prerelease(line.dependency.version_spec) or not is_prerelease(release.version)
        if final and _on_all_that_count(units, there):
            yield release


def _is_there(release: Release, line: Requirement, subdir: Subdir) -> bool:
    return subdir in release.subdirs and has_own_build(release, line, [subdir])


def _targets(spec: str, version: str, releases: Iterable[Release]) -> Iterable[tuple[str, Release]]:
    """Yield *releases* by what *spec* is to say for them, the nearest to *version* first."""
    ascending = list(releases)
    newer = [each for each in ascending if is_newer(each.version, version)]
    older = [each for each in reversed(ascending) if each not in newer]
    for each in sorted((*newer, *older), key=lambda each: _DISTANCE[update_kind(version, each.version)]):
        if (text := repinned(spec, each.version)) is not None:
            yield text, each
