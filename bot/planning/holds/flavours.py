"""A release that is not built the way the package in use is: with CUDA, MKL, an MPI, for free-threaded Python."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from bot.model.manifest import PackageName, Subdir
from bot.planning.holds.hold import Hold, HoldRule, HoldScope


def missing_flavour(
    name: PackageName,
    version: str,
    in_use: AbstractSet[tuple[Subdir, str]],
    offered: Mapping[str, AbstractSet[str]],
) -> Hold | None:
    """Return the hold on a release that lacks a flavour in use, given as platform and flavour, on its platform.

    Flavours are those of `bot.lockfiles.flavour`. A platform that is not in *offered* is not judged. The usual flavour,
    the empty text, counts as any other: a solve never swaps one for another.
    """
    lacking = sorted((each, subdir) for subdir, each in in_use if each not in offered.get(subdir, {each}))
    if not lacking:
        return None
    flavour = lacking[-1][0]
    where = ", ".join(subdir for each, subdir in lacking if each == flavour)
    sentence = f"{name} {version} has no {flavour or 'plain'} build on {where}"
    return Hold(rule=HoldRule.FLAVOUR, sentence=sentence, scope=HoldScope.ALL)
