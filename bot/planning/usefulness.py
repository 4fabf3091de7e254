"""Which proposals let others go on: what is most useful is opened first."""

from collections.abc import Iterable, Mapping, Sequence

from bot.model.update import HeldBack, Proposal, SpecChange


def unblocked(proposals: Sequence[Proposal], held_back: Iterable[HeldBack]) -> Mapping[str, int]:
    """Return by key how many wait for each of *proposals*: other ones, and releases that are held back.

    Another proposal waits for it that has all its changes in it, such as the repair of a pin without which nothing
    solves. A release does that is held back by a line of a package which the proposal moves.
    """
    held = {*held_back, *(each for proposal in proposals for each in proposal.held_back)}
    return {each.plan.key: _others(each, proposals) + _releases(each, held) for each in proposals}


def _others(proposal: Proposal, proposals: Iterable[Proposal]) -> int:
    changes = _changes(proposal)
    return sum(changes < _changes(each) for each in proposals) if changes else 0


def _releases(proposal: Proposal, held_back: Iterable[HeldBack]) -> int:
    moved = {each.name for each in proposal.plan.updates}
    waiting = {
        (each.workspace, each.name)
        for each in held_back
        if each.name not in moved and any(blocker.name in moved for blocker in each.blockers)
    }
    return len(waiting)


def _changes(proposal: Proposal) -> frozenset[SpecChange]:
    return frozenset(change for update in proposal.plan.updates for change in update.changes)
