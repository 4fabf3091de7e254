"""What channels offer and locks hold: channels, records of conda packages, locked environments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto

from bot.model.manifest import PackageName, PlatformName, Subdir


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conda channel or a package index: its name for people and its canonical URL, without a final slash.

    `listed_as` is the name of a list that it is one of, as `defaults` is one. `family` is the only family of platforms
    that it is asked for (`win`); empty means all. `nodefaults` is never asked: it stands in lists and has no packages.
    One that `may_be_empty` is believed when it lists no package; any other is then taken for broken.
    """

    name: str
    url: str
    listed_as: str = ""
    family: str = ""
    is_asked: bool = True
    may_be_empty: bool = False

    def is_for(self, subdir: str) -> bool:
        """Tell whether it is asked for packages for *subdir*."""
        return self.is_asked and (not self.family or subdir.partition("-")[0] == self.family)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A package record of repodata, as a lock keeps it (CEP 36; field names are repodata's own).

    `subdir` may be `noarch`. `timestamp` is in milliseconds since 1970, sizes in bytes, hashes in hex.
    `purls` and `run_exports` are None where the source said nothing, which is not the same as empty. One that
    `is_source` is built from source: `url` is what its lock calls it, and no channel has it. Its version is empty where
    the lock does not state it; among other records it then has one that fits what these ask for.
    """

    name: PackageName
    version: str
    build: str
    build_number: int
    subdir: str
    url: str
    sha256: str | None = None
    md5: str | None = None
    legacy_bz2_md5: str | None = None
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    extra_depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    features: str | None = None
    flags: tuple[str, ...] = ()
    track_features: tuple[str, ...] = ()
    noarch: str | None = None
    license: str | None = None
    license_family: str | None = None
    purls: tuple[str, ...] | None = None
    run_exports: Mapping[str, tuple[str, ...]] | None = None
    size: int | None = None
    legacy_bz2_size: int | None = None
    timestamp: int | None = None
    python_site_packages_path: str | None = None
    is_source: bool = False

    @property
    def title(self) -> str:
        """What people call it: by name and version, or as what is built from source."""
        return f"{self.name} (built from source)" if self.is_source else f"{self.name} {self.version}"

    @property
    def location(self) -> str:
        """Where it comes from: for what is built from source, the URL or path of that."""
        return self.url.partition(" @ ")[2] or self.url if self.is_source else self.url

    @property
    def built(self) -> datetime | None:
        """When the package was built, in UTC, as its builder says."""
        return None if self.timestamp is None else datetime.fromtimestamp(self.timestamp / 1000, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiPackage:
    """A PyPI package in a lock: a wheel or source archive by URL, or a source tree by path.

    `version` is empty where the lock has none, as for a source tree. `index` is None for the default index.
    """

    name: PackageName
    version: str
    url: str
    sha256: str | None = None
    index: str | None = None
    requires_dist: tuple[str, ...] = ()
    requires_python: str | None = None
    editable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiFile:
    """A wheel or source archive that an index offers (PEP 691), not yanked.

    `requires_python` is empty where nothing is asked of python, `sha256` in hex. `metadata_sha256` is that of the core
    metadata at `url` + `.metadata` (PEP 658), None where the index does not vouch for any.
    """

    name: str
    url: str
    sha256: str | None = None
    requires_python: str = ""
    metadata_sha256: str | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether it installs without being built: building runs the code of the package."""
        return self.name.endswith(".whl")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreMetadata:
    """What a wheel or source archive says that it needs: requirements (PEP 508), and a version specifier of python.

    `urls` are those of its project with their labels, as they stand there: hostile until rendered.
    """

    requires_dist: tuple[str, ...]
    requires_python: str
    urls: tuple[tuple[str, str], ...] = ()


class LockedPypi(Enum):
    """What a kind of lockfile keeps of PyPI packages."""

    NOTHING = auto()
    """It has no place for them, so what manifests ask of PyPI is no matter of the lock."""
    FILES = auto()
    """Which ones, but neither their python nor what conda packages are called on PyPI: needs cannot all be judged."""
    IN_FULL = auto()
    """Everything that they need and what conda packages are called on PyPI: every need can be judged."""


class Relocking(Enum):
    """When a lock that is not what its manifests solve to may be solved again, without anything being updated."""

    ALWAYS = auto()
    IF_UNMET = auto()
    """Another solver makes it: as long as it holds what its manifests ask for, it is left to that."""
    NEVER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFormat:
    """A kind of lockfile: its name, and what may be asked of a lock of it. Each format states all of it.

    `names_channels` says that a lock tells the channels of its environments. `is_complete` says that its writers keep
    all that repodata states of hashes, build number and dependencies, as written there. `check` is the command by which
    people see that a lock is what its manifests ask for; empty if there is none.
    """

    name: str
    names_channels: bool
    is_complete: bool
    pypi: LockedPypi
    relocking: Relocking
    check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOptions:
    """The solve options that a lock records; None where the lock says nothing (it omits defaults)."""

    strategy: str | None = None
    channel_priority: str | None = None
    exclude_newer: str | None = None
    pypi_prerelease_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedEnvironment:
    """One environment of a lock: its channels as written there, and what is locked on each platform.

    `sources` are the conda packages that are built from source, with what the lock says that they need: as long as the
    source stays what it is, so does that. `indexes` and `find_links` are PyPI's. On platforms that are `moved` it was
    locked for other virtual packages than its manifest says by now.
    """

    name: str
    channels: tuple[str, ...]
    conda: Mapping[PlatformName, tuple[Record, ...]]
    pypi: Mapping[PlatformName, tuple[PypiPackage, ...]]
    sources: Mapping[PlatformName, tuple[Record, ...]] = field(default_factory=dict)
    indexes: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    options: LockOptions = LockOptions()
    moved: frozenset[PlatformName] = frozenset()

    @property
    def platforms(self) -> tuple[PlatformName, ...]:
        """The platforms that this environment is locked for, sorted."""
        return tuple(sorted(self.conda))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lockfile as parsed. `version` is the format's own number (pixi.lock 6 or 7, conda-lock 1).

    `virtual_packages` are what the lock says it was solved with (`__glibc=2.28`), for the platforms where it says so.
    `subdirs` are those of the platforms that have a name of their own; others are called by their subdir.
    `sources` are the manifests that it says it was made from, as it names them: relative to its own folder. `built` is
    where the conda packages come from that it has from source, also those that only builds use: URLs, or paths from it.
    """

    path: str
    format: LockFormat
    version: int
    environments: tuple[LockedEnvironment, ...]
    virtual_packages: Mapping[PlatformName, tuple[str, ...]] = field(default_factory=dict)
    subdirs: Mapping[PlatformName, Subdir] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    built: tuple[str, ...] = ()

    def environment(self, name: str) -> LockedEnvironment | None:
        """Return the environment called *name*, or None if the lock has none."""
        return next((each for each in self.environments if each.name == name), None)

    def subdir(self, platform: PlatformName) -> Subdir:
        """Return the subdir of *platform*, which is one of this lock."""
        return self.subdirs.get(platform, Subdir(platform))
