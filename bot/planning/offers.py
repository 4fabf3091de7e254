"""What channels offer of a package in a unit. A line that names its channel is judged by that channel alone."""

from collections.abc import Mapping
from typing import TypeAlias

from bot.model.environment import SolveUnit
from bot.model.manifest import PackageName
from bot.model.package import Channel
from bot.model.update import Lookup

Lookups: TypeAlias = Mapping[tuple[str, ...], Mapping[PackageName, Lookup]]
"""What channels (by their URLs, in order) answered for each package."""


def channels_for(unit: SolveUnit, name: PackageName) -> tuple[Channel, ...]:
    """Return the channels that *name* may come from in *unit*, in order: those that its lines name, else all of them.

    A channel that the environment does not list says nothing here: the solver does not look there either.
    """
    listed = unit.environments[0].channels
    lines = (each.dependency for each in unit.requirements if each.dependency.name == name)
    named = {each.match_spec.channel for each in lines if each.match_spec and each.match_spec.channel}
    return tuple(each for each in listed if named & {each.name, each.url}) or listed


def urls_for(unit: SolveUnit, name: PackageName) -> tuple[str, ...]:
    """Return the URLs of `channels_for`, by which `Lookups` know them."""
    return tuple(each.url for each in channels_for(unit, name))


def lookup_for(lookups: Lookups, unit: SolveUnit, name: PackageName) -> Lookup | None:
    """Return what the channels of *name* in *unit* answered; None if they were not asked."""
    return lookups.get(urls_for(unit, name), {}).get(name)
