"""Proposals for tests of what is said about them: facts as keyword arguments, the rest as it usually is."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.model.manifest import Datasource, PackageName, Subdir
from bot.model.update import (
    BranchPlan,
    ChangeKind,
    HeldBack,
    LockDiff,
    PackageChange,
    Proposal,
    Release,
    SpecChange,
    Update,
    UpdateKind,
)

NOW = datetime(2026, 8, 13, 12, tzinfo=UTC)
BUILT = datetime(2026, 7, 4, 9, tzinfo=UTC)
BASE = "3f2c1ab4d5e6f708192a3b4c5d6e7f8091a2b3c4"
ENVIRONMENTS = ("default", "test")
PLATFORMS = tuple(Subdir(name) for name in ("linux-64", "osx-arm64", "win-64"))


def update(
    name: str,
    current: str,
    target: str,
    *,
    kind: UpdateKind = UpdateKind.MINOR,
    spec: tuple[str, str] | None = None,
    line: int = 14,
    comment: str = "",
    built: datetime | None = BUILT,
    environments: tuple[str, ...] = ENVIRONMENTS,
    datasource: Datasource = Datasource.CONDA,
    workspaces: tuple[str, ...] = ("pixi.toml",),
) -> Update:
    """Return the update of a package; *spec* is what its line says before and after, *comment* the one on it."""
    return Update(
        name=PackageName(name),
        datasource=datasource,
        current=current,
        target=Release(version=target, subdirs=frozenset(PLATFORMS), built=built),
        kind=kind,
        changes=() if spec is None else (_spec_change(name, *spec, line, comment),),
        environments=environments,
        workspaces=workspaces,
    )


def lifting(one: Update) -> Update:
    """Return *one* as an update for which a cap below it is lifted."""
    capped = _spec_change(one.name, f"<{one.target.version}", f"<={one.target.version}", 14, "")
    return replace(one, changes=(replace(capped, lifts_cap=True),))


def change(
    name: str,
    old: str | None,
    new: str | None,
    *,
    kind: ChangeKind = ChangeKind.UPGRADED,
    direct: bool = False,
    builds: tuple[str | None, str | None] = ("h1_0", "h2_0"),
    licences: tuple[str | None, str | None] = ("BSD-3-Clause", "BSD-3-Clause"),
    sizes: tuple[int | None, int | None] = (8_000_000, 8_130_000),
) -> PackageChange:
    """Return a change in a lock; without *old* the package is new, without *new* it is gone."""
    return PackageChange(
        name=PackageName(name),
        kind=ChangeKind.ADDED if old is None else ChangeKind.REMOVED if new is None else kind,
        direct=direct,
        old_version=old,
        new_version=new,
        old_build=builds[0] if old else None,
        new_build=builds[1] if new else None,
        old_license=licences[0] if old else None,
        new_license=licences[1] if new else None,
        old_size=sizes[0] if old else None,
        new_size=sizes[1] if new else None,
    )


def everywhere(*changes: PackageChange) -> tuple[LockDiff, ...]:
    return tuple(diff(environment, subdir, *changes) for environment in ENVIRONMENTS for subdir in PLATFORMS)


def diff(environment: str, subdir: str, *changes: PackageChange) -> LockDiff:
    return LockDiff(environment=environment, platform=subdir, changes=changes)


def proposal(
    *updates: Update,
    diffs: Iterable[LockDiff] = (),
    held_back: Iterable[HeldBack] = (),
    files: Mapping[str, str] | None = None,
) -> Proposal:
    """Return the proposal of *updates*; every pair of *diffs* was solved."""
    found = tuple(diffs)
    return Proposal(
        plan=BranchPlan(key="non-major", updates=updates),
        files={"pixi.toml": "", "pixi.lock": ""} if files is None else files,
        diffs=found,
        held_back=tuple(held_back),
        solved=len(found),
        platforms=tuple(sorted({each.platform for each in found})),
        fingerprint="0" * 64,
        environments=len({each.environment for each in found}),
    )


def _spec_change(name: str, old: str, new: str, line: int, comment: str) -> SpecChange:
    return SpecChange(manifest="pixi.toml", at=("dependencies", name), line=line, old=old, new=new, comment=comment)
