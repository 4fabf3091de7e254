"""Times what users wait for, on the demo channel and the demo's repositories, each beside its budget.

Every figure is the median of several runs in this one process, so ratios hold where the machine's speed does not.
Exits with 1 if one is above twice its budget. Nothing outside this machine is called.
"""

import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import rattler
from rattler.networking.middleware import MirrorMiddleware

from bot.clock import SystemClock
from bot.datasources.conda import CondaDatasource
from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel
from bot.demo.samples import sample_files
from bot.egress import EgressPolicy
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.planning.policy import Policy
from bot.settings import ChannelSettings, Mirror, PypiSettings
from bot.updating.engine import Engine, open_engine
from bot.updating.memory import Memory
from bot.updating.relevance import relevant_paths

RUNS = 5
NAMES = 50
PLATFORMS = (Subdir("linux-64"), Subdir("osx-arm64"), Subdir("win-64"))
FORGE = Channel(name="conda-forge", url="https://conda.anaconda.org/conda-forge")
TOO_MUCH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured figure beside its budget, both in the same unit."""

    what: str
    median: float
    budget: float
    unit: str

    @property
    def ratio(self) -> float:
        """How much of the budget is used; 1 is all of it."""
        return self.median / self.budget

    def __str__(self) -> str:
        numbers = f"{self.median:9.3f} {self.unit:2}  budget {self.budget:8.3f} {self.unit:2}"
        return f"{self.what:58} {numbers}  ratio {self.ratio:5.2f}"


async def main() -> int:
    """Measure everything, print it, and return the exit code."""
    figures = []
    async with DemoChannel() as channel:
        with tempfile.TemporaryDirectory() as folder:
            async for figure in _figures(channel, Path(folder)):
                print(figure, flush=True)
                figures.append(figure)
    over = [figure.what for figure in figures if figure.ratio > TOO_MUCH]
    print(f"above twice the budget: {', '.join(over)}" if over else "everything is below twice its budget")
    return 1 if over else 0


async def _figures(channel: DemoChannel, folder: Path) -> AsyncIterator[Figure]:
    mirrors = tuple(Mirror(canonical=name, url=url) for name, urls in channel.mirrors.items() for url in urls)
    settings = ChannelSettings(mirrors=mirrors, cache_dir=folder / "cache")
    names = _some_names()
    cold = await _median(
        lambda run: _look_up(ChannelSettings(mirrors=mirrors, cache_dir=folder / f"cold-{run}"), names)
    )
    yield Figure(what=f"lookup of {NAMES} names on 3 platforms, cold", median=cold, budget=0.5, unit="s")
    await _look_up(settings, names)
    warm = await _median(lambda _: _look_up(settings, names))
    yield Figure(what=f"lookup of {NAMES} names on 3 platforms, warm disk", median=warm, budget=0.05, unit="s")
    plain = await _median(lambda _: _plain_query(channel, folder / "cache", names))
    yield Figure(what="  beside: py-rattler's own query of the same", median=plain, budget=0.05, unit="s")
    yield Figure(what="import and start of the command line", median=_start(), budget=0.3, unit="s")
    async with _engine(settings) as engine:
        async for figure in _scans(engine):
            yield figure
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure(what="peak memory of this process", median=peak, budget=300, unit="MB")
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Figure(what="peak memory of the largest solver process", median=child, budget=400, unit="MB")


async def _scans(engine: Engine) -> AsyncIterator[Figure]:
    files = _files("pixi-workspace")
    report = await engine.scanner(_now(), _quiet).scan(files, {})
    unchanged = await _median(lambda _: _scan(engine, files))
    yield Figure(what="scan of an unchanged repository", median=unchanged, budget=0.5, unit="s")
    opening = await _median(lambda _: _scan(replace(engine, memory=Memory()), files))
    count = len(report.proposals)
    yield Figure(
        what=f"scan that prepares {count} pull requests with their locks", median=opening, budget=5.0, unit="s"
    )


async def _scan(engine: Engine, files: Mapping[str, bytes]) -> None:
    await engine.scanner(_now(), _quiet).scan(files, {})


async def _look_up(settings: ChannelSettings, names: list[PackageName]) -> None:
    await CondaDatasource(settings).releases([FORGE], PLATFORMS, names)


async def _plain_query(channel: DemoChannel, cache: Path, names: list[PackageName]) -> None:
    client = rattler.Client([MirrorMiddleware(channel.mirrors)])
    gateway = rattler.Gateway(cache_dir=cache, client=client)
    subdirs = [rattler.Subdir(each) for each in PLATFORMS]
    await gateway.query([rattler.Channel(FORGE.url)], [*subdirs, "noarch"], list(names), recursive=False)


@asynccontextmanager
async def _engine(settings: ChannelSettings) -> AsyncIterator[Engine]:
    async with open_engine(
        settings, PypiSettings(), egress=EgressPolicy(), policy=Policy(), processes=2, environment={}
    ) as engine:
        yield engine


def _some_names() -> list[PackageName]:
    """Return names spread evenly over all that the demo channel has."""
    names = sorted({record.name for records in ChannelData.demo().subdirs.values() for record in records})
    return [PackageName(name) for name in names[:: len(names) // NAMES][:NAMES]]


def _files(sample: str) -> dict[str, bytes]:
    files = sample_files(sample)
    return {path: files[path] for path in relevant_paths({path: len(content) for path, content in files.items()})}


def _start() -> float:
    """Time `condabot --version` as a process of its own."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bot", "--version"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


async def _median(measured: Callable[[int], Awaitable[None]]) -> float:
    seconds = []
    for run in range(RUNS):
        began = time.perf_counter()
        await measured(run)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def _now() -> datetime:
    return SystemClock().now().astimezone(UTC)


def _quiet(_: str) -> None:
    """Show nothing."""


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
