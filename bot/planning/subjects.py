"""What rules are asked about, as planning sees it: a release that a package may move to, a line, or a lock."""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.config.rules import Manager, UpdateType
from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName
from bot.model.package import Channel, Lock
from bot.planning.baseline import Baseline
from bot.planning.rules import MANAGERS, Subject
from bot.versioning.ecosystem import Ecosystem

LOCK_MANAGERS: Final[Mapping[str, Manager]] = {
    "pixi.lock": Manager.PIXI,
    "conda-lock.yml": Manager.CONDA_LOCK,
    "explicit": Manager.EXPLICIT,
}
"""The managers of the formats of locks, by their names."""


def subject_of_update(
    name: PackageName,
    ecosystem: Ecosystem,
    versions: tuple[str, str],
    requirements: Iterable[Requirement],
    baselines: Iterable[Baseline],
    channels: tuple[Channel, ...],
) -> Subject:
    """Return *name* that moves from the first of *versions* to the second, wherever *requirements* ask for it."""
    current, version = versions
    lines, units = tuple(requirements), tuple(each.unit for each in baselines)
    platforms = {each.platform.name for each in units} or {name for each in lines for name in each.platforms}
    return Subject(
        name=name,
        kind=UpdateType(ecosystem.update_kind(current, version)),
        current=current,
        datasource=ecosystem.datasource,
        files=frozenset(each.manifest for each in lines),
        managers=_managers(MANAGERS, (each.format for each in lines)),
        environments=frozenset(each.name for unit in units for each in unit.environments),
        channels=channels,
        platforms=frozenset(platforms),
    )


def subject_of_line(
    path: str, form: str, name: PackageName, datasource: Datasource, environments: frozenset[str] | None
) -> Subject:
    """Return the line about *name* in the manifest of the format *form* at *path*, whatever it may be moved to."""
    managers = _managers(MANAGERS, [form])
    return Subject(
        name=name, datasource=datasource, files=frozenset({path}), managers=managers, environments=environments
    )


def subject_of_lock(lock: Lock) -> Subject:
    """Return *lock* that is solved afresh."""
    return Subject(
        kind=UpdateType.LOCK_FILE_MAINTENANCE,
        files=frozenset({lock.path}),
        managers=_managers(LOCK_MANAGERS, [lock.format.name]),
        environments=frozenset(each.name for each in lock.environments),
        platforms=frozenset(name for each in lock.environments for name in each.platforms),
    )


def _managers(known: Mapping[str, Manager], formats: Iterable[str]) -> frozenset[str]:
    """Return the managers of *formats*; a format that has none yet is no rule's that names managers."""
    return frozenset(known[each] for each in formats if each in known)
