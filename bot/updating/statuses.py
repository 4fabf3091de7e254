"""Where every line of every manifest stands: nothing that people wrote vanishes from the report."""

from collections.abc import Iterable, Mapping, Sequence

from bot.model.manifest import Datasource, Dependency, Manifest, PackageName, Role
from bot.model.report import DependencyStatus, Standing
from bot.model.update import Absent, HeldBack, Lookup, Proposal, Releases, Unknown
from bot.planning.baseline import Baseline, Place
from bot.planning.candidates import Lookups
from bot.updating.reading import Reading
from bot.versioning.conda import is_newer, is_prerelease, sort_versions

SOLVED_ROLES = frozenset({Role.DEPENDENCY, Role.HOST, Role.BUILD})


def statuses(
    reading: Reading,
    baselines: Sequence[Baseline],
    lookups: Lookups,
    proposals: Sequence[Proposal],
    held_back: Sequence[HeldBack],
) -> tuple[DependencyStatus, ...]:
    """Return one status for each dependency of each manifest, in the order of the files."""
    places = _by_place(baselines)
    reached = _reached(proposals)
    reasons = {(each.name, each.release): each.sentence for each in held_back}
    return tuple(
        _status(manifest, dependency, places.get((manifest.path, dependency.at), []), lookups, reached, reasons)
        for manifest in reading.manifests
        for dependency in manifest.dependencies
    )


def _by_place(baselines: Iterable[Baseline]) -> Mapping[Place, list[Baseline]]:
    places: dict[Place, list[Baseline]] = {}
    for baseline in baselines:
        for requirement in baseline.unit.requirements:
            places.setdefault((requirement.manifest, requirement.dependency.at), []).append(baseline)
    return places


def _reached(proposals: Iterable[Proposal]) -> Mapping[tuple[str, PackageName], str]:
    """The newest version that a proposal moves a package to, by workspace; environments name their manifest."""
    versions: dict[tuple[str, PackageName], list[str]] = {}
    for proposal in proposals:
        for update in proposal.plan.updates:
            for workspace in update.workspaces:
                versions.setdefault((workspace, update.name), []).append(update.target.version)
    return {key: sort_versions(found)[-1] for key, found in versions.items()}


def _status(
    manifest: Manifest,
    dependency: Dependency,
    baselines: Sequence[Baseline],
    lookups: Lookups,
    reached: Mapping[tuple[str, PackageName], str],
    reasons: Mapping[tuple[PackageName, str], str],
) -> DependencyStatus:
    current = sort_versions(v for each in baselines if (v := each.version(dependency.name)))[:1]
    lookup = _lookup(dependency, baselines, lookups)
    newest = _newest(lookup, current[0]) if current else None
    reachable = reached.get((manifest.path, dependency.name), current[0] if current else None)
    standing, reason = _standing(dependency, lookup, current[0] if current else None, newest, reachable, reasons)
    return DependencyStatus(
        manifest=manifest.path,
        line=dependency.line,
        environments=tuple(sorted({each.name for b in baselines for each in b.unit.environments})),
        name=dependency.name,
        spec=dependency.version,
        standing=standing,
        current=current[0] if current else None,
        newest=newest,
        reachable=reachable,
        reason=reason,
    )


def _lookup(dependency: Dependency, baselines: Sequence[Baseline], lookups: Lookups) -> Lookup | None:
    for baseline in baselines:
        channels = tuple(channel.url for channel in baseline.unit.environments[0].channels)
        return lookups.get(channels, {}).get(dependency.name)
    return None


def _newest(lookup: Lookup | None, current: str) -> str | None:
    if not isinstance(lookup, Releases):
        return None
    stable = [each.version for each in lookup.releases if is_prerelease(current) or not is_prerelease(each.version)]
    return stable[-1] if stable else None


def _standing(
    dependency: Dependency,
    lookup: Lookup | None,
    current: str | None,
    newest: str | None,
    reachable: str | None,
    reasons: Mapping[tuple[PackageName, str], str],
) -> tuple[Standing, str]:
    if unmanaged := _unmanaged(dependency):
        return Standing.LEFT_ALONE, unmanaged
    if isinstance(lookup, Unknown | Absent):
        return Standing.UNKNOWN, lookup.reason
    if current is None or newest is None:
        return Standing.UNKNOWN, "its environments could not be judged"
    reason = reasons.get((dependency.name, newest), "")
    if reachable is not None and is_newer(reachable, current):
        return Standing.UPDATE, reason
    return (Standing.HELD_BACK, reason) if is_newer(newest, current) else (Standing.UP_TO_DATE, "")


def _unmanaged(dependency: Dependency) -> str:
    if dependency.skip:
        return f"{dependency.skip.reason}: {dependency.skip.detail}"
    if dependency.datasource is Datasource.PYPI:
        return "a PyPI package: not looked up"
    if dependency.role not in SOLVED_ROLES:
        return f"a {dependency.role}, not part of an environment"
    return ""
