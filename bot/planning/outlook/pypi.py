"""The outlook of PyPI packages: which newer releases are worth proposing, or, where a lock holds them, resolving for.

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
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SpecError
from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName
from bot.model.update import Release, Releases
from bot.planning.age import pypi_age_limit
from bot.planning.baseline import Baseline, place
from bot.planning.candidates import Candidate
from bot.planning.holds import Holds, hold_on_package
from bot.planning.manifest_lines import lines_about_what_is_brought, pinned_by_library
from bot.planning.outlook.judge import Case, is_there, refused_python
from bot.planning.outlook.outlook import Outlook, outlook_of
from bot.planning.policy import PYTHON, Policy
from bot.versioning.ecosystem import PYPI
from bot.versioning.markers import applies
from bot.versioning.pep440 import exact_version, is_prerelease, local_label, satisfies, sort_versions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PypiUse:
    """A package that lines of one workspace ask PyPI for, and the units in which they do."""

    name: PackageName
    requirements: tuple[Requirement, ...]
    baselines: tuple[Baseline, ...]

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
        """Whether it is taken from a conda package of the same environment, as that is there already."""
        found = (line for each in self.baselines for _, line in lines_about_what_is_brought(each))
        return any(self.name == each.dependency.name for each in found)

    @property
    def pythons(self) -> tuple[str, ...]:
        """The versions of python in the units that have one, ascending."""
        return tuple(sort_versions({version for each in self.baselines if (version := each.version(PYTHON))}))

    @property
    def subdirs(self) -> frozenset[str]:
        """The platforms of the units."""
        return frozenset(each.unit.subdir for each in self.baselines)

    def admits(self, version: str) -> bool:
        """Tell whether every line admits *version*."""
        return all(satisfies(each.dependency.version_spec, version) for each in self.requirements)


def uses(baselines: Iterable[Baseline]) -> tuple[PypiUse, ...]:
    """Return what the units in *baselines*, of one workspace, ask PyPI for, by name."""
    asked: dict[PackageName, list[tuple[Requirement, Baseline]]] = {}
    for baseline in baselines:
        for requirement in asked_of_pypi(baseline):
            asked.setdefault(requirement.dependency.name, []).append((requirement, baseline))
    return tuple(
        PypiUse(
            name=name,
            requirements=tuple({place(requirement): requirement for requirement, _ in asked[name]}.values()),
            baselines=tuple({id(baseline): baseline for _, baseline in asked[name]}.values()),
        )
        for name in sorted(asked)
    )


def pypi_outlook(use: PypiUse, lookup: Releases, policy: Policy, now: datetime, holds: Holds) -> Outlook:
    """Return what can be said of *use* with what its index offers."""
    try:
        current = next(iter(use.locked_versions), None) if use.locked else in_use(use, lookup.releases)
        if reason := _left_out(use, current, lookup):
            return reason
        return _judged(use, current or "", lookup, policy, now, holds)
    except SpecError as error:
        return unknown(use, error.message)


def unknown(use: PypiUse, reason: str) -> Outlook:
    """Return that *use* cannot be judged, for *reason*, which is without a full stop."""
    return Outlook(requirements=use.requirements, baselines=use.baselines, unknown=reason)


def asked_of_pypi(baseline: Baseline) -> Iterable[Requirement]:
    """Yield the lines that ask PyPI for something in *baseline*, without those of which a marker does not hold."""
    for environment in baseline.unit.environments:
        for requirement in environment.requires(baseline.unit.platform.name, Datasource.PYPI):
            if _counts(requirement, baseline):
                yield requirement


def _counts(requirement: Requirement, baseline: Baseline) -> bool:
    """Tell whether the marker of a line holds; where there is no python nothing can be told of it."""
    python = baseline.version(PYTHON)
    try:
        return python is None or applies(requirement.dependency.marker, baseline.unit.subdir, python)
    except SpecError:
        return False


def _left_out(use: PypiUse, current: str | None, lookup: Releases) -> Outlook | None:
    """Return the outlook of what no release is looked for of; None for everything else."""
    if any(each.unit.requirements and each.version(PYTHON) is None for each in use.baselines):
        return unknown(use, "there is no conda python in its environment that releases could run with")
    if current is None if use.locked else use.is_brought:
        hold = f"a conda package brings {use.name}, so it moves with that"
        return Outlook(requirements=use.requirements, baselines=use.baselines, hold=hold)
    if current is None:
        wanted = " and ".join(each.dependency.version_spec for each in use.requirements)
        return unknown(use, f"{lookup.channel.name} has no release of {use.name} for {wanted}")
    return None


def _judged(use: PypiUse, current: str, lookup: Releases, policy: Policy, now: datetime, holds: Holds) -> Outlook:
    releases = lookup.releases
    held = {at: hold for at in map(place, use.requirements) if (hold := holds.lines.get(at))}
    there = next((each for each in releases if each.version == current), None)
    case = Case(
        candidate=Candidate(
            name=use.name,
            ecosystem=PYPI,
            workspace=use.baselines[0].unit.workspace,
            current=current,
            releases=(),
            requirements=use.requirements,
            baselines=use.baselines,
            frozen=frozenset(held),
            rules=policy.rules,
            channels=(lookup.channel,),
        ),
        limit=pypi_age_limit(use.name, [each.unit.environments[0] for each in use.baselines], policy, now),
        now=now,
        needed=frozenset(each for each in use.subdirs if there is None or is_there(there, each)),
        wheels=there.subdirs & use.subdirs if there else frozenset(),
        pythons=use.pythons,
        hold=hold_on_package(held, use.requirements),
        kept=next(filter(None, map(pinned_by_library, use.requirements)), ""),
        policy=policy,
    )
    specs = [each.dependency.version_spec for each in use.requirements]
    return outlook_of(case, PYPI.following(releases, current, specs))


def in_use(use: PypiUse, releases: Sequence[Release]) -> str | None:
    """Return what pip would install: the newest that is admitted and no pre-release, then any, then the exact version.

    An exact version may be yanked, and then it is not listed (PEP 592); pip takes it all the same. One with a local
    label comes from somewhere else if the index does not have it.
    """
    exact = [version for each in use.requirements if (version := exact_version(each.dependency.version_spec))]
    runs = (each for each in releases if not refused_python(each, use.pythons))
    admitted = [each.version for each in runs if use.admits(each.version)]
    stable = [version for version in admitted if not is_prerelease(version)]
    unlisted = [version for version in exact if use.admits(version) and not local_label(version)]
    return next(iter([*reversed(stable), *reversed(admitted), *unlisted]), None)
