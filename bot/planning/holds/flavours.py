"""A release that is not built the way the package in use is: with CUDA, MKL, an MPI, for free-threaded Python."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from bot.model.manifest import PackageName, Subdir
from bot.planning.holds.hold import Hold, HoldRule, HoldScope
from bot.versioning.flavour import kind

Words: TypeAlias = tuple[str, ...]
"""What a build says it is made for (`bot.versioning.flavour.words`)."""


def missing_flavour(
    name: PackageName,
    version: str,
    in_use: AbstractSet[tuple[Subdir, Words]],
    offered: Mapping[str, AbstractSet[Words]],
) -> Hold | None:
    """Return the hold on a release that lacks what builds in use, given by platform, say of themselves.

    *offered* are the builds of the release by platform. What the build in use does not say is not looked for. Nor is
    what no build of the release says anything about: then the package has left the choice, or other words for it.
    """
    lacking = sorted((lost, subdir) for subdir, each in in_use if (lost := _lost(each, offered.get(subdir, set()))))
    if not lacking:
        return None
    flavour = lacking[-1][0]
    where = ", ".join(subdir for lost, subdir in lacking if lost == flavour)
    sentence = f"{name} {version} has no {'+'.join(flavour)} build on {where}"
    return Hold(rule=HoldRule.FLAVOUR, sentence=sentence, scope=HoldScope.ALL)


def _lost(in_use: Words, builds: AbstractSet[Words]) -> Words:
    """Return the words *in_use* that no build keeps, or not together, though all have words for the same choices."""
    spoken_of = {kind(word) for build in builds for word in build}
    wanted = tuple(word for word in in_use if kind(word) in spoken_of)
    kept = [{*build, *_left_open(build)}.intersection(wanted) for build in builds]
    if not wanted or set(wanted) in kept:
        return ()
    return tuple(word for word in wanted if word not in set().union(*kept)) or wanted


def _left_open(build: Words) -> set[str]:
    """Return what a build that says nothing of it is all the same: `noarch` runs on any Python, most need no MPI."""
    spoken_of = {kind(word) for word in build}
    return {word for word in ("cpu", "nompi", "gil", "freethreading") if kind(word) not in spoken_of}
