"""A release that is not built the way the package in use is: with CUDA, MKL, an MPI, for free-threaded Python."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from bot.model.manifest import PackageName, Subdir
from bot.planning.holds.hold import Hold, HoldRule, HoldScope


def missing_flavour(
    name: PackageName,
    version: str,
    in_use: Mapping[Subdir, str],
    offered: Mapping[Subdir, AbstractSet[str]],
) -> Hold | None:
    """Return the hold on a release that lacks the flavour in use on a platform.

    Flavours are those of `bot.lockfiles.flavour`. A platform that is not in *offered* is not judged, and the usual
    flavour, the empty text, is held for too: a solve never swaps one for another.
    """
    lacking = [subdir for subdir in sorted(in_use) if subdir in offered and in_use[subdir] not in offered[subdir]]
    if not lacking:
        return None
    flavour = in_use[lacking[0]]
    where = ", ".join(subdir for subdir in lacking if in_use[subdir] == flavour)
    sentence = f"{name} {version} has no {flavour or 'plain'} build on {where}"
    return Hold(rule=HoldRule.FLAVOUR, sentence=sentence, scope=HoldScope.ALL)
