"""Which newer releases of PyPI packages are worth proposing, or, where a lock holds them, worth resolving for.

Rules:
1. What is in use is what the lock holds. Without one it is what the lines admit of what the index offers: the newest,
   as pip takes it, or the exact version.
2. A release is no worse than the version in use: for every platform it has a wheel where that one has, or an archive.
3. Its `requires-python` admits the python of every environment as solved; one that has nothing of conda says nothing
   of its python, and is not asked for it. Pre-releases are for who uses one already,
   local versions stay within their label (`+cu118`).
4. Without a lock nothing says that the packages fit together. pip does when it installs them, and the pull request
   says so. With one, `bot.planning.pypi_search` resolves them.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from packaging.utils import canonicalize_name

from bot.errors import SpecError
from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName
from bot.model.update import BranchPlan, HeldBack, Release, Releases, SpecChange, Update
from bot.planning.age import AgeLimit, pypi_age_limit
from bot.planning.baseline import Baseline, Place, place
from bot.planning.groups import Declined
from bot.planning.holds import Hold, Holds, HoldScope
from bot.planning.lines import change_for, pinned_promise
from bot.planning.policy import PYTHON, Policy
from bot.planning.provided import provided
from bot.versioning.markers import applies
from bot.versioning.pep440 import (
    exact_version,
    is_newer,
    is_prerelease,
    local_label,
    satisfies,
    sort_versions,
    update_kind,
    version_line,
)


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
    def locked(self) -> bool:
        """Whether a lock holds it; a use is of one workspace, so it holds all of it."""
        return any(each.locked for each in self.baselines)

    @property
    def locked_versions(self) -> tuple[str, ...]:
        """The versions that the lock holds, ascending; none where a conda package brings it."""
        packages = (package for each in self.baselines for package in each.packages)
        return tuple(sort_versions({each.version for each in packages if each.name == self.name and each.version}))

    @property
    def is_brought(self) -> bool:
        """Whether pixi takes it from a conda package of the same environment, as that is there already."""
        units = [each for each in self.baselines if each.unit.environments[0].pypi_options is not None]
        return any(self.name == found.name for each in units for found in provided(each.records.values()))

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
        return all(satisfies(each.dependency.version_spec, version) for each in self.requirements)

    def changes_to(self, release: Release) -> tuple[SpecChange, ...]:
        """Return the specs that must be rewritten for *release*, in the order of the manifest."""
        changes = (change_for(each, release.version, locked=self.locked) for each in self.requirements)
        return tuple(change for change in changes if change is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PypiCandidate:
    """A package that could move from `current` to one of `releases` (ascending), of one direction.

    A direction is within the version line in use, or beyond it.
    """

    use: PypiUse
    current: str
    releases: tuple[Release, ...]

    @property
    def wanted(self) -> Release:
        """The newest release that is for now."""
        return self.releases[-1]

    @property
    def key(self) -> str:
        """The key of the pull request: the package and the version line, across all files."""
        return f"pypi-{self.use.name}-{version_line(self.wanted.version)}.x"

    def update_to(self, release: Release) -> Update:
        """Return the update that moves it to *release*."""
        return Update(
            name=self.use.name,
            datasource=Datasource.PYPI,
            current=self.current,
            target=release,
            kind=update_kind(self.current, release.version),
            changes=self.use.changes_to(release),
            environments=tuple(sorted({e.name for b in self.use.baselines for e in b.unit.environments})),
            workspaces=tuple(sorted({b.unit.workspace for b in self.use.baselines})),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiOutlook:
    """What planning makes of one package.

    `hold` is the sentence of what holds it, `unknown` why it cannot be judged, both without a full stop.
    """

    use: PypiUse
    current: str | None = None
    newest: str | None = None
    candidates: tuple[PypiCandidate, ...] = ()
    not_now: tuple[HeldBack, ...] = ()
    hold: str = ""
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A package with everything its releases are judged by; `in_use` is the release in use, if the index has it."""

    use: PypiUse
    current: str
    in_use: Release | None
    limit: AgeLimit
    now: datetime


def uses(baselines: Iterable[Baseline]) -> tuple[PypiUse, ...]:
    """Return what the units in *baselines*, of one workspace, ask PyPI for, by name."""
    asked: dict[PackageName, list[tuple[Requirement, Baseline]]] = {}
    for baseline in baselines:
        for requirement in _asked(baseline):
            asked.setdefault(requirement.dependency.name, []).append((requirement, baseline))
    return tuple(
        PypiUse(
            name=name,
            requirements=tuple({place(requirement): requirement for requirement, _ in asked[name]}.values()),
            baselines=tuple({id(baseline): baseline for _, baseline in asked[name]}.values()),
        )
        for name in sorted(asked)
    )


def pypi_outlook(use: PypiUse, lookup: Releases, policy: Policy, now: datetime, holds: Holds) -> PypiOutlook:
    """Return what can be said of *use* with what its index offers. A hold on a line holds: every move rewrites it."""
    try:
        return _outlook(use, lookup, policy, now, holds)
    except SpecError as error:
        return PypiOutlook(use=use, unknown=error.message)


def pypi_plans(candidates: Iterable[PypiCandidate], declined: Declined) -> tuple[BranchPlan, ...]:
    """Return a pull request for each package and version line, sorted by key, without what was declined.

    What a lock holds is not among them: it must be resolved first.
    """
    updates: dict[str, list[Update]] = {}
    for candidate in (each for each in candidates if not each.use.locked):
        refused = declined.get(candidate.key, {}).get(candidate.use.name)
        if refused is None or is_newer(candidate.wanted.version, refused):
            updates.setdefault(candidate.key, []).append(candidate.update_to(candidate.wanted))
    return tuple(BranchPlan(key=key, updates=tuple(updates[key])) for key in sorted(updates))


def all_pypi_updates(
    candidates: Iterable[PypiCandidate], names: AbstractSet[PackageName] = frozenset()
) -> tuple[Update, ...]:
    """Return one update for each package that no lock holds, or only of *names*: to its newest release."""
    return tuple(each.update_to(each.wanted) for each in farthest(candidates, names) if not each.use.locked)


def farthest(
    candidates: Iterable[PypiCandidate], names: AbstractSet[PackageName] = frozenset()
) -> tuple[PypiCandidate, ...]:
    """Return one candidate for each package of a workspace, or only of *names*, in both directions at once."""
    chosen = {PackageName(canonicalize_name(name)) for name in names}
    found: dict[int, PypiCandidate] = {}
    for each in candidates:
        if chosen and each.use.name not in chosen:
            continue
        known = found.get(id(each.use))
        found[id(each.use)] = each if known is None else _both_ways(known, each)
    return tuple(found.values())


def _both_ways(one: PypiCandidate, other: PypiCandidate) -> PypiCandidate:
    ascending = (other, one) if is_newer(one.wanted.version, other.wanted.version) else (one, other)
    return replace(one, releases=tuple(release for each in ascending for release in each.releases))


def _asked(baseline: Baseline) -> Iterable[Requirement]:
    for environment in baseline.unit.environments:
        for requirement in environment.requires(baseline.unit.subdir, Datasource.PYPI):
            if _counts(requirement, baseline):
                yield requirement


def _counts(requirement: Requirement, baseline: Baseline) -> bool:
    """Tell whether the marker of a line holds; where there is no python nothing can be told of it."""
    python = baseline.version(PYTHON)
    try:
        return python is None or applies(requirement.dependency.marker, baseline.unit.subdir, python)
    except SpecError:
        return False


def _outlook(use: PypiUse, lookup: Releases, policy: Policy, now: datetime, holds: Holds) -> PypiOutlook:
    if any(each.unit.requirements and each.version(PYTHON) is None for each in use.baselines):
        return PypiOutlook(use=use, unknown="there is no conda python in its environment that releases could run with")
    current = next(iter(use.locked_versions), None) if use.locked else _in_use(use, lookup.releases)
    if use.is_brought if not use.locked else current is None:
        return PypiOutlook(use=use, hold=f"a conda package brings {use.name}, so it moves with that")
    if current is None:
        wanted = " and ".join(each.dependency.version_spec for each in use.requirements)
        return PypiOutlook(use=use, unknown=f"{lookup.channel.name} has no release of {use.name} for {wanted}")
    limit = pypi_age_limit(use.name, [each.unit.environments[0] for each in use.baselines], policy, now)
    in_use = next((each for each in lookup.releases if each.version == current), None)
    question = _Question(use=use, current=current, in_use=in_use, limit=limit, now=now)
    akin = [each for each in lookup.releases if _is_akin(each.version, current)]
    newer = [each for each in akin if is_newer(each.version, current)]
    hold = _hold(use, holds)
    pinned = next(filter(None, map(pinned_promise, use.requirements)), "") if newer else ""
    obstacles = {each.version: _held_out(use, hold, each) or pinned or _obstacle(question, each) for each in newer}
    return PypiOutlook(
        use=use,
        current=current,
        newest=newer[-1].version if newer else current,
        candidates=_by_line(question, [each for each in newer if not obstacles[each.version]]),
        not_now=_not_now(question, newer[-1], obstacles[newer[-1].version]) if newer else (),
        hold=str(hold) if hold and (_stays(hold) or (newer and _held_out(use, hold, newer[-1]))) else pinned,
    )


def _in_use(use: PypiUse, releases: Sequence[Release]) -> str | None:
    """Return what pip would install: the newest that is admitted and no pre-release, then any, then the exact version.

    An exact version may be yanked, and then it is not listed (PEP 592); pip takes it all the same. One with a local
    label comes from somewhere else if the index does not have it.
    """
    exact = [version for each in use.requirements if (version := exact_version(each.dependency.version_spec))]
    admitted = [each.version for each in releases if use.admits(each.version) and not _python_refused(use, each)]
    stable = [version for version in admitted if not is_prerelease(version)]
    unlisted = [version for version in exact if use.admits(version) and not local_label(version)]
    return next(iter([*reversed(stable), *reversed(admitted), *unlisted]), None)


def _is_akin(version: str, current: str) -> bool:
    is_stable_enough = is_prerelease(current) or not is_prerelease(version)
    return is_stable_enough and local_label(version) == local_label(current)


def _hold(use: PypiUse, holds: Holds) -> Hold | None:
    """Return what holds one of the lines, the strictest first."""
    found = [hold for each in use.places if (hold := holds.lines.get(each))]
    return next((each for each in found if _stays(each)), found[0] if found else None)


def _stays(hold: Hold) -> bool:
    return hold.scope is HoldScope.ALL


def _held_out(use: PypiUse, hold: Hold | None, release: Release) -> str:
    """Return the sentence of *hold* if it keeps *release* out: one may leave room for what rewrites no line."""
    if hold is None:
        return ""
    return str(hold) if _stays(hold) or not use.locked or use.changes_to(release) else ""


def _obstacle(question: _Question, release: Release) -> str:
    """Return why *release* is not for now, as a sentence, empty if it is."""
    use, now = question.use, question.now
    named = f"{use.name} {release.version}"
    if missing := _missing(question, release):
        return f"{named} has no wheel (yet) for {', '.join(missing)}"
    if python := _python_refused(use, release):
        return f"{named} needs python {release.files[0].requires_python}, and the environment has {python}"
    if release.built is None:
        return f"{named} has no upload time in the index, so its age cannot be judged"
    if too_young := question.limit.obstacle(release.version, release.built, now):
        return too_young
    if not _can_be_written(use, release):
        return f"no line that asks for {use.name} can be changed to {release.version} in its own form"
    return ""


def _missing(question: _Question, release: Release) -> list[str]:
    """Return the platforms on which *release* is worse off than the version in use."""
    before, subdirs = question.in_use, question.use.subdirs
    if before is None:
        return [subdir for subdir in subdirs if not _is_there(release, subdir)]
    lost = [subdir for subdir in subdirs if _is_there(before, subdir) and not _is_there(release, subdir)]
    return sorted({*lost, *(before.subdirs & frozenset(subdirs)) - release.subdirs})


def _is_there(release: Release, subdir: str) -> bool:
    return subdir in release.subdirs or not all(file.is_wheel for file in release.files)


def _python_refused(use: PypiUse, release: Release) -> str:
    """Return the first python that no file of *release* admits, empty if there is none."""
    return next(
        (
            python
            for python in use.pythons
            if not any(satisfies(file.requires_python, python) for file in release.files)
        ),
        "",
    )


def _can_be_written(use: PypiUse, release: Release) -> bool:
    """Every line admits the release after the change, and at least one line changes."""
    changes = use.changes_to(release)
    after = {(change.manifest, change.at): change.new_spec for change in changes}
    specs = [after.get(place(each), each.dependency.version_spec) for each in use.requirements]
    return bool(changes or use.locked) and all(satisfies(spec, release.version) for spec in specs)


def _by_line(question: _Question, eligible: Sequence[Release]) -> tuple[PypiCandidate, ...]:
    here = version_line(question.current)
    within = [each for each in eligible if version_line(each.version) == here]
    beyond = [each for each in eligible if version_line(each.version) != here]
    return tuple(
        PypiCandidate(use=question.use, current=question.current, releases=tuple(releases))
        for releases in (within, beyond)
        if releases
    )


def _not_now(question: _Question, newest: Release, obstacle: str) -> tuple[HeldBack, ...]:
    if not obstacle:
        return ()
    held = HeldBack(
        name=question.use.name,
        current=question.current,
        release=newest.version,
        sentence=obstacle,
        workspace=question.use.baselines[0].unit.workspace,
    )
    return (held,)
