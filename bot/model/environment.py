"""What is solved: environments, made of manifests and locks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.manifest import ChannelPriority, Datasource, Dependency, Manifest, SolveStrategy, Subdir, VirtualPackage
from bot.model.package import Channel, Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A dependency of an environment, the manifest in which it is written, and the platforms it is asked for on."""

    manifest: str
    dependency: Dependency
    platforms: tuple[Subdir, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Environment:
    """A set of requirements that must hold together, on each of its platforms: the noun in the middle.

    Environments of one `solve_group` share one solution. `platforms_assumed` says that nobody named the platforms:
    those where the unchanged environment solves are the ones that count.
    """

    name: str
    manifests: tuple[str, ...]
    channels: tuple[Channel, ...]
    platforms: tuple[Subdir, ...]
    requirements: tuple[Requirement, ...]
    virtual_packages: Mapping[Subdir, tuple[VirtualPackage, ...]]
    channel_priority: ChannelPriority = ChannelPriority.STRICT
    solve_strategy: SolveStrategy = SolveStrategy.HIGHEST
    exclude_newer: datetime | None = None
    solve_group: str | None = None
    platforms_assumed: bool = False

    def requires(self, subdir: Subdir, datasource: Datasource = Datasource.CONDA) -> tuple[Requirement, ...]:
        """Return what this environment asks for on *subdir* from *datasource*, in the order of the manifest."""
        return tuple(
            requirement
            for requirement in self.requirements
            if subdir in requirement.platforms and requirement.dependency.datasource is datasource
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Manifests that belong together, their lockfile if they have one, and the environments they declare."""

    manifests: tuple[Manifest, ...]
    lock: Lock | None
    environments: tuple[Environment, ...]

    @property
    def path(self) -> str:
        """The path that names this workspace: its first manifest's."""
        return self.manifests[0].path


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveUnit:
    """What is solved at once: an environment, or all environments of a solve group, on one platform.

    The environments of a group agree on channels, priority and strategy; `compose` sees to it.
    """

    workspace: str
    environments: tuple[Environment, ...]
    subdir: Subdir

    @property
    def name(self) -> str:
        """The solve group's name, else the environment's."""
        return self.environments[0].solve_group or self.environments[0].name

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What the environments ask conda channels for on this platform, each line of a manifest once."""
        every = (requirement for each in self.environments for requirement in each.requires(self.subdir))
        return tuple({(each.manifest, each.dependency.at): each for each in every}.values())
