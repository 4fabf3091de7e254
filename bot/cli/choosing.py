"""Which environment and platform of a lock a command is about, by its options."""

from collections.abc import Sequence

import click

from bot.errors import BadInput
from bot.model.manifest import PlatformName
from bot.model.package import Lock, LockedEnvironment

DEFAULT = "default"

environment_option = click.option(
    "--environment", metavar="NAME", help="Of a lock with several environments; the one called `default` if not said."
)
"""What says which; given to `chosen`."""


def chosen(
    lock: Lock, environment: str | None, platform: str | None, here: str = ""
) -> tuple[LockedEnvironment, PlatformName]:
    """Return what is asked for of *lock*; where no platform is named, that of *here* is taken, if there is one.

    Raises:
        BadInput: it has no such environment or platform, or several of which none was named.

    """
    found = _environment(lock, environment)
    return found, _platform(lock, found.platforms, platform, here)


def _environment(lock: Lock, name: str | None) -> LockedEnvironment:
    if name is None and len(lock.environments) == 1:
        return lock.environments[0]
    if found := lock.environment(name or DEFAULT):
        return found
    names = ", ".join(each.name for each in lock.environments)
    words = f"has no environment {name!r}" if name else "has several environments; name one by --environment"
    raise BadInput(f"{words}: {names}", path=lock.path)


def _platform(lock: Lock, platforms: Sequence[PlatformName], name: str | None, here: str) -> PlatformName:
    if name is None and len(platforms) == 1:
        return platforms[0]
    asked = [each for each in platforms if each == name] if name else []
    own = [each for each in platforms if lock.subdir(each) == here] if name is None else []
    if len(asked + own) == 1:
        return (asked + own)[0]
    words = f"has no platform {name!r}" if name else "is for several platforms; name one by --platform"
    raise BadInput(f"{words}: {', '.join(platforms)}", path=lock.path)
