"""What a poll of the channels costs, and how soon a release is wanted, with many repositories in a real PostgreSQL.

`python -m bench.releases 1000000` fills a database of its own with so many and prints the figures as a table; they are
measured in a process of their own, so that the memory is that of a coordinator and of nothing else.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from bench.figures import Figure, head
from bench.measuring import RUNS, median
from bench.simulated import CHANNEL, NAMES, NUMPY, SUBDIRS, SimulatedChannel, fill, touched, who_asks
from bot.children.bounds import MEBIBYTE, most_memory_held
from bot.datasources.channel_hashes import ChannelHashes
from bot.jobs.watch import POLL, Watched, watch_channels
from bot.leaving import run_and_leave
from bot.settings import ChannelSettings, Mirror
from bot.store.database import make_pool
from bot.store.embedded import embedded_postgres
from bot.store.migrate import migrate
from bot.store.names import ChannelName, remember_names

REPOSITORIES = 10_000
RARE = NAMES * 2 // 3
"""The rank of a name that one repository of 5,000 asks for."""

STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll: what it came to, its seconds and those of this process's processor, the rows that it wrote and read."""

    watched: Watched
    seconds: float
    processor: float
    written: int
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinator:
    """Polls as a coordinator does."""

    conninfo: str
    channels: ChannelHashes

    async def poll(self) -> Poll:
        """Poll once. Connections are closed in between: PostgreSQL counts rows when they are."""
        written, read = touched(self.conninfo)
        async with make_pool(self.conninfo) as pool:
            await pool.wait()
            began, busy = time.perf_counter(), time.process_time()
            watched = await watch_channels(pool, self.channels)
            seconds, processor = time.perf_counter() - began, time.process_time() - busy
        now_written, now_read = touched(self.conninfo)
        return Poll(
            watched=watched, seconds=seconds, processor=processor, written=now_written - written, read=now_read - read
        )


async def releases(repositories: int) -> AsyncIterator[Figure]:
    """Measure in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.releases", "--json", str(repositories), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    async for line in process.stdout:
        yield msgspec.json.decode(line, type=Figure)
    assert await process.wait() == 0


async def measure(repositories: int) -> AsyncIterator[Figure]:
    """Measure with so many *repositories*."""
    with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder), at_end="delete") as conninfo:
        migrate(conninfo)
        await asyncio.to_thread(fill, conninfo, repositories)
        async with SimulatedChannel() as server, _coordinator(conninfo, server.url, Path(folder)) as coordinator:
            async for figure in _figures(coordinator, server, f"{repositories:,} repositories"):
                yield figure


async def _figures(coordinator: Coordinator, server: SimulatedChannel, of: str) -> AsyncIterator[Figure]:
    first = await coordinator.poll()
    assert not first.watched.woken
    yield Figure(what=f"{of}: the first poll, a baseline", value=first.seconds, budget=10, unit="s")
    for figure in _of_poll(await _middle(coordinator, RUNS), f"{of}: a quiet poll", seconds=0.2, rows=0):
        yield figure

    server.release("linux-64", [f"name-{RARE}"])
    rare = await coordinator.poll()
    for figure in _of_poll(rare, f"{of}: a poll that finds a rare release", seconds=2):
        yield figure

    server.release("linux-64", [f"name-{NUMPY}"])
    found = await coordinator.poll()
    for figure in _of_poll(found, f"{of}: a poll that finds numpy's", seconds=10):
        yield figure
    for figure in _of_poll(await _middle(coordinator, STEPS), f"{of}: a later poll of its wave", seconds=10):
        yield figure
    asking = who_asks(coordinator.conninfo, NUMPY)
    polls = max(asking / max(found.watched.woken, 1), 1)
    yield Figure(what="time until its wave is through", value=polls * POLL.total_seconds() / 3600, unit="h")
    yield await _remembered(coordinator.conninfo, f"{of}: a scan remembers the names that it knew", new=0)
    yield await _remembered(coordinator.conninfo, f"{of}: one name more", new=1)
    peak = most_memory_held() / MEBIBYTE
    yield Figure(what="the most memory of the process, with the channel", value=peak, budget=200, unit="MiB")


async def _remembered(conninfo: str, what: str, *, new: int) -> Figure:
    """Measure what a scan writes that asks for 30 names, and each time for *new* others."""
    async with make_pool(conninfo) as pool, pool.connection() as connection:

        async def remember(run: int) -> None:
            ranks = range(RARE + new * run, RARE + new * run + 30)
            names = [ChannelName(channel=CHANNEL, name=f"name-{rank}") for rank in ranks]
            await remember_names(connection, 1, names, SUBDIRS)
            await connection.commit()

        await remember(0)
        return Figure(what=what, value=await median(lambda run: remember(run + 1), RUNS * 3), budget=0.05, unit="s")


async def _middle(coordinator: Coordinator, runs: int) -> Poll:
    """Poll *runs* times and return the poll of the median time."""
    polls = [await coordinator.poll() for _ in range(runs)]
    return sorted(polls, key=lambda poll: poll.seconds)[runs // 2]


def _of_poll(poll: Poll, what: str, *, seconds: float, rows: float | None = None) -> Iterable[Figure]:
    woken = f" (wanted: {poll.watched.woken:,})" if poll.watched.woken else ""
    yield Figure(what=f"{what}{woken}", value=poll.seconds, budget=seconds, unit="s")
    yield Figure(what="  processor time of the process in it", value=poll.processor, unit="s")
    yield Figure(what="  rows written", value=poll.written, budget=rows, unit="rows")
    yield Figure(what="  rows read", value=poll.read, unit="rows")


@asynccontextmanager
async def _coordinator(conninfo: str, url: str, folder: Path) -> AsyncIterator[Coordinator]:
    settings = ChannelSettings(mirrors=(Mirror(canonical=CHANNEL, url=url),), cache_dir=folder / "cache")
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Coordinator(conninfo=conninfo, channels=ChannelHashes(http, settings, check_url=lambda _: None))


async def _main(repositories: int, *, as_json: bool) -> None:
    if not as_json:
        print(head(), flush=True)
    async for figure in measure(repositories):
        print(msgspec.json.encode(figure).decode() if as_json else figure, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.releases", description=__doc__)
    parser.add_argument("repositories", type=int, nargs="?", default=REPOSITORIES)
    parser.add_argument("--json", action="store_true", help="a figure a line, for `python -m bench`")
    options = parser.parse_args()
    run_and_leave(lambda: asyncio.run(_main(options.repositories, as_json=options.json)))
