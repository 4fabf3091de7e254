"""What in the lock of a workspace is not what its manifests ask for, place by place, told without solving.

First the frame (environments, channels in order, platforms, options, indexes), then what is locked: in an environment
whose frame is another, nothing else is compared. Of a lock that does not keep everything which channels state
(`LockFormat.is_complete`), only what lines of manifests ask for is.
"""

from collections.abc import Iterable, Iterator, Mapping

from bot.lockfiles import Pair
from bot.model.environment import Environment, SolveUnit, Workspace
from bot.model.lock_verdict import Reason
from bot.model.manifest import Datasource, Platform, PlatformName
from bot.model.package import Lock, LockedPypi, PypiPackage, Record
from bot.planning.in_step import disagreements, lines_unmet
from bot.planning.provided import provided
from bot.planning.pypi_needs import pypi_needs, with_indexes
from bot.planning.standing import not_known
from bot.versioning.pep440 import admits
from bot.workspaces import ResolveChannel, solve_units
from bot.workspaces.frame import frame_differences
from bot.workspaces.lock_indexes import index_differences, says_indexes


def differences(workspace: Workspace, lock: Lock) -> Iterator[Reason]:
    """Yield what *lock*, that of *workspace*, is not that this asks for."""
    frame = _framed(workspace) if lock.format.is_complete else {}
    for name, sentences in frame.items():
        yield from (Reason(manifest=workspace.manifests[0].path, environment=name, sentence=each) for each in sentences)
    for unit in units_of(workspace):
        for environment in () if not_known(unit) else unit.environments:
            if environment.name not in frame:
                yield from _of_place(environment, unit.platform, lock)


def other_channels(workspace: Workspace, lock: Lock, resolve: ResolveChannel) -> Iterator[Reason]:
    """Say so if *lock*, which names channels as they are written, was made with others, or in another order.

    *resolve* turns the names into URLs. Lines may name more channels than the lock lists.
    """
    if lock.format.is_complete or not lock.format.names_channels:
        return
    environment, named = workspace.environments[0], lock.environments[0].channels
    locked = tuple(channel.url for name in named for channel in resolve(name) if channel.is_asked)
    declared = tuple(each.url for each in environment.channels)
    if declared[: len(locked)] != locked or not locked:
        names = ", ".join(each.name for each in environment.channels)
        sentence = f"it is locked for the channels {', '.join(named) or 'none'}, not {names}"
        yield Reason(manifest=workspace.manifests[0].path, environment=environment.name, sentence=sentence)


def not_judged(workspace: Workspace) -> Iterator[Reason]:
    """Yield what of *workspace* nobody can judge before it is installed, and what cannot be made."""
    path = workspace.manifests[0].path
    for unit in units_of(workspace):
        if sentence := not_known(unit):
            yield Reason(manifest=path, environment=unit.name, platform=unit.platform.name, sentence=f"it {sentence}")
    for fault in workspace.faults:
        names = ", ".join(fault.environments)
        yield Reason(manifest=path, line=fault.line, environment=names, sentence=fault.sentence)


def units_of(workspace: Workspace) -> tuple[SolveUnit, ...]:
    """Return the units of *workspace* in which there is something to solve."""
    return tuple(unit for unit in solve_units(workspace) if unit.requirements or unit.implied)


def judged_pairs(workspace: Workspace) -> tuple[Pair, ...]:
    """Return the environments and platforms of *workspace* of which it is known what they ask for."""
    units = (unit for unit in units_of(workspace) if not not_known(unit))
    return tuple((environment.name, unit.platform.name) for unit in units for environment in unit.environments)


def locked_records(lock: Lock, environment: Environment, platform: PlatformName) -> tuple[Record, ...]:
    """Return what *lock* holds for *environment* on *platform*, also from source."""
    locked = lock.environment(environment.name)
    archives = locked.conda.get(platform, ()) if locked else ()
    sources = (each for each in environment.fixed.get(platform, ()) if each.is_source)
    return tuple({(each.name, each.url): each for each in (*archives, *sources)}.values())


def _framed(workspace: Workspace) -> Mapping[str, tuple[str, ...]]:
    framing, indexing = frame_differences(workspace), index_differences(workspace)
    names = dict.fromkeys((*framing, *indexing))
    return {name: (*framing.get(name, ()), *filter(None, [indexing.get(name)])) for name in names}


def _of_place(environment: Environment, platform: Platform, lock: Lock) -> Iterator[Reason]:
    locked = lock.environment(environment.name)
    if not lock.format.is_complete and (locked is None or platform.name not in locked.platforms):
        return  # a list is for the platforms that somebody made one for
    records = locked_records(lock, environment, platform.name)
    packages = locked.pypi.get(platform.name, ()) if locked else ()
    find = _complete if lock.format.is_complete else _plain
    lines = _lines(environment)
    for sentence in find(environment, platform, lock, records, packages):
        manifest, line = next((lines[each] for each in lines if sentence.startswith(each)), (None, None))
        yield Reason(
            manifest=manifest or environment.manifests[0],
            line=line,
            environment=environment.name,
            platform=platform.name,
            sentence=sentence,
        )


def _lines(environment: Environment) -> Mapping[str, tuple[str, int]]:
    """Return the places of the lines of *environment*, by how sentences about them begin."""
    groups = (environment.requirements, environment.references, environment.standing, environment.constraints)
    found = ((each.manifest, each.dependency.line) for group in groups for each in group)
    return {f"{manifest}:{line} ": (manifest, line) for manifest, line in found}


def _complete(
    environment: Environment,
    platform: Platform,
    lock: Lock,
    records: tuple[Record, ...],
    packages: tuple[PypiPackage, ...],
) -> Iterable[str]:
    """Yield everything that a lock is not which keeps all that is to know of its packages."""
    needs = pypi_needs((environment,), platform, records, packages)
    if says_indexes(lock):
        needs = with_indexes(needs, (environment,), platform, packages)
    return (
        *disagreements(environment, platform, records, packages),
        *(each.sentence for each in needs.unmet),
        *(f"nothing needs {each.name} of PyPI" for each in needs.spare(packages)),
    )


def _plain(
    environment: Environment,
    platform: Platform,
    lock: Lock,
    records: tuple[Record, ...],
    packages: tuple[PypiPackage, ...],
) -> Iterable[str]:
    """Yield which lines ask for what is not locked; a lock without a place for PyPI packages is not asked for any."""
    unmet = lines_unmet(environment, platform, records)
    return (
        (*unmet, *_pypi_unmet(environment, platform, records, packages))
        if lock.format.pypi is LockedPypi.FILES
        else unmet
    )


def _pypi_unmet(
    environment: Environment, platform: Platform, records: Iterable[Record], packages: Iterable[PypiPackage]
) -> Iterator[str]:
    brought = {each.name: each.version for each in provided(records)}
    there = {**{each.name: each.version for each in packages}, **brought}
    for each in environment.requires(platform.name, Datasource.PYPI):
        name, spec = each.dependency.name, each.dependency.version_spec
        asked = f"{each.manifest}:{each.dependency.line} asks for {name} {each.dependency.version}".rstrip()
        if name not in there:
            yield f"{asked} of PyPI, and it is not locked"
        elif there[name] and not admits(spec, there[name]):
            yield f"{asked} of PyPI, and {there[name]} is locked"
