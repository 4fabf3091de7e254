"""What is said of lines that pin what is gone."""

from collections.abc import Iterable
from dataclasses import replace

from bot.model.report import DependencyStatus, Standing
from bot.model.update import Proposal, Update
from bot.updating.survey.repair import Repair


def with_repaired_lines(
    statuses: Iterable[DependencyStatus], repairs: Iterable[Repair], proposals: Iterable[Proposal]
) -> tuple[DependencyStatus, ...]:
    """Return *statuses*, those of pins that are gone with the version that they ask for, and what became of it.

    A pin that none of *proposals* moves is not judged, for what would come of it could not be proposed.
    """
    moved = {
        (change.manifest, change.line, update.name): (update, reason)
        for each in repairs
        for update, reason in zip(each.updates, each.reasons, strict=True)
        for change in update.changes
    }
    proposed = {
        (change.manifest, change.line, update.name)
        for each in proposals
        for update in each.plan.updates
        for change in update.changes
    }
    told = []
    for status in statuses:
        key = (status.manifest, status.line, status.name)
        told.append(_told(status, *moved[key], is_proposed=key in proposed) if key in moved else status)
    return tuple(told)


def _told(status: DependencyStatus, update: Update, reason: str, *, is_proposed: bool) -> DependencyStatus:
    if not is_proposed:
        nothing = replace(status, current=None, newest=None, reachable=None)
        return replace(nothing, standing=Standing.UNKNOWN, reason=f"{reason}, but that is not proposed")
    reached = status.reachable or update.target.version
    return replace(status, standing=Standing.UPDATE, current=update.current, reachable=reached, forced=reason)
