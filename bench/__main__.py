"""Times what users wait for, each figure beside its budget and beside what py-rattler alone takes.

Every figure is the median of several runs in this one process, so ratios hold where the machine's speed does not.
Exits with 1 if one is above twice its budget. Nothing outside this machine is called. `--channel DIR` measures on a
real channel instead of one that is made up. The figures are explained in docs/benchmarks.md.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from bench.figures import Figure, head, verdict
from bench.ground import ground_in, synthetic_ground
from bench.holding import holding
from bench.intake import intake
from bench.locks import locks
from bench.lookups import lookups, start
from bench.provenance import provenance
from bench.releases import REPOSITORIES, releases
from bench.relocking import relocking, sample
from bench.scanning import FILES, many_files, one_workspace, samples
from bench.solving import Bench
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.leaving import run_and_leave
from bot.settings import ChannelSettings, Mirror


async def main(channel: Path | None, files: int, simulated: int) -> int:
    """Measure everything, print it, and return the exit code."""
    figures = []
    print(head(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async for figure in _figures(Path(folder), channel, files, simulated):
            print(figure, flush=True)
            figures.append(figure)
    print(verdict(figures))
    return 1 if any(figure.is_too_much for figure in figures) else 0


async def _figures(folder: Path, channel: Path | None, files: int, simulated: int) -> AsyncIterator[Figure]:
    yield await start()
    async with DemoChannel() as demo:
        async for figure in lookups(demo, folder / "demo"):
            yield figure
        async for figure in samples(_settings(demo, folder / "demo")):
            yield figure
    async for figure in provenance(folder / "provenance"):
        yield figure
    async for figure in holding(folder / "holding"):
        yield figure
    async for figure in _service(folder, simulated):
        yield figure
    ground = synthetic_ground() if channel is None else ground_in(channel)
    served = ServedChannel.of("conda-forge", ground.then)
    async with DemoChannel(served) as server:
        settings = _settings(server, folder / "cache")
        bench = Bench(mirrors=server.mirrors, roots=ground.roots, folder=folder, settings=settings)
        then = await bench.then()
        served.replace(ground.now)
        async for figure in bench.figures(then):
            yield figure
        async for figure in one_workspace(settings, then.ours, ground.roots):
            yield figure
        async for figure in many_files(settings, then.ours, files):
            yield figure


async def _service(folder: Path, simulated: int) -> AsyncIterator[Figure]:
    """Measure what the App takes as a whole."""
    for measured in (relocking(folder / "relocking", sample()), intake(), releases(simulated), locks(simulated)):
        async for figure in measured:
            yield figure


def _settings(channel: DemoChannel, cache: Path) -> ChannelSettings:
    mirrors = tuple(Mirror(canonical=name, url=url) for name, urls in channel.mirrors.items() for url in urls)
    return ChannelSettings(mirrors=mirrors, cache_dir=cache)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--channel", type=Path, metavar="DIR", help="a channel as files: DIR/SUBDIR/repodata.json.zst")
    parser.add_argument("--files", type=int, default=FILES, metavar="N", help="files without a lock (%(default)s)")
    parser.add_argument(
        "--simulated", type=int, default=REPOSITORIES, metavar="N", help="repositories in a database (%(default)s)"
    )
    options = parser.parse_args()
    run_and_leave(lambda: sys.exit(asyncio.run(main(options.channel, options.files, options.simulated))))
