"""What a lock is not that its manifest asks for, and which units are to be solved to bring it in step."""

from collections.abc import Iterable, Mapping

from bot.model.environment import SolveUnit, Workspace
from bot.model.lock_verdict import Reason
from bot.model.package import Relocking
from bot.model.report import Problem
from bot.updating.agreement import differences, units_of
from bot.workspaces import unmet, unneeded

MOST_TOLD = 3
"""So many disagreements of a lock are told in one sentence."""


def out_of_step(workspace: Workspace, found: Mapping[str, tuple[str, ...]]) -> Problem | None:
    """Say that the lock of *workspace* is not in step in the environments that are *found*, if any are."""
    if workspace.lock is None or not found:
        return None
    manifests = ", ".join(each.path for each in workspace.manifests)
    names = ", ".join(sorted(found))
    told = [f"{name}: {sentence}" for name in sorted(found) for sentence in found[name]]
    further = f"; and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    why = f" ({'; '.join(told[:MOST_TOLD])}{further})" if told else ""
    is_made_by_others = workspace.lock.format.relocking is Relocking.NEVER
    then = "make it anew, and updates go on" if is_made_by_others else "updates go on once it does"
    sentence = f"does not agree with {manifests} in {names}{why}; {then}"
    return Problem(path=workspace.lock.path, sentence=sentence)


def told_by_lock(workspace: Workspace) -> tuple[Reason, ...] | None:
    """Return what the lock is not, told by all that its format keeps.

    None where that tells nothing, so that it takes a solve to know. It takes a moment of this process.
    """
    lock = workspace.lock
    if lock is None:
        return ()
    if lock.format.is_complete:
        return tuple(differences(workspace, lock))
    return tuple(_plain_differences(workspace)) if lock.format.relocking is Relocking.IF_UNMET else None


def _plain_differences(workspace: Workspace) -> Iterable[Reason]:
    """Yield what a lock that keeps less is not; as long as its sources are what they were, it is what they ask for."""
    missing = (f"{spec} is not locked" for spec in unmet(workspace))
    spare = (f"nothing needs {name}" for name in unneeded(workspace)) if workspace.is_stale else ()
    manifest, name = workspace.manifests[0].path, workspace.environments[0].name
    return (Reason(manifest=manifest, environment=name, sentence=each) for each in (*missing, *spare))


def by_environment(reasons: Iterable[Reason]) -> Mapping[str, tuple[str, ...]]:
    """Return *reasons* as sentences, by environment: those of the first platform where there are any."""
    found: dict[str, list[Reason]] = {}
    for each in reasons:
        told = found.setdefault(each.environment, [])
        told += [each] if not told or told[0].platform == each.platform else []
    return {name: tuple(each.sentence for each in told) for name, told in found.items()}


def to_solve(workspace: Workspace, told: Iterable[Reason] | None) -> tuple[SolveUnit, ...]:
    """Return the units of *workspace* to solve: where its lock keeps everything and is out of step, those that are.

    The others stay as they are locked, as pixi has them stay, whatever became of their channels.
    """
    units, reasons = units_of(workspace), tuple(told or ())
    if not (reasons and workspace.lock and workspace.lock.format.is_complete):
        return units
    return tuple(unit for unit in units if any(_is_about(each, unit) for each in reasons))


def _is_about(reason: Reason, unit: SolveUnit) -> bool:
    names = {each.name for each in unit.environments}
    return reason.environment in names and reason.platform in ("", unit.platform.name)
