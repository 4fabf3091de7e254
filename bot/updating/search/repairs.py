"""Whatever is found for a workspace with pins that are gone has their repair in it: without it nothing solves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.model.update import Update
from bot.planning.baseline import Baseline
from bot.planning.search import Found
from bot.updating.survey.repair import Repair
from bot.versioning.conda import is_newer, update_kind


def with_repairs(found: Found, repairs: Mapping[str, Repair], baselines: Iterable[Baseline]) -> Found:
    """Return *found* with the repairs of all workspaces that it touches, in all of their units."""
    paths = {path for each in found.plan.updates for path in each.workspaces}
    touched = paths | {unit.workspace for unit in found.solutions}
    mine = [each for path, each in repairs.items() if path in touched]
    if not mine:
        return found
    updates = found.plan.updates
    for each in mine:
        updates = _merged(updates, each.updates)
    reasons = tuple(dict.fromkeys((*found.plan.reasons, *(reason for each in mine for reason in each.reasons))))
    standing = {
        each.unit: tuple(each.records.values()) for each in baselines if each.unit.workspace in touched & repairs.keys()
    }
    plan = replace(found.plan, updates=updates, reasons=reasons)
    return replace(found, plan=plan, solutions={**standing, **found.solutions})


def once(results: Sequence[Found]) -> tuple[Found, ...]:
    """Return *results* without those of which every package is moved by another one as well."""
    moved = [frozenset(_moved(each)) for each in results]
    return tuple(
        each
        for index, each in enumerate(results)
        if not moved[index] or not any(moved[index] < other for other in moved)
    )


def _moved(found: Found) -> Iterable[tuple[str, str]]:
    return ((each.name, path) for each in found.plan.updates for path in each.workspaces)


def _merged(updates: Sequence[Update], repairs: Iterable[Update]) -> tuple[Update, ...]:
    """Return *updates* and *repairs*, one for each package of a workspace: from where it was to where it gets."""
    merged = list(updates)
    for fix in repairs:
        at = next((index for index, each in enumerate(merged) if _is_same(each, fix)), None)
        if at is None:
            merged.append(fix)
        else:
            merged[at] = _joined(merged[at], fix)
    return tuple(merged)


def _is_same(one: Update, other: Update) -> bool:
    return one.name == other.name and not set(one.workspaces).isdisjoint(other.workspaces)


def _joined(update: Update, fix: Update) -> Update:
    """Return *update* as it is from the pin that is gone on."""
    gone = {(change.manifest, change.at): change for change in fix.changes}
    moved = tuple(
        replace(each, old=gone[each.manifest, each.at].old) if (each.manifest, each.at) in gone else each
        for each in update.changes
    )
    rest = tuple(each for at, each in gone.items() if at not in {(m.manifest, m.at) for m in moved})
    target = update.target if is_newer(update.target.version, fix.target.version) else fix.target
    kind = update_kind(fix.current, target.version)
    return replace(update, current=fix.current, target=target, kind=kind, changes=(*moved, *rest))
