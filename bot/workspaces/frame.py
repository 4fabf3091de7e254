"""The frame of a lock: which environments it has, with which channels, platforms and options, whatever is locked there.

What a manifest declares must stand in its lock as it is, before anything is compared that is locked.
pixi: `verify_environment_satisfiability` in `pixi_core/src/lock_file/satisfiability` of prefix-dev/pixi.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from bot.model.environment import Environment, Workspace
from bot.model.manifest import ChannelPriority, PlatformName, Role, SolveStrategy
from bot.model.package import Lock, LockedEnvironment, LockOptions

_PRERELEASES: Final = "if-necessary-or-explicit"
"""What pixi takes for `prerelease-mode` where nobody says it; a lock leaves it out."""


_STRATEGIES: Final[Mapping[SolveStrategy, str | None]] = {
    SolveStrategy.HIGHEST: None,
    SolveStrategy.LOWEST: "lowest-version",
    SolveStrategy.LOWEST_DIRECT: "lowest-version-direct",
}
"""What a lock calls them: `rattler_solve::SolveStrategy`, which manifests name otherwise. It leaves the first out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFrame:
    """An environment without its packages: URLs of channels without a final slash, platforms, options; no defaults.

    On the `empty` ones of its platforms it has no package; pixi has no row for these in its lock. Of a lock `moved` are
    those that it was locked for with other virtual packages than are declared.
    """

    channels: tuple[str, ...]
    platforms: frozenset[PlatformName]
    options: LockOptions
    empty: frozenset[PlatformName] = frozenset()
    moved: frozenset[PlatformName] = frozenset()

    def differences(self, locked: "EnvironmentFrame | None") -> tuple[str, ...]:
        """Return in sentences how what is *locked* differs from this, which is declared."""
        if locked is None:
            return ("it is not locked",)
        found = []
        if self.channels != locked.channels:
            found.append(f"it is locked for the channels {_listed(locked.channels)}, not {_listed(self.channels)}")
        if missing := self.platforms - self.empty - locked.platforms:
            found.append(f"{_listed(missing)} is not locked")
        if spare := (self.empty & locked.platforms) - locked.empty:
            found.append(f"it asks for nothing on {_listed(spare)}, for which packages are locked")
        if moved := (self.platforms - self.empty) & locked.moved:
            found.append(f"it was locked for other virtual packages on {_listed(moved)}")
        if extra := locked.platforms - self.platforms:
            found.append(f"it is locked for {_listed(extra)}, which it is not for")
        if self.options != locked.options:
            found.append("it was locked with other options")
        return tuple(found)


Frame: TypeAlias = Mapping[str, EnvironmentFrame]
"""Environments by their names."""


def declared_frame(workspace: Workspace) -> Frame:
    """Return the frame that the manifests of *workspace* ask for."""
    return {each.name: _declared(each) for each in workspace.environments}


def locked_frame(lock: Lock) -> Frame:
    """Return the frame that *lock* has."""
    return {each.name: _locked(each) for each in lock.environments}


def frame_differences(workspace: Workspace) -> Mapping[str, tuple[str, ...]]:
    """Return how the lock of *workspace* differs from what is declared, by environment; nothing without a lock."""
    if workspace.lock is None:
        return {}
    locked = locked_frame(workspace.lock)
    declared = declared_frame(workspace)
    found = {name: each.differences(locked.get(name)) for name, each in declared.items()}
    faulty = {name for fault in workspace.faults for name in fault.environments}
    gone = {name: ("it is locked, and no manifest has it",) for name in locked if name not in {*declared, *faulty}}
    return {name: sentences for name, sentences in {**found, **gone}.items() if sentences}


def asked_on(environment: Environment) -> frozenset[PlatformName]:
    """Return the platforms on which *environment* asks for anything, which a limit does not."""
    lines = (*environment.requirements, *environment.references, *environment.standing, *environment.developed)
    asking = (each for each in lines if each.dependency.role is not Role.CONSTRAINT)
    return frozenset({*environment.implied, *(name for each in asking for name in each.platforms)})


def _declared(environment: Environment) -> EnvironmentFrame:
    strategy, priority = environment.own_options.solve_strategy, environment.own_options.channel_priority
    prereleases = environment.pypi_options.prerelease_mode if environment.pypi_options else None
    platforms = frozenset(each.name for each in environment.platforms)
    return EnvironmentFrame(
        channels=tuple(each.url for each in environment.listed),
        platforms=platforms,
        empty=platforms - asked_on(environment),
        options=LockOptions(
            strategy=_STRATEGIES[strategy],
            channel_priority=None if priority is ChannelPriority.STRICT else priority.value,
            pypi_prerelease_mode=None if prereleases == _PRERELEASES else prereleases,
        ),
    )


def _locked(environment: LockedEnvironment) -> EnvironmentFrame:
    options = environment.options
    held = (environment.conda, environment.pypi, environment.sources)
    return EnvironmentFrame(
        channels=tuple(each.rstrip("/") for each in environment.channels),
        platforms=frozenset(environment.platforms),
        empty=frozenset(name for name in environment.platforms if not any(each.get(name) for each in held)),
        moved=environment.moved,
        options=LockOptions(
            strategy=None if options.strategy == SolveStrategy.HIGHEST else options.strategy,
            channel_priority=None if options.channel_priority == ChannelPriority.STRICT else options.channel_priority,
            pypi_prerelease_mode=None if options.pypi_prerelease_mode == _PRERELEASES else options.pypi_prerelease_mode,
        ),
    )


def _listed(names: "tuple[str, ...] | frozenset[PlatformName]") -> str:
    return ", ".join(names if isinstance(names, tuple) else sorted(names)) or "nothing"
