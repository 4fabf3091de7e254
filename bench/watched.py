"""A worker whose event loop is watched: it scans repositories of a GitHub on this machine, as `condabot worker` does.

`python -m bench.watched` reads a `Task` from stdin and prints a `Watched` for each repository, as a line of JSON.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from bot.children.bounds import MEBIBYTE, most_memory_held
from bot.composition.service import open_scan
from bot.composition.way import unguarded
from bot.github.auth import GitHubApp
from bot.jobs.report import Assignment, RunReport
from bot.jobs.scan import RepositoryScan
from bot.leaving import run_and_leave
from bot.settings import AppSettings, Settings
from bot.store.database import make_pool, server
from bot.store.migrate import migrate
from bot.store.repositories import InstalledRepository

TICK = 0.005


class Task(msgspec.Struct, kw_only=True):
    """Settings as variables, and the ids of an installation and of its repositories, which are scanned one by one."""

    variables: dict[str, str]
    installation: int
    repositories: list[int]


class Watched(msgspec.Struct, kw_only=True):
    """What came of a scan, and what the worker's loop was like meanwhile.

    `held` is the longest that the loop held up everything else, `busy` the processor time of this process in the worst
    such moment, both in seconds: what `held` has above `busy` is the machine's doing. `peak` is the most memory that
    this process has held so far, in MiB.
    """

    outcomes: list[str]
    seconds: float
    held: float
    busy: float
    peak: float


async def main(task: Task) -> None:
    """Scan, and print."""
    settings = Settings.from_env(task.variables)
    if settings.app is None:
        raise ValueError("the worker needs an App")
    with server(settings.database_url, settings.data_dir) as conninfo:
        migrate(conninfo)
        await _scan_all(task, settings, settings.app, conninfo)


async def _scan_all(task: Task, settings: Settings, app: AppSettings, conninfo: str) -> None:
    async with (
        make_pool(conninfo) as pool,
        open_scan(settings, app, unguarded(settings, {}), pool=pool) as scan,
    ):
        for repository in task.repositories:
            watched = await _watched(scan, task.installation, repository)
            print(msgspec.json.encode(watched).decode(), flush=True)


async def _watched(scan: RepositoryScan[GitHubApp], installation: int, repository: int) -> Watched:
    held, busy = [0.0], [0.0]
    watch = asyncio.create_task(_watch(held.append, busy.append))
    began = time.perf_counter()
    where = InstalledRepository(installation_id=installation, repository_id=repository)
    report: RunReport = await scan(Assignment(repository=where))
    seconds = time.perf_counter() - began
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch
    peak = most_memory_held() / MEBIBYTE
    return Watched(outcomes=list(report.outcomes), seconds=seconds, held=max(held), busy=max(busy), peak=peak)


async def _watch(held: Callable[[float], None], busy: Callable[[float], None]) -> None:
    while True:
        began, used = time.perf_counter(), time.process_time()
        await asyncio.sleep(TICK)
        held(time.perf_counter() - began - TICK)
        busy(time.process_time() - used)


if __name__ == "__main__":
    run_and_leave(lambda: asyncio.run(main(msgspec.json.decode(sys.stdin.buffer.read(), type=Task))))
