"""Where every line of every manifest stands: nothing that people wrote vanishes from the report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from bot.model.environment import Requirement
from bot.model.manifest import Datasource, Dependency, Manifest, PackageName, Role
from bot.model.report import UNJUDGED, DependencyStatus, Standing
from bot.model.update import Absent, HeldBack, Lookup, Proposal, Releases, Unknown
from bot.planning.baseline import Baseline, Place, place
from bot.planning.holds import Hold, Holds, HoldScope
from bot.planning.offers import Lookups, lookup_for
from bot.updating.propose.outlook_statuses import OutlookStatuses
from bot.updating.propose.unused import unused
from bot.updating.survey import Survey
from bot.versioning.conda import is_newer, satisfies, sort_versions
from bot.versioning.ecosystem import CONDA

SOLVED_ROLES = frozenset({Role.DEPENDENCY, Role.HOST, Role.BUILD, Role.LIBRARY})

Asked: TypeAlias = tuple[Requirement, Baseline]
"""A line as one unit asks for it, and that unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versions:
    """What is known of a dependency: the version in use, the newest, the newest that a proposal reaches."""

    lookup: Lookup | None
    current: str | None
    newest: str | None
    reachable: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What a scan found: what channels offer, which versions proposals reach, why others are not taken, what is held.

    `reached` is by workspace, environment and package, `reasons` by workspace, package and release, as `left_alone`,
    the holds on a package whose lines move together.
    """

    lookups: Lookups
    reached: Mapping[tuple[str, str, PackageName], str]
    reasons: Mapping[tuple[str, PackageName, str], str]
    left_alone: Mapping[tuple[str, PackageName, str], str]
    holds: Holds

    def reaches(self, name: PackageName, version: str, baseline: Baseline) -> str | None:
        """Return what a proposal moves *name* to from *version*, where *baseline* has that; None if it stays there."""
        unit = baseline.unit
        found = (self.reached.get((unit.workspace, each.name, name)) for each in unit.environments)
        return next((each for each in found if each and is_newer(each, version)), None)

    def reason(self, asked: Sequence[Asked], name: PackageName, versions: _Versions) -> str:
        """Return why the newest of *versions* is not taken in the workspace that *asked* are of; empty without one.

        Where nothing is said of it, as of one that some platform lacks, what is said of the newest before it counts,
        if that is newer than what is reached.
        """
        release, reached = versions.newest or "", versions.reachable
        workspaces = {baseline.unit.workspace for _, baseline in asked}
        if found := next((found for each in workspaces if (found := self.reasons.get((each, name, release)))), ""):
            return found
        told = {
            version: said
            for (path, of, version), said in self.reasons.items()
            if path in workspaces and of == name and not (reached and is_newer(reached, version))
        }
        if not told:
            return ""
        latest = sort_versions(told)[-1]
        said = told[latest]
        return said if said.startswith(f"{name} {latest} ") else f"{name} {latest}: {said}"

    def hold_beside(self, asked: Sequence[Asked], name: PackageName, versions: _Versions) -> str:
        """Return the hold on another line of *name* that keeps the newest of *versions* out; empty without one."""
        release = versions.newest or ""
        found = (self.left_alone.get((baseline.unit.workspace, name, release)) for _, baseline in asked)
        return next(filter(None, found), "")


def statuses(
    survey: Survey, proposals: Sequence[Proposal], held_back: Sequence[HeldBack]
) -> tuple[DependencyStatus, ...]:
    """Return one status for each dependency of each manifest, in the order of the files."""
    reading, outlooks = survey.reading, {**survey.packages, **survey.library}
    judged = frozenset(each.unit.workspace for each in survey.baselines)
    by_outlook = OutlookStatuses.of(outlooks, reading.workspaces, judged, proposals, held_back)
    asked = _by_place(survey.baselines)
    reasons = {(each.workspace, each.name, each.release): each.sentence for each in held_back}
    alone = unused(reading.workspaces)
    findings = _Findings(
        lookups=survey.lookups,
        reached=_reached(proposals),
        reasons=reasons,
        left_alone={(each.workspace, each.name, each.release): each.sentence for each in survey.left_alone},
        holds=survey.holds,
    )
    return tuple(
        _explained(
            by_outlook.status(manifest, dependency)
            if (manifest.path, dependency.at) in outlooks or _is_pypi_in_an_environment(dependency)
            else _status(manifest, dependency, asked.get((manifest.path, dependency.at), []), findings),
            survey.not_judged.get((manifest.path, dependency.at)),
            alone.get((manifest.path, dependency.at)),
        )
        for manifest in reading.manifests
        for dependency in manifest.dependencies
    )


def _explained(status: DependencyStatus, why_not_judged: str | None, why_unused: str | None) -> DependencyStatus:
    """Return *status*, which says why nothing is known of its line where no channel and no index does.

    A line that counts nowhere is left alone, whatever is not judged beside it.
    """
    if status.standing is Standing.UNKNOWN and why_unused:
        return replace(status, standing=Standing.LEFT_ALONE, reason=why_unused)
    if status.standing is not Standing.UNKNOWN or status.reason:
        return status
    return replace(status, reason=why_not_judged or UNJUDGED)


def _is_pypi_in_an_environment(dependency: Dependency) -> bool:
    is_from_pypi = dependency.datasource is Datasource.PYPI and dependency.skip is None
    return is_from_pypi and dependency.role in SOLVED_ROLES


def _by_place(baselines: Iterable[Baseline]) -> Mapping[Place, list[Asked]]:
    places: dict[Place, list[Asked]] = {}
    for baseline in baselines:
        for requirement in (*baseline.unit.requirements, *baseline.unit.constraints):
            places.setdefault(place(requirement), []).append((requirement, baseline))
    return places


def _reached(proposals: Iterable[Proposal]) -> Mapping[tuple[str, str, PackageName], str]:
    """The newest version that a proposal moves a package to; environments name their manifest."""
    versions: dict[tuple[str, str, PackageName], list[str]] = {}
    every = (update for proposal in proposals for update in proposal.plan.updates)
    for update in (each for each in every if each.datasource is Datasource.CONDA):
        for workspace, environment in product(update.workspaces, update.environments):
            versions.setdefault((workspace, environment, update.name), []).append(update.target.version)
    return {key: sort_versions(found)[-1] for key, found in versions.items()}


def _status(
    manifest: Manifest, dependency: Dependency, asked: Sequence[Asked], findings: _Findings
) -> DependencyStatus:
    moving = [each for each in asked if not _stays(findings.holds.of(each[0], each[1].unit))]
    hold = _hold(manifest, dependency, moving or asked, findings.holds)
    versions = _versions(dependency, [baseline for _, baseline in moving or asked], findings)
    held_back = (
        findings.reason(asked, dependency.name, versions)
        or _kept_by(dependency, asked, versions)
        or findings.hold_beside(asked, dependency.name, versions)
    )
    standing, reason = _standing(dependency, hold, versions, held_back)
    return DependencyStatus(
        manifest=manifest.path,
        line=dependency.line,
        environments=tuple(sorted({each.name for _, b in asked for each in b.unit.environments})),
        name=dependency.name,
        spec=dependency.version,
        standing=standing,
        current=versions.current,
        newest=versions.newest,
        reachable=versions.reachable,
        reason=reason,
    )


def _kept_by(dependency: Dependency, asked: Sequence[Asked], versions: _Versions) -> str:
    """Return which other line keeps the package behind, where the line of *dependency* lets the newest in already."""
    newest = versions.newest
    if newest is None or not satisfies(dependency.version_spec, newest):
        return ""
    for _, baseline in asked:
        for other in baseline.unit.requirements if baseline.version(dependency.name) == versions.current else ():
            same = other.dependency
            if same.name == dependency.name and not satisfies(same.version_spec, newest):
                line = f"{other.manifest}:{same.line} asks for {same.name} {same.version_spec}"
                return f"{line} in {baseline.unit.name!r}"
    return ""


def _hold(manifest: Manifest, dependency: Dependency, asked: Sequence[Asked], holds: Holds) -> Hold | None:
    """Return what holds the line wherever it could move; what no unit asks for is held as it is written."""
    if not asked:
        return holds.lines.get((manifest.path, dependency.at))
    return next((hold for requirement, baseline in asked if (hold := holds.of(requirement, baseline.unit))), None)


def _stays(hold: Hold | None) -> bool:
    return hold is not None and hold.scope is HoldScope.ALL


def _versions(dependency: Dependency, baselines: Sequence[Baseline], findings: _Findings) -> _Versions:
    """Return where the package stands that moves from furthest behind, or else that is furthest behind."""
    in_use = [(version, each) for each in baselines if (version := each.version(dependency.name))]
    moving = {version: to for version, each in in_use if (to := findings.reaches(dependency.name, version, each))}
    behind = sort_versions(moving or (version for version, _ in in_use))
    current = behind[0] if behind else None
    lookup = _lookup(dependency, baselines, findings.lookups)
    return _Versions(
        lookup=lookup,
        current=current,
        newest=_newest(dependency, lookup, current, baselines) if current else None,
        reachable=moving.get(current, current) if current else None,
    )


def _lookup(dependency: Dependency, baselines: Sequence[Baseline], lookups: Lookups) -> Lookup | None:
    return next((lookup_for(lookups, each.unit, dependency.name) for each in baselines), None)


def _newest(dependency: Dependency, lookup: Lookup | None, current: str, baselines: Iterable[Baseline]) -> str | None:
    """Return the newest release that may follow the one in use, which may be that itself; None where nobody knows."""
    if not isinstance(lookup, Releases):
        return None
    lines = (each.dependency for b in baselines for each in (*b.unit.requirements, *b.unit.constraints))
    specs = [each.version_spec for each in lines if each.name == dependency.name]
    newer = CONDA.following(lookup.releases, current, specs)
    return newer[-1].version if newer else current


def _standing(dependency: Dependency, hold: Hold | None, versions: _Versions, held_back: str) -> tuple[Standing, str]:
    unmanaged = "" if versions.lookup else _unmanaged(dependency)
    if left_alone := unmanaged or (str(hold) if _stays(hold) else ""):
        return Standing.LEFT_ALONE, left_alone
    if dependency.role is Role.CONSTRAINT and (settled := _settled(dependency, versions)):
        return settled
    if versions.current is None or versions.newest is None:
        return Standing.UNKNOWN, _unknown(versions.lookup)
    is_kept = hold is not None and not satisfies(dependency.version_spec, versions.newest)
    reason = str(hold) if is_kept else held_back
    if versions.reachable and is_newer(versions.reachable, versions.current):
        return Standing.UPDATE, reason
    if is_newer(versions.newest, versions.current):
        return (Standing.LEFT_ALONE if is_kept else Standing.HELD_BACK), reason
    return Standing.UP_TO_DATE, ""


def _unknown(lookup: Lookup | None) -> str:
    return lookup.reason if isinstance(lookup, Unknown | Absent) else ""


def _settled(dependency: Dependency, versions: _Versions) -> tuple[Standing, str] | None:
    """Return where a constraint stands that keeps nothing out, None for any other."""
    if isinstance(versions.lookup, Releases) and versions.current is None:
        return Standing.LEFT_ALONE, "nothing in its environments asks for it"
    is_open = versions.newest is not None and satisfies(dependency.version_spec, versions.newest)
    return (Standing.UP_TO_DATE, "") if is_open else None


def _unmanaged(dependency: Dependency) -> str:
    if dependency.skip:
        return f"{dependency.skip.reason}: {dependency.skip.detail}"
    is_limit = dependency.role is Role.CONSTRAINT and dependency.datasource is Datasource.CONDA
    if dependency.role not in SOLVED_ROLES and not is_limit:
        return f"a {dependency.role}, not part of an environment"
    return ""
