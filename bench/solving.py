"""Solves of one environment of about 200 packages on 4 platforms: cold, warm, with a lock, and 200 times over."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figures import Figure
from bench.floor import Floor, Solved
from bench.ground import SUBDIRS, Locked, request
from bench.measuring import median, resident
from bot import lockfiles
from bot.model.manifest import Subdir
from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest
from bot.relock import SolverPool
from bot.settings import ChannelSettings
from bot.updating.ports import Solver

PROCESSES = 2
MANY = 200
COLD_RUNS = 3
CHILD = "bot.relock.child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """The environment as it was solved then: by the pool, and by py-rattler alone."""

    ours: Locked
    floor: Solved


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What solves are measured with: the channel's mirrors, the roots of the environment, a folder for caches."""

    mirrors: Mapping[str, list[str]]
    roots: tuple[str, ...]
    folder: Path
    settings: ChannelSettings

    def cold(self, what: str, run: int) -> Path:
        """Return a folder for a cache that nobody has used."""
        return self.folder / f"{what}-{run}"

    async def then(self) -> Then:
        """Solve the environment as the channel is now, to be locked."""
        async with SolverPool(self.settings, processes=PROCESSES) as pool:
            ours = await solve_everywhere(pool.session(), self.roots)
        floor = await Floor(self.mirrors, self.settings.cache_dir).solve(self.roots)
        return Then(ours=Locked(solutions=ours), floor=floor)

    async def figures(self, then: Then) -> AsyncIterator[Figure]:
        """Measure."""
        yield await self._cold()
        async with SolverPool(self.settings, processes=PROCESSES) as pool:
            await solve_everywhere(pool.session(), self.roots)
            yield await self._warm(pool)
            yield await self._relock(pool, then)
        async for figure in self._memory():
            yield figure

    async def _cold(self) -> Figure:
        size = len((await Floor(self.mirrors, self.cold("size", 0)).solve(self.roots))[SUBDIRS[0]])
        return Figure(
            what=f"solve of {size} packages on {len(SUBDIRS)} platforms, new processes, empty cache",
            value=await median(self._solve_cold, COLD_RUNS),
            floor=await median(lambda run: Floor(self.mirrors, self.cold("floor", run)).solve(self.roots), COLD_RUNS),
            budget=5.0,
            unit="s",
        )

    async def _solve_cold(self, run: int) -> None:
        settings = replace(self.settings, cache_dir=self.cold("cold", run))
        async with SolverPool(settings, processes=PROCESSES) as pool:
            await solve_everywhere(pool.session(), self.roots)

    async def _warm(self, pool: SolverPool) -> Figure:
        return Figure(
            what="  the same, warm: processes and a cache that are there",
            value=await median(lambda _: solve_everywhere(pool.session(), self.roots)),
            floor=await median(lambda _: Floor(self.mirrors, self.settings.cache_dir).solve(self.roots)),
            budget=3.0,
            unit="s",
        )

    async def _relock(self, pool: SolverPool, then: Then) -> Figure:
        text = then.ours.lock
        lock = lockfiles.parse("pixi.lock", text.encode())

        async def relock(_: int) -> None:
            solved = await solve_everywhere(pool.session(), self.roots, then.ours.solutions)
            lockfiles.rewrite(lock, text, {("default", subdir): records for subdir, records in solved.items()})

        return Figure(
            what="  the same with an old lock, and the lock written again",
            value=await median(relock),
            floor=await median(lambda _: Floor(self.mirrors, self.settings.cache_dir).solve(self.roots, then.floor)),
            budget=4.0,
            unit="s",
        )

    async def _memory(self) -> AsyncIterator[Figure]:
        """Measure the memory of solver processes that solve a different environment each time, all in one session."""
        async with SolverPool(self.settings, processes=PROCESSES) as pool:
            session = pool.session()
            held = [await self._held(session, number) for number in range(MANY // len(SUBDIRS))]
        floor = await self._floor_memory()
        what = f"memory of {PROCESSES} solver processes after {len(SUBDIRS)} solves; the floor is one process"
        yield Figure(what=what, value=held[0], floor=floor, budget=500, unit="MB")
        yield Figure(what=f"  the most after any of {MANY} solves", value=max(held), floor=floor, budget=800, unit="MB")

    async def _held(self, session: Solver, number: int) -> float:
        """Return what solver processes hold after another round of questions, none of which was asked before."""
        left_out = self.roots[1:][number % (len(self.roots) - 1)] if number else ""
        roots = (*(root for root in self.roots if root != left_out), f"python !=9.{number}")
        await solve_everywhere(session, roots)
        return sum(resident(CHILD))

    async def _floor_memory(self) -> float:
        arguments = (json.dumps(self.mirrors), str(self.settings.cache_dir), *self.roots)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.floor", *arguments), stdout=asyncio.subprocess.PIPE
        )
        output, _ = await child.communicate()
        return float(output.split()[0])


async def solve_everywhere(
    session: Solver, roots: tuple[str, ...], locked: Mapping[Subdir, tuple[Record, ...]] | None = None
) -> dict[Subdir, tuple[Record, ...]]:
    """Return the solutions of *roots* on every platform, with *locked* preferred."""
    known = locked or {}
    found = await _ask(session, [request(roots, subdir, known.get(subdir, ())) for subdir in SUBDIRS])
    return dict(zip(SUBDIRS, found, strict=True))


async def _ask(session: Solver, questions: Sequence[SolveRequest]) -> list[tuple[Record, ...]]:
    results = await asyncio.gather(*(session.solve(each) for each in questions))
    return [_records(each) for each in results]


def _records(result: object) -> tuple[Record, ...]:
    if not isinstance(result, Solution):
        raise RuntimeError(f"the environment of the benchmark does not solve: {result}")  # noqa: TRY004 -- no type error
    return result.records
