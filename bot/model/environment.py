"""What is solved: environments, made of manifests and locks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.model.exclude_newer import ExcludeNewer
from bot.model.manifest import (
    ChannelPriority,
    Datasource,
    Dependency,
    MachineDefaults,
    Manifest,
    MatchSpec,
    PackageName,
    Platform,
    PlatformName,
    PypiOptions,
    Role,
    SolveStrategy,
    Subdir,
)
from bot.model.package import Channel, Lock, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A dependency of an environment, the manifest in which it is written, and the platforms it is asked for on.

    Of what a library asks of others the platforms are subdirs. `format` is the name of the manifest's.
    """

    manifest: str
    dependency: Dependency
    platforms: tuple[PlatformName, ...]
    format: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What only the other environments of a solve group ask for: it counts in the solution, and is no part of this one.

    The fields are those of `Environment`.
    """

    requirements: tuple[Requirement, ...] = ()
    standing: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    implied: Mapping[PlatformName, tuple[MatchSpec, ...]] = field(default_factory=dict)
    fixed: Mapping[PlatformName, tuple[Record, ...]] = field(default_factory=dict)
    developed: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOptions:
    """How the features of one environment want it solved."""

    channel_priority: ChannelPriority = ChannelPriority.STRICT
    solve_strategy: SolveStrategy = SolveStrategy.HIGHEST


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Environment:
    """A set of requirements that must hold together, on each of its platforms: the noun in the middle.

    Environments of one `solve_group` share one solution. `platforms_assumed` says that nobody named the platforms:
    those where the unchanged environment solves are the ones that count. `references` ask for PyPI packages by path,
    repository or URL (PEP 508): such a package is what it is, there are no releases of it. `standing` are the lines
    about conda packages that are left alone, constraints among them: they count in every solve as they are written.
    `is_named` says that people chose the name: the environment of an annotated line is called by its package.
    `constraints` limit conda packages that something else asks for. `implied` is what pixi or conda-lock asks for by
    itself on each platform. `exclude_newer` is about conda packages, `pypi_exclude_newer` about PyPI's. `pypi_options`
    say where pixi looks for them; None where pip installs them, which has options of its own. `company` is what the
    other environments of its solve group ask for. `machine` says whose virtual packages are assumed, on the platforms
    `assumes_cuda` also of `__cuda`: there nobody says what the driver is, and the packages that are asked for decide.
    `listed` are the channels that its manifests list, as its lock lists them; `channels` are those that are asked, of
    which lines may name some more. `fixed` are the records that stand in every solve as they are locked: what is built
    from source, and what a build backend may have added for `developed`, the lines of pixi's `[dev]` that a lock tells.
    `own_options` are those of its own features: pixi judges a lock by them, also where a solve group has others.
    `included` are the lines of files that lines of `pip:` name: options, limits and, as `requirements` have it as well,
    what is asked for. None of them moves.
    """

    name: str
    manifests: tuple[str, ...]
    channels: tuple[Channel, ...]
    platforms: tuple[Platform, ...]
    requirements: tuple[Requirement, ...]
    channel_priority: ChannelPriority = ChannelPriority.STRICT
    solve_strategy: SolveStrategy = SolveStrategy.HIGHEST
    exclude_newer: ExcludeNewer = field(default_factory=ExcludeNewer)
    pypi_exclude_newer: ExcludeNewer = field(default_factory=ExcludeNewer)
    solve_group: str | None = None
    platforms_assumed: bool = False
    references: tuple[Requirement, ...] = ()
    standing: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    implied: Mapping[PlatformName, tuple[MatchSpec, ...]] = field(default_factory=dict)
    pypi_options: PypiOptions | None = None
    is_named: bool = True
    company: Company = field(default_factory=Company)
    machine: MachineDefaults = MachineDefaults.PIXI
    assumes_cuda: frozenset[Subdir] = frozenset()
    listed: tuple[Channel, ...] = ()
    fixed: Mapping[PlatformName, tuple[Record, ...]] = field(default_factory=dict)
    developed: tuple[Requirement, ...] = ()
    own_options: SolveOptions = SolveOptions()
    included: tuple[Requirement, ...] = ()

    def channel_of(self, record: Record) -> str:
        """Return the URL of the channel that *record* is from, empty if it is from none of this environment."""
        return next((each.url for each in self.channels if record.url.startswith(f"{each.url}/")), "")

    def channels_on(self, subdir: Subdir) -> tuple[Channel, ...]:
        """Return the channels that are asked for packages for *subdir*, in order of priority."""
        return tuple(each for each in self.channels if each.is_for(subdir))

    def requires(self, platform: PlatformName, datasource: Datasource = Datasource.CONDA) -> tuple[Requirement, ...]:
        """Return what this environment asks for on *platform* from *datasource*, in the order of the manifest."""
        return _asked(self.requirements, platform, datasource)

    def roots(self, platform: PlatformName) -> tuple[PackageName, ...]:
        """Return the names of the conda packages that this environment is there for on *platform*."""
        implied = (each.name for each in self.implied.get(platform, ()))
        fixed = (each.name for each in self.fixed.get(platform, ()))
        return tuple(dict.fromkeys([*(each.dependency.name for each in self.asked(platform)), *implied, *fixed]))

    def asked(self, platform: PlatformName) -> tuple[Requirement, ...]:
        """Return what is asked of conda channels on *platform*, also by lines that are left alone; limits are not."""
        standing = (each for each in self.standing if platform in each.platforms)
        return (*self.requires(platform), *filter(_is_asked, standing))

    def limited(self, platform: PlatformName) -> tuple[Requirement, ...]:
        """Return the lines that limit conda packages on *platform*, also those that are left alone."""
        lines = (each for each in (*self.constraints, *self.standing) if platform in each.platforms)
        return tuple(each for each in lines if each.dependency.role is Role.CONSTRAINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Environments that cannot be made: one of them is wrong, and the others are solved together with it.

    `sentence` says what is wrong and what to do, `line` where in the manifest.
    """

    environments: tuple[str, ...]
    sentence: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Manifests that belong together, their lockfile if they have one, and the environments they declare.

    `library_requirements` are what a library asks of its users' environments, and no environment here has. A lock that
    tells what it was made from `is_stale` if that has changed since. `faults` are about declared environments that are
    not among `environments`. `restated_in` are the locks that hold its package built from source, and what that needs.
    """

    manifests: tuple[Manifest, ...]
    lock: Lock | None
    environments: tuple[Environment, ...]
    library_requirements: tuple[Requirement, ...] = ()
    is_stale: bool = False
    faults: tuple[Fault, ...] = ()
    restated_in: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path that names this workspace: its first manifest's, or its lock's if that says what it is made from.

        Several such locks may be made from the same manifests.
        """
        return self.lock.path if self.lock and self.lock.sources else self.manifests[0].path


@dataclass(frozen=True, kw_only=True)
class SolveUnit:
    """What is solved at once: an environment, or environments of a solve group, on one platform.

    The environments agree on channels, priority, strategy and the platform with its virtual packages; `compose` sees to
    it. Others of their group are their company. What it asks for is gathered once: every question about it needs that.
    """

    workspace: str
    environments: tuple[Environment, ...]
    platform: Platform

    @property
    def subdir(self) -> Subdir:
        """The subdir that packages come from, beside `noarch`: several platforms may be of one."""
        return self.platform.subdir

    @property
    def name(self) -> str:
        """The solve group's name, else the environment's."""
        return self.environments[0].solve_group or self.environments[0].name

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What is asked of conda channels on this platform, each line of a manifest once."""
        return self.requires(Datasource.CONDA)

    @cached_property
    def asked(self) -> tuple[Requirement, ...]:
        """What is asked of conda channels on this platform, also by lines that are left alone; limits are not."""
        return (*self.requirements, *filter(_is_asked, self.standing))

    @cached_property
    def limited(self) -> tuple[Requirement, ...]:
        """The lines that limit conda packages on this platform, also those that are left alone."""
        return (*self.constraints, *(each for each in self.standing if each.dependency.role is Role.CONSTRAINT))

    def requires(self, datasource: Datasource) -> tuple[Requirement, ...]:
        """Return what is asked for from *datasource* on this platform: by the environments, then by their company."""
        every = (*(each.requirements for each in self.environments), *(each.requirements for each in self._companies))
        return _once(line for lines in every for line in _asked(lines, self.platform.name, datasource))

    @cached_property
    def standing(self) -> tuple[Requirement, ...]:
        """The lines about conda packages on this platform that are left alone, each once."""
        every = (*(each.standing for each in self.environments), *(each.standing for each in self._companies))
        return _once(each for lines in every for each in lines if self.platform.name in each.platforms)

    @cached_property
    def fixed(self) -> tuple[Record, ...]:
        """The records on this platform that stand in every solve as they are locked."""
        every = (*(each.fixed for each in self.environments), *(each.fixed for each in self._companies))
        records = (each for fixed in every for each in fixed.get(self.platform.name, ()))
        return tuple({(each.name, each.url): each for each in records}.values())

    @cached_property
    def developed(self) -> tuple[Requirement, ...]:
        """The lines of pixi's `[dev]` on this platform that a lock tells, each once."""
        every = (*(each.developed for each in self.environments), *(each.developed for each in self._companies))
        return _once(each for lines in every for each in lines if self.platform.name in each.platforms)

    @property
    def is_shared(self) -> bool:
        """Whether a solution holds more than one environment asks for."""
        return len(self.environments) > 1 or any(map(_says_something, self._companies))

    @cached_property
    def constraints(self) -> tuple[Requirement, ...]:
        """What limits conda packages on this platform, each line of a manifest once."""
        every = (*(each.constraints for each in self.environments), *(each.constraints for each in self._companies))
        return _once(each for lines in every for each in lines if self.platform.name in each.platforms)

    @cached_property
    def implied(self) -> tuple[MatchSpec, ...]:
        """What pixi asks for by itself on this platform."""
        every = (*(each.implied for each in self.environments), *(each.implied for each in self._companies))
        return tuple(dict.fromkeys(spec for implied in every for spec in implied.get(self.platform.name, ())))

    @property
    def _companies(self) -> tuple[Company, ...]:
        return tuple(each.company for each in self.environments)


def _says_something(company: Company) -> bool:
    return bool(company.requirements or company.standing or company.constraints or company.implied or company.developed)


def _is_asked(requirement: Requirement) -> bool:
    """Tell whether it asks for its package: a limit does not, nor does `[dev]`."""
    return requirement.dependency.role not in {Role.CONSTRAINT, Role.DEV}


def _asked(
    requirements: Iterable[Requirement], platform: PlatformName, datasource: Datasource
) -> tuple[Requirement, ...]:
    there = (each for each in requirements if platform in each.platforms)
    return tuple(each for each in there if each.dependency.datasource is datasource)


def _once(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    return tuple({(each.manifest, each.dependency.at): each for each in requirements}.values())
