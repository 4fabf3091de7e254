"""What does not solve as it is asked may solve when less is asked: records of any age, a driver that nobody denies.

So an environment that people can install is judged, and what it could not do without is known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.model.environment import SolveUnit, Workspace
from bot.model.manifest import VirtualPackage
from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest, SolveResult, Unsolvable
from bot.planning.machine import what_it_lacks, with_any_cuda, with_everything, with_the_cuda_of
from bot.updating.ports import Solver

CUDA: Final = "__cuda"


async def at_less(
    unsolvable: Unsolvable, unit: SolveUnit, solver: Solver, requests: Sequence[SolveRequest]
) -> SolveResult:
    """Return the first solution of *requests*; without any, *unsolvable* with what the machine lacks, if it is that.

    Where not even any driver helps, the words are about what is wrong beside it.
    """
    for request in requests:
        result = await solver.solve(replace(request, is_doubtful=True))
        if isinstance(result, Solution):
            return result
    everything = await solver.solve(replace(with_everything(requests[-1]), is_doubtful=True))
    if isinstance(everything, Unsolvable) and CUDA in unsolvable.text:
        plain = await solver.solve(requests[-1])
        return plain if isinstance(plain, Unsolvable) else unsolvable
    records = everything.records if isinstance(everything, Solution) else ()
    lack = what_it_lacks(unit, requests[0].virtual_packages, records)
    return replace(unsolvable, text=f"{lack}\n{unsolvable.text}") if lack else unsolvable


def easier(asked: SolveRequest, workspace: Workspace, unit: SolveUnit, now: datetime) -> tuple[SolveRequest, ...]:
    """Return how *asked* may be put more easily: with records of any age, and with the driver that it takes."""
    of_any_age = _of_any_age(asked, workspace, now)
    if workspace.lock or unit.subdir not in unit.environments[0].assumes_cuda:
        return (of_any_age,)
    return (of_any_age, with_any_cuda(replace(asked, undated=True)), with_any_cuda(of_any_age))


def _of_any_age(asked: SolveRequest, workspace: Workspace, now: datetime) -> SolveRequest:
    """Return *asked* with what is there already let in: ages limit what comes in.

    Without a lock that is everything that there is now. To a lock only what nobody knows the age of may be added.
    """
    return replace(asked, undated=True, exclude_newer=asked.exclude_newer if workspace.lock else now)


def machine_of(workspace: Workspace, unit: SolveUnit, records: Iterable[Record]) -> tuple[VirtualPackage, ...]:
    """Return what *unit* is solved on: where nobody says what the driver is, it is what its packages ask for."""
    environment = unit.environments[0]
    machine = unit.platform.virtual_packages
    is_said = workspace.lock is not None or unit.subdir not in environment.assumes_cuda
    return machine if is_said else with_the_cuda_of(machine, records)
