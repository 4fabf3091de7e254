"""Which PyPI packages can move without anything being solved: lines of pip in manifests that no lock holds.

Rules:
1. What is in use is what the lines admit of what the index offers: the newest, as pip takes it, or the exact version.
2. A release is no worse than the version in use: for every platform it has a wheel where that one has, or an archive.
3. Its `requires-python` admits the python of every environment as solved. Pre-releases are for who uses one already,
   local versions stay within their label (`+cu118`).
4. Nothing says that the packages fit together. pip does when it installs them, and the pull request says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import SpecError
from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName
from bot.model.update import BranchPlan, HeldBack, Lookup, Release, Releases, SpecChange, Update
from bot.planning.baseline import Baseline, Place, place
from bot.planning.groups import Declined
from bot.planning.holds import Holds
from bot.planning.policy import PYTHON, Policy
from bot.versioning.markers import applies
from bot.versioning.pep440 import (
    exact_version,
    is_newer,
    is_prerelease,
    local_label,
    new_pypi_range,
    satisfies,
    sort_versions,
    update_kind,
    version_line,
)
from bot.versioning.ranges import auto_strategy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PypiUse:
    """A package that lines of one workspace ask PyPI for, and the units in which they do."""

    name: PackageName
    requirements: tuple[Requirement, ...]
    baselines: tuple[Baseline, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the lines stand."""
        return tuple(map(place, self.requirements))

    @property
    def pythons(self) -> tuple[str, ...]:
        """The versions of python in the units that have one, ascending."""
        return tuple(sort_versions({version for each in self.baselines if (version := each.version(PYTHON))}))

    @property
    def subdirs(self) -> tuple[str, ...]:
        """The platforms of the units."""
        return tuple(sorted({each.unit.subdir for each in self.baselines}))

    def admits(self, version: str) -> bool:
        """Tell whether every line admits *version*."""
        return all(satisfies(each.dependency.version, version) for each in self.requirements)

    def changes_to(self, release: Release) -> tuple[SpecChange, ...]:
        """Return the specs that must be rewritten for *release*, in the order of the manifest."""
        changes = (_change(each, release) for each in self.requirements)
        return tuple(change for change in changes if change is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PypiCandidate:
    """A package that could move from `current` to `release`, the newest of one direction: within its line or beyond."""

    use: PypiUse
    current: str
    release: Release

    @property
    def key(self) -> str:
        """The key of the pull request: the package and the version line, across all files."""
        return f"pypi-{self.use.name}-{version_line(self.release.version)}.x"

    def update(self) -> Update:
        """Return the update."""
        return Update(
            name=self.use.name,
            datasource=Datasource.PYPI,
            current=self.current,
            target=self.release,
            kind=update_kind(self.current, self.release.version),
            changes=self.use.changes_to(self.release),
            environments=tuple(sorted({e.name for b in self.use.baselines for e in b.unit.environments})),
            workspaces=tuple(sorted({b.unit.workspace for b in self.use.baselines})),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiOutlook:
    """What planning makes of one package; `unknown` is why it cannot be judged, a sentence without its full stop."""

    use: PypiUse
    current: str | None = None
    newest: str | None = None
    candidates: tuple[PypiCandidate, ...] = ()
    not_now: tuple[HeldBack, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A package with everything its releases are judged by; `in_use` is the release in use, if the index has it."""

    use: PypiUse
    current: str
    in_use: Release | None
    limit: datetime
    now: datetime


def uses(baselines: Iterable[Baseline]) -> tuple[PypiUse, ...]:
    """Return what the units in *baselines*, of one workspace, ask PyPI for, by name. What a lock holds is no use."""
    asked: dict[PackageName, list[tuple[Requirement, Baseline]]] = {}
    for baseline in baselines:
        for requirement in [] if baseline.locked else _asked(baseline):
            asked.setdefault(requirement.dependency.name, []).append((requirement, baseline))
    return tuple(
        PypiUse(
            name=name,
            requirements=tuple({place(requirement): requirement for requirement, _ in asked[name]}.values()),
            baselines=tuple({id(baseline): baseline for _, baseline in asked[name]}.values()),
        )
        for name in sorted(asked)
    )


def pypi_outlook(
    use: PypiUse, lookup: Lookup | None, policy: Policy, now: datetime, held: Mapping[Place, Hold]
) -> PypiOutlook:
    """Return what can be said of *use* with the answer of its indexes; None stands for no answer."""
    if len({each.version(PYTHON) for each in use.baselines} - {None}) == 0:
        return PypiOutlook(use=use, unknown="its environment has no python of conda's that the release could be judged by")
    return PypiOutlook(use=use)
