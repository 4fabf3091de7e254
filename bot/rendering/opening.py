"""The first sentence of a pull request: what moves, what moves with it because it must, and where that solves."""

from collections.abc import Iterable, Sequence

from bot.model.update import ChangeKind, PackageChange, Proposal
from bot.rendering.markdown import plain
from bot.rendering.sizes import counted

NAMED = 3
"""So many packages are named; a longer sentence is not read."""

MOVED = {ChangeKind.UPGRADED, ChangeKind.DOWNGRADED}


def opening(proposal: Proposal) -> str:
    """Return one sentence on what *proposal* moves, and one on where it was solved."""
    planned = dict.fromkeys(f"{each.name} {each.current} to {each.target.version}" for each in proposal.plan.updates)
    moves = _enumerated(tuple(planned), "other update")
    forced = _forced(proposal)
    besides = f", and, because it must, {_enumerated(forced, 'other package')}" if forced else ""
    solves = f" Solves on {', '.join(map(plain, proposal.platforms))}." if proposal.solved else ""
    return f"Moves {moves}{besides}.{solves}"


def _forced(proposal: Proposal) -> Sequence[str]:
    """Return the moves of packages that the manifests name and the plan does not: nobody wanted those."""
    planned = {each.name for each in proposal.plan.updates}
    changes = (each for diff in proposal.diffs for each in diff.changes)
    return tuple(dict.fromkeys(_move(each) for each in _sorted(changes) if each.direct and each.name not in planned))


def _sorted(changes: Iterable[PackageChange]) -> Sequence[PackageChange]:
    return sorted((each for each in changes if each.kind in MOVED), key=lambda each: (each.name, each.new_version))


def _move(change: PackageChange) -> str:
    return f"{change.name} {change.old_version} to {change.new_version}"


def _enumerated(moves: Sequence[str], rest: str) -> str:
    named = [plain(each) for each in moves[:NAMED]]
    more = len(moves) - NAMED
    if more > 0:
        named.append(counted(more, rest))
    return " and ".join(", ".join(named).rsplit(", ", 1))
