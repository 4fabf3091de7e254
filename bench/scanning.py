"""Whole scans: files in, proposals with their locks out."""

import hashlib
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from bench.figures import Figure
from bench.ground import PINS, SUBDIRS, Locked, environments, workspace
from bench.measuring import median, resident, resident_of
from bench.solving import CHILD, PROCESSES, solve_everywhere
from bot import manifests
from bot.clock import SystemClock
from bot.composition.engine import Engine, open_engine
from bot.demo.samples import sample_files
from bot.egress import EgressPolicy
from bot.model.package import Record
from bot.model.report import ScanReport
from bot.model.solve import SolveRequest, SolveResult
from bot.model.update import Proposal, UpdateKind
from bot.planning.policy import Policy
from bot.relock.protocol import encode
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.memory import Memory
from bot.updating.ports import Solver
from bot.updating.read.relevance import relevant_paths
from bot.versioning.conda import is_newer, update_kind

FILES = 3
MOST_PROPOSALS = 6


@dataclass(slots=True, kw_only=True)
class Counting:
    """A solver that counts different questions: what is asked again in a session is answered without a solve."""

    solver: Solver
    asked: set[bytes] = field(default_factory=set)

    async def solve(self, request: SolveRequest) -> SolveResult:
        """Pass the question on."""
        self.asked.add(hashlib.sha256(encode(request)).digest())
        return await self.solver.solve(request)


async def samples(settings: ChannelSettings) -> AsyncIterator[Figure]:
    """Measure scans of the demo's repository on the slice of conda-forge."""
    files = sample_files("pixi-workspace")
    files = {path: files[path] for path in relevant_paths({path: len(content) for path, content in files.items()})}
    async with _engine(settings) as engine:
        report = await scan(engine, files)
        yield Figure(
            what="scan of an unchanged repository",
            value=await median(lambda _: scan(engine, files)),
            budget=0.5,
            unit="s",
        )
        yield Figure(
            what=f"scan that prepares {len(report.proposals)} pull requests with their locks",
            value=await median(lambda _: scan(replace(engine, memory=Memory()), files)),
            budget=5.0,
            unit="s",
        )
        yield Figure(what="  the largest solver process after them", value=max(resident(CHILD)), budget=400, unit="MB")


async def one_workspace(settings: ChannelSettings, locked: Locked, roots: tuple[str, ...]) -> AsyncIterator[Figure]:
    """Measure the updates of one large workspace with its lock, and how many packages each of them moves."""
    files = workspace(locked, roots)
    async with _engine(settings) as engine:
        began = time.perf_counter()
        report = await scan(engine, files)
        yield Figure(
            what=f"scan of that lock with {PINS} pins, which prepares {len(report.proposals)} pull requests",
            value=time.perf_counter() - began,
            budget=60.0,
            unit="s",
        )
        session = engine.pool.session()
        moved = [await _moved({**files, **_bytes(each)}, each, session, locked) for each in _shown(report)]
        ours, majors, plain, plain_majors, anew = (
            sum(counted) / len(moved) / len(SUBDIRS) for counted in zip(*moved, strict=True)
        )
        what = f"packages that one of {len(moved)} of them moves on a platform"
        yield Figure(what=f"  {what}", value=ours, unit="pkgs")
        yield Figure(what="    of them over a major", value=majors, unit="pkgs")
        yield Figure(what="    if nothing were kept near, and only what is locked preferred", value=plain, unit="pkgs")
        yield Figure(what="      of them over a major", value=plain_majors, unit="pkgs")
        yield Figure(what="    if what is locked were not preferred either", value=anew, unit="pkgs")


async def many_files(settings: ChannelSettings, locked: Locked, count: int) -> AsyncIterator[Figure]:
    """Measure a repository of *count* files that have no lock."""
    files = environments(locked, count)
    async with _engine(settings) as engine:
        scanner = engine.scanner(_now(), _quiet)
        counting = Counting(solver=scanner.solver)
        began = time.perf_counter()
        report = await replace(scanner, solver=counting).scan(files, {})
        yield Figure(
            what=f"scan of {count} files with {PINS} pins on {len(SUBDIRS)} platforms, without locks",
            value=time.perf_counter() - began,
            budget=15.0 * count,
            unit="s",
        )
        yield Figure(what=f"  solves for its {len(report.proposals)} pull requests", value=len(counting.asked), unit="")
        yield Figure(what="  this process after it", value=resident_of(os.getpid()), budget=600, unit="MB")


async def scan(engine: Engine, files: Mapping[str, bytes]) -> ScanReport:
    """Scan *files* as if their repository had no pull request."""
    return await engine.scanner(_now(), _quiet).scan(files, {})


def _shown(report: ScanReport) -> tuple[Proposal, ...]:
    """Return those that move something, a few of them."""
    return tuple(each for each in report.proposals if each.diffs)[:MOST_PROPOSALS]


def _bytes(proposal: Proposal) -> dict[str, bytes]:
    return {path: text.encode() for path, text in proposal.files.items()}


async def _moved(
    files: Mapping[str, bytes], proposal: Proposal, session: Solver, locked: Locked
) -> tuple[int, int, int, int, int]:
    """Count what *proposal* moves on all platforms, and over a major; the same for plain solves of its *files*.

    The first plain solves ask for its releases with the other locked records preferred, the last one with none.
    """
    manifest = manifests.extract("pixi.toml", files["pixi.toml"])
    if manifest is None:
        raise RuntimeError("the workspace of the benchmark is no manifest")
    specs = tuple(f"{each.name} {each.version_spec}" for each in manifest.dependencies)
    wanted = {each.name: f"{each.name} =={each.target.version}" for each in proposal.plan.updates}
    kept = {
        subdir: tuple(record for record in records if record.name not in wanted)
        for subdir, records in locked.solutions.items()
    }
    plain = await solve_everywhere(session, (*specs, *wanted.values()), kept)
    anew = await solve_everywhere(session, specs)
    changes = [change for diff in proposal.diffs for change in diff.changes]
    return (
        len(changes),
        sum(_is_major(each.old_version, each.new_version) for each in changes),
        sum(_differing(locked.solutions[subdir], plain[subdir]) for subdir in SUBDIRS),
        sum(_majors(locked.solutions[subdir], plain[subdir]) for subdir in SUBDIRS),
        sum(_differing(locked.solutions[subdir], anew[subdir]) for subdir in SUBDIRS),
    )


def _majors(before: tuple[Record, ...], after: tuple[Record, ...]) -> int:
    old, new = ({each.name: each.version for each in records} for records in (before, after))
    return sum(_is_major(old[name], new[name]) for name in old.keys() & new.keys())


def _is_major(old: str | None, new: str | None) -> bool:
    moved = old is not None and new is not None and is_newer(new, old)
    return moved and update_kind(old or "", new or "") is UpdateKind.MAJOR


def _differing(before: tuple[Record, ...], after: tuple[Record, ...]) -> int:
    old, new = ({each.name: each.url for each in records} for records in (before, after))
    return sum(old.get(name) != new.get(name) for name in old.keys() | new.keys())


@asynccontextmanager
async def _engine(settings: ChannelSettings) -> AsyncIterator[Engine]:
    async with open_engine(
        settings, PypiSettings(), egress=EgressPolicy(), policy=Policy(), processes=PROCESSES, environment={}
    ) as engine:
        yield engine


def _now() -> datetime:
    return SystemClock().now()


def _quiet(_: str) -> None:
    """Show nothing."""
