"""What condabot wants and what became of it: releases, updates, plans, proposals, outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeAlias

from bot.model.caps import Cap
from bot.model.handling import Handling
from bot.model.manifest import Datasource, KeyPath, PackageName, PlatformName
from bot.model.package import Channel, PypiFile
from bot.model.provenance import MovedArchive

BranchName = NewType("BranchName", str)
"""A git branch, without `refs/heads/`. Made by `bot.rendering.names` only."""


Build: TypeAlias = tuple[str, int]
"""A build of a version in a channel: its string and its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version of a package in a channel: the subdirs that have it, and when it was first built (UTC, if known).

    Of PyPI: the subdirs that it has a wheel for, when it was first uploaded, and its files; a channel names none here.
    `flavours` are what its builds say they are made for (`bot.versioning.flavour.words`), where one of them says it.
    `builds` are those of a conda package by subdir.
    """

    version: str
    subdirs: frozenset[str]
    built: datetime | None
    files: tuple[PypiFile, ...] = ()
    flavours: Mapping[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    builds: Mapping[str, frozenset[Build]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """What `channel` offers of a package: one release per version, ascending in conda's order, never empty.

    `Release.subdirs` are those of the asked platforms on which it can be installed.
    """

    channel: Channel
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """No channel has the package; `reason` is a sentence. Only said when every channel answered."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It cannot be said what there is of a package, because `channel` did not answer; `reason` is a sentence."""

    reason: str
    channel: Channel


Lookup: TypeAlias = Releases | Absent | Unknown


class UpdateKind(StrEnum):
    """How far an update goes, by the first segment that differs in conda's (or PEP 440's) own order."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecChange:
    """One rewritten version spec: where it stands and what it says before and after.

    `implied` is the operator that is meant but not written; see `Dependency.implied`. `comment` is what people remark
    on the line, in quotes and not rendered; empty if nothing. `lifts_cap` says that a cap that is a decision of its own
    (`bot.versioning.caps`) keeps the release out.
    """

    manifest: str
    at: KeyPath
    line: int
    old: str
    new: str
    implied: str = ""
    comment: str = ""
    lifts_cap: bool = False

    @property
    def new_spec(self) -> str:
        """What `new` means."""
        return f"{self.implied}{self.new}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One package moved from the version in use to a newer release.

    `changes` are the specs that must be rewritten for it (none for a move within range);
    `environments` are the names of the environments that it moves in, `workspaces` the manifests that declare them.
    `handling` is how people want to be asked about it; None where that of everything counts.
    """

    name: PackageName
    datasource: Datasource
    current: str
    target: Release
    kind: UpdateKind
    changes: tuple[SpecChange, ...]
    environments: tuple[str, ...]
    workspaces: tuple[str, ...]
    handling: Handling | None = None

    @property
    def lifts_cap(self) -> bool:
        """Whether a cap that is a decision of its own keeps the release out."""
        return any(change.lifts_cap for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """A spec of the manifest that keeps a release out, found by solving without it.

    `requirement` quotes a record: `sklearn 1.9.0 needs narwhals >=2.0.1`; empty if no record says. The release solves
    with any other version of the package if it `loosens`; else only without it.
    """

    name: PackageName
    spec: str
    manifest: str
    line: int
    requirement: str = ""
    loosens: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A newer release that is not proposed, and why in one sentence; `solver_text` is for below the fold.

    `workspace` is the path of the one in which this is so: elsewhere something else may keep the same release out.
    """

    name: PackageName
    current: str
    release: str
    sentence: str
    workspace: str = ""
    blockers: tuple[Blocker, ...] = ()
    solver_text: str = ""


class ChangeKind(StrEnum):
    """What happened to a package in a lock; in the order of display."""

    FLAVOUR = "flavour"
    ADDED = "added"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    REBUILT = "rebuilt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageChange:
    """One package before and after in one environment on one platform; sizes in bytes, None where unknown.

    A channel is the URL that the record stands below. Of PyPI packages a lock keeps versions alone.
    """

    name: PackageName
    kind: ChangeKind
    direct: bool
    old_version: str | None
    new_version: str | None
    datasource: Datasource = Datasource.CONDA
    old_build: str | None = None
    new_build: str | None = None
    old_channel: str | None = None
    new_channel: str | None = None
    old_license: str | None = None
    new_license: str | None = None
    old_size: int | None = None
    new_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockDiff:
    """What changes in one environment on one platform; `lock` is the path of its lockfile, empty without one."""

    environment: str
    platform: PlatformName
    changes: tuple[PackageChange, ...]
    lock: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorChange:
    """What an environment asks of the machine, as `__glibc`, before and after; None where it asks for nothing."""

    lock: str
    environment: str
    platform: PlatformName
    name: str
    old: str | None
    new: str | None


class Purpose(StrEnum):
    """What a pull request is for.

    A `RELOCK` brings a lock in step with its manifest, a `CORRECTION` with what its channels say by now of the records
    that it holds. `SECURITY` is an update to the lowest release that is not vulnerable.
    """

    UPDATE = "update"
    SECURITY = "security"
    RELOCK = "relock"
    CORRECTION = "correction"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPlan:
    """What one pull request wants: updates that go together, under a key that is stable between scans.

    One that brings a lock in step with its manifest again has no updates, nor has one that refreshes a lock: `window`
    then names what it is for, a month or what is gone, and `reasons` say it in sentences.
    """

    key: str
    updates: tuple[Update, ...]
    purpose: Purpose = Purpose.UPDATE
    window: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Another line that names a package of a proposal, and stays as it is: `spec` as written, at `line` of `path`.

    `reason` says why it is left alone on purpose; empty if it is only told. `excludes` is the version of the proposal
    that `spec` does not admit; empty if it does, or if nobody can say.
    """

    name: PackageName
    path: str
    line: int
    spec: str
    reason: str = ""
    excludes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan that solved, as it will be committed.

    `files` maps paths to their new text. `solved` counts environment x platform pairs that were solved, of so many
    `environments`: two files may have one of the same name.
    `fingerprint` is the same as long as the same is proposed: the same specs, and the same packages in locks.
    `mentions` are lines elsewhere that name its packages and stay as they are, `caps` those that it lifts. `developed`
    are packages of pixi's `[dev]` in its environments: what their build backends add was kept as it is locked.
    `floors` are what machines must have that they need not have had. `archives` are the URLs where its channel has the
    packages of the plan, one for each that is of conda. `moves` are the packages of conda that a manifest names and
    that become another record, those of the plan first.
    """

    plan: BranchPlan
    files: Mapping[str, str]
    diffs: tuple[LockDiff, ...]
    held_back: tuple[HeldBack, ...]
    solved: int
    platforms: tuple[PlatformName, ...]
    fingerprint: str
    environments: int = 1
    mentions: tuple[Mention, ...] = ()
    caps: tuple[Cap, ...] = ()
    developed: tuple[PackageName, ...] = ()
    floors: tuple[FloorChange, ...] = ()
    archives: Mapping[PackageName, str] = field(default_factory=dict)
    moves: tuple[MovedArchive, ...] = ()
