"""Where a line stands whose package has an outlook of its own: one that PyPI is asked for, or of a library."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.model.environment import Workspace
from bot.model.manifest import Datasource, Dependency, Manifest, PackageName
from bot.model.report import DependencyStatus, Standing
from bot.model.update import HeldBack, Proposal, Update
from bot.planning.baseline import Place
from bot.planning.outlook import Outlook
from bot.updating.survey.indexes import is_looked_up
from bot.versioning.pep440 import newest


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookStatuses:
    """What became of the outlooks of lines, by the places of the lines.

    `written` maps places to the versions that proposals write there, `moved` workspaces and PyPI packages to the newest
    version that one moves them to; `reasons` are by workspace, package and release. `workspaces` are by the paths of
    their manifests, and `judged` are the paths of those of which something was.
    """

    outlooks: Mapping[Place, Outlook]
    workspaces: Mapping[str, Workspace]
    judged: AbstractSet[str]
    written: Mapping[Place, str]
    moved: Mapping[tuple[str, PackageName], str]
    reasons: Mapping[tuple[str, PackageName, str], str]

    @classmethod
    def of(
        cls,
        outlooks: Mapping[Place, Outlook],
        workspaces: Iterable[Workspace],
        judged: AbstractSet[str],
        proposals: Sequence[Proposal],
        held_back: Iterable[HeldBack],
    ) -> "OutlookStatuses":
        """Return what *proposals* and *held_back* make of *outlooks*."""
        updates = [update for proposal in proposals for update in proposal.plan.updates]
        return cls(
            outlooks=outlooks,
            workspaces={manifest.path: each for each in workspaces for manifest in each.manifests},
            judged=judged,
            written={(change.manifest, change.at): each.target.version for each in updates for change in each.changes},
            moved=_moved(each for each in updates if each.datasource is Datasource.PYPI),
            reasons={(each.workspace, each.name, each.release): each.sentence for each in held_back},
        )

    def status(self, manifest: Manifest, dependency: Dependency) -> DependencyStatus:
        """Return where the line of *dependency* in *manifest* stands."""
        outlook = self.outlooks.get((manifest.path, dependency.at))
        if outlook is None:
            standing, reason = self._without_outlook(dependency, self.workspaces.get(manifest.path))
            return _status(manifest, dependency, Outlook(), standing, None, reason)
        reached = self._reached(manifest, dependency, outlook)
        standing, reason = _standing(outlook, reached, self._reason(outlook, dependency.name))
        return _status(manifest, dependency, outlook, standing, reached, reason)

    def _without_outlook(self, dependency: Dependency, workspace: Workspace | None) -> tuple[Standing, str]:
        if workspace and workspace.lock and not is_looked_up(workspace):
            return Standing.LEFT_ALONE, f"a PyPI package, and {workspace.lock.path} locks nothing but conda packages"
        if dependency.marker and workspace and workspace.path in self.judged:
            return Standing.LEFT_ALONE, f"its marker ({dependency.marker}) holds in no environment that was judged"
        return Standing.UNKNOWN, ""

    def _reached(self, manifest: Manifest, dependency: Dependency, outlook: Outlook) -> str | None:
        """Return the version that a proposal moves to, if one does; within its range a line of an environment stays."""
        written = self.written.get((manifest.path, dependency.at))
        return self.moved.get((manifest.path, dependency.name)) if outlook.baselines else written

    def _reason(self, outlook: Outlook, name: PackageName) -> str:
        """Return why the newest release of a package is not taken, empty if nothing keeps it out."""
        workspaces = sorted({each.unit.workspace for each in outlook.baselines})
        found = (self.reasons.get((each, name, outlook.newest or "")) for each in workspaces)
        return next((held.sentence for held in outlook.not_taken), next(filter(None, found), ""))


def _moved(updates: Iterable[Update]) -> Mapping[tuple[str, PackageName], str]:
    found: dict[tuple[str, PackageName], list[str]] = {}
    for each in updates:
        for workspace in each.workspaces:
            found.setdefault((workspace, each.name), []).append(each.target.version)
    return {key: newest(versions) for key, versions in found.items()}


def _standing(outlook: Outlook, reached: str | None, reason: str) -> tuple[Standing, str]:
    if outlook.unknown:
        return Standing.UNKNOWN, outlook.unknown
    if outlook.hold:
        return Standing.LEFT_ALONE, outlook.hold
    if reached:
        return Standing.UPDATE, reason
    return (Standing.UP_TO_DATE, "") if outlook.newest == outlook.current else (Standing.HELD_BACK, reason)


def _status(
    manifest: Manifest,
    dependency: Dependency,
    outlook: Outlook,
    standing: Standing,
    reached: str | None,
    reason: str,
) -> DependencyStatus:
    return DependencyStatus(
        manifest=manifest.path,
        line=dependency.line,
        environments=tuple(sorted({each.name for b in outlook.baselines for each in b.unit.environments})),
        name=dependency.name,
        spec=dependency.version,
        standing=standing,
        current=outlook.current,
        newest=outlook.newest,
        reachable=reached or outlook.current,
        reason=reason,
    )
