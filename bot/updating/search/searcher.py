"""Searches for everything that is wished for, with a real solver and a real resolver."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bot.model.report import Problem
from bot.model.update import Purpose
from bot.planning.search import Found
from bot.rendering.sizes import counted
from bot.updating.contained import contained, parted
from bot.updating.ports import Progress, PurlIndex, PypiSolver, Solver
from bot.updating.search.mending import Mender
from bot.updating.search.naming import Naming
from bot.updating.search.pypi_locks import pypi_locks
from bot.updating.search.repairs import once, with_repairs
from bot.updating.search.settling import Settler
from bot.updating.search.without_solving import with_library, with_plans
from bot.updating.survey import Survey
from bot.updating.survey.indexes import PypiSource
from bot.updating.wish import Wishes
from bot.workspaces import ResolveChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Searcher:
    """What searches need of the world."""

    solver: Solver
    resolver: PypiSolver
    pypi: PypiSource
    purls: PurlIndex
    resolve: ResolveChannel
    progress: Progress
    stage: Progress

    async def search(
        self, survey: Survey, wishes: Wishes, *, with_locks: bool = True
    ) -> tuple[tuple[Found, ...], tuple[Problem, ...]]:
        """Return what becomes of *wishes*, side by side: what mends and locks first, then what is wished for.

        What needs no solution joins what was found, or stands alone. Repairs of pins that are gone are in everything.
        Searches that failed are said behind it. Without *with_locks* only wishes are searched for.
        """
        if names := {each.name for wanted in wishes.wanted for each in (*wanted.candidates, *wanted.packages)}:
            self.stage(f"searching for {counted(len(names), 'update')}")
        settler = self._settler(survey)
        mender = Mender(solver=self.solver, settler=settler, locks=settler.locks)
        fixes, locks = (survey.fixes, survey.locks) if with_locks else ({}, ())
        outcomes = await asyncio.gather(
            *(contained(key, partial(mender.mended, key, each)) for key, each in fixes.items()),
            *(contained(each.plan.key, partial(settler.settle, each)) for each in locks),
            *(contained(each.key, partial(settler.search, each)) for each in wishes.wanted),
        )
        found, failures = parted(outcomes)
        kept = found if wishes.are_apart else _without_repeats(found)
        solved = with_plans(kept, wishes.packages)
        repaired = [with_repairs(each, survey.repairs, survey.baselines) for each in solved]
        apart = repaired if wishes.are_apart else once(repaired)
        return with_library(apart, wishes.library), failures

    def _settler(self, survey: Survey) -> Settler:
        reading = survey.reading
        unknown = {place: each.unknown for place, each in survey.packages.items() if each.unknown}
        return Settler(
            solver=self.solver,
            naming=Naming(index=self.purls, workspaces=reading.workspaces, files=reading.files, resolve=self.resolve),
            locks=pypi_locks(reading.workspaces, self.pypi, self.resolver, unknown),
            baselines=survey.all_baselines,
            progress=self.progress,
        )


def _without_repeats(found: Sequence[Found]) -> tuple[Found, ...]:
    """Return *found* without corrections of locks that are written anew all the same, which corrects them too."""
    others = [each for each in found if each.plan.purpose is not Purpose.CORRECTION]
    written = {unit.workspace for each in others for unit in each.solutions}
    return tuple(
        each for each in found if each in others or written.isdisjoint(unit.workspace for unit in each.solutions)
    )
