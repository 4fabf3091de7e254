"""What is said of lines that pin what is gone."""

from collections.abc import Iterable
from dataclasses import replace

from bot.model.report import DependencyStatus, Standing
from bot.model.update import Update
from bot.updating.survey.repair import Repair


def with_repaired_lines(
    statuses: Iterable[DependencyStatus], repairs: Iterable[Repair]
) -> tuple[DependencyStatus, ...]:
    """Return *statuses*, those of pins that are gone with the version that they ask for, and what became of it."""
    moved = {
        (change.manifest, change.line, update.name): (update, reason)
        for each in repairs
        for update, reason in zip(each.updates, each.reasons, strict=True)
        for change in update.changes
    }
    return tuple(
        _told(each, *moved[key]) if (key := (each.manifest, each.line, each.name)) in moved else each
        for each in statuses
    )


def _told(status: DependencyStatus, update: Update, reason: str) -> DependencyStatus:
    reached = status.reachable or update.target.version
    return replace(status, standing=Standing.UPDATE, current=update.current, reachable=reached, forced=reason)
