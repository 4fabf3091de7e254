"""What is to change in a `conda-lock.yml`, from what was solved and what its sources ask for.

Rule 1: what is solved again is written with the categories that its sources give it. Where those are what they were,
it stays in those that it is listed under: other releases of conda-lock reckoned otherwise.
Rule 2: pip packages that are not resolved again stay. conda-lock keeps neither their markers nor the pythons that they
are for, so they stay only while python does, and as long as conda brings none of them itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bot.errors import LockError, RewriteRefused
from bot.lockfiles.base import Packages, Pair, Solutions
from bot.lockfiles.conda_lock.categories import Node, Root, categorise, pypi_names
from bot.lockfiles.conda_lock.document import CONDA, PIP, CondaLockDocument, EntryKey
from bot.lockfiles.conda_lock.entries import PipPackage, Planned
from bot.lockfiles.conda_lock.requirements import Needs, needs_of
from bot.lockfiles.conda_lock.splice import Change
from bot.model.manifest import PackageName, Subdir
from bot.model.package import LockedEnvironment, PypiPackage, Record

ENVIRONMENT: Final = "default"
"""The name of the one environment of a lock."""

PYTHON: Final = PackageName("python")

Requested: TypeAlias = Mapping[Subdir, tuple[Root, ...]]
"""What the sources ask for on each platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the sources of a lock come to, in conda-lock's words: `constraints` are those for version specifiers.

    `asked_before` is what was requested when the lock was made; nothing where nobody knows.
    """

    requested: Requested
    asked_before: Requested = field(default_factory=dict)
    content_hash: Mapping[Subdir, str] = field(default_factory=dict)
    constraints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Platform:
    """One platform of a lock, before and after. What is None is not solved again and stays."""

    path: str
    subdir: Subdir
    before: tuple[Record, ...]
    kept: tuple[PypiPackage, ...]
    solved: tuple[Record, ...] | None
    resolved: tuple[PypiPackage, ...] | None
    roots: tuple[Root, ...]
    roots_before: tuple[Root, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        return self.before if self.solved is None else self.solved

    def needs(self) -> Needs:
        """Return what the pip packages need that will be there."""
        packages = self.kept if self.resolved is None else self.resolved
        return _needs(packages, self.records, self.roots, self.subdir)

    def categories(self) -> Mapping[Node, frozenset[str]]:
        """Return the categories of everything that will be there."""
        return categorise(self.records, self.needs(), self.roots)

    def categories_before(self) -> Mapping[Node, frozenset[str]]:
        """Return the categories of everything that is there now, by the same reckoning."""
        needs = _needs(self.kept, self.before, self.roots_before, self.subdir)
        return categorise(self.before, needs, self.roots_before)

    def require_coexistence(self) -> None:
        """Refuse conda packages beside which the pip packages may not stay as they are."""
        if self.solved is None or self.resolved is not None or not self.kept:
            return
        old, new = _python(self.before), _python(self.solved)
        if _minor(old) != _minor(new):
            message = f"its pip packages on {self.subdir} were resolved for python {old} and not for {new}"
            raise LockError(message, path=self.path)
        names = {package.name for package in self.kept}
        if both := (_brought(self.solved) - _brought(self.before)) & names:
            message = f"conda would bring {', '.join(sorted(both))} on {self.subdir}, which pip installs there already"
            raise LockError(message, path=self.path)


def specifiers(
    document: CondaLockDocument,
    environment: LockedEnvironment,
    solutions: Solutions,
    packages: Packages,
    requested: Requested,
) -> tuple[str, ...]:
    """Return the version specifiers that conda-lock has to put in its own words for `plan_change` to write *packages*.

    Raises:
        LockError: the lock does not have one of the platforms.

    """
    pairs = sorted(packages.keys())
    inputs = Inputs(requested=requested)
    platforms = [_platform(document, environment, pair, solutions, packages, inputs) for pair in pairs]
    needs = (each for platform in platforms for each in platform.needs().values())
    return tuple(sorted({specifier for each in needs for specifier in each.values()}))


def plan_change(
    document: CondaLockDocument,
    environment: LockedEnvironment,
    solutions: Solutions,
    packages: Packages,
    inputs: Inputs,
) -> Change:
    """Return what is to change for *solutions* and *packages*; *environment* is what *document* holds.

    Raises:
        LockError: the lock does not have one of the platforms, a record has no md5 hash or a pip package no sha256,
            which conda-lock needs, or pip packages cannot stay as they are.
        RewriteRefused: *inputs* do not account for a package or a version specifier, or a URL has two hashes.

    """
    wanted: dict[EntryKey, Planned] = {}
    for pair in sorted(solutions.keys() | packages.keys()):
        platform = _platform(document, environment, pair, solutions, packages, inputs)
        platform.require_coexistence()
        planned = _planned(platform, inputs.constraints)
        _require_hashes(document, planned.values())
        wanted |= _with_categories(platform, planned, _listed(document, platform.subdir))
    renewed = {(CONDA, Subdir(name)) for _, name in solutions} | {(PIP, Subdir(name)) for _, name in packages}
    return Change(renewed=renewed, wanted=wanted, content_hash=inputs.content_hash)


def _platform(
    document: CondaLockDocument,
    environment: LockedEnvironment,
    pair: Pair,
    solutions: Solutions,
    packages: Packages,
    inputs: Inputs,
) -> _Platform:
    name, subdir = pair[0], Subdir(pair[1])
    if name != ENVIRONMENT or subdir not in document.platforms:
        raise LockError(f"the lock has no {name} for {subdir}: lock it again", path=document.path)
    return _Platform(
        path=document.path,
        subdir=subdir,
        before=environment.conda[subdir],
        kept=environment.pypi[subdir],
        solved=solutions.get(pair),
        resolved=packages.get(pair),
        roots=inputs.requested.get(subdir, ()),
        roots_before=inputs.asked_before.get(subdir, ()),
    )


def _planned(platform: _Platform, constraints: Mapping[str, str]) -> Mapping[Node, Planned]:
    planned: dict[Node, Planned] = {(CONDA, record.name): record for record in platform.solved or ()}
    if platform.resolved is None:
        return planned
    needs = platform.needs()
    for package in platform.resolved:
        specified = needs[package.name]
        if unsaid := [name for name, each in specified.items() if each not in constraints]:
            raise RewriteRefused(f"{platform.path}: how {package.name} needs {unsaid[0]}, conda-lock did not say")
        dependencies = {name: constraints[each] for name, each in specified.items()}
        planned[PIP, package.name] = PipPackage(package=package, dependencies=dependencies)
    return planned


def _listed(document: CondaLockDocument, subdir: Subdir) -> Mapping[Node, frozenset[str]]:
    """Return the categories under which each package is listed on *subdir*."""
    found: dict[Node, frozenset[str]] = {}
    for entry in document.entries:
        if entry.subdir == subdir:
            node = (entry.manager, PackageName(entry.name))
            found[node] = found.get(node, frozenset()) | {entry.category}
    return found


def _with_categories(
    platform: _Platform, planned: Mapping[Node, Planned], listed: Mapping[Node, frozenset[str]]
) -> Mapping[EntryKey, Planned]:
    before, after = platform.categories_before(), platform.categories()
    categories = {
        node: listed[node] if node in listed and before.get(node) == each else each for node, each in after.items()
    }
    if stray := next((name for manager, name in planned if (manager, name) not in categories), None):
        raise RewriteRefused(f"{platform.path}: nothing on {platform.subdir} asks for {stray}")
    return {(*node, platform.subdir, category): each for node, each in planned.items() for category in categories[node]}


def _require_hashes(document: CondaLockDocument, planned: Iterable[Planned]) -> None:
    known = {entry.url: entry for entry in document.entries}
    for each in planned:
        if isinstance(each, Record) and each.md5 is None:
            raise LockError(f"the channel gives no md5 hash for {each.url}, conda-lock needs one", path=document.path)
        old = known.get(each.url)
        if isinstance(each, PipPackage) and each.sha256 is None and old is None:
            raise LockError(f"the index gives no sha256 hash for {each.url}", path=document.path)
        for before, after in ((old.sha256, each.sha256), (old.md5, each.md5)) if old else ():
            if before and after and before != after:
                message = f"{each.url} has the hash {before} in the lock and {after} where it comes from"
                raise RewriteRefused(f"{message}: find out which is right")


def _needs(packages: Iterable[PypiPackage], records: Iterable[Record], roots: Iterable[Root], subdir: Subdir) -> Needs:
    extras: dict[PackageName, frozenset[str]] = {}
    for root in roots:
        extras[root.name] = extras.get(root.name, frozenset()) | (root.extras if root.manager == PIP else frozenset())
    return needs_of(packages, extras, subdir=subdir, python=_python(records))


def _brought(records: Iterable[Record]) -> frozenset[PackageName]:
    return frozenset(name for record in records for name in pypi_names(record))


def _python(records: Iterable[Record]) -> str:
    return next((record.version for record in records if record.name == PYTHON), "")


def _minor(version: str) -> tuple[str, ...]:
    return tuple(version.split(".")[:2])
