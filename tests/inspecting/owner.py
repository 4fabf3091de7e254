"""A process that has an inspector at work: it says the inspector's id and folder once a solve was asked for, and waits.

python -m tests.inspecting.owner CACHE MIRROR…
"""

import asyncio
import sys
from pathlib import Path

from bot.inspecting import Inspectors
from bot.settings import ChannelSettings, Mirror
from tests.inspecting.world import FILES, Unanswering, circumstances, read, supplies


async def main(cache: Path, mirrors: list[str]) -> None:
    solvers = Unanswering()
    channels = ChannelSettings(mirrors=tuple(map(Mirror.parse, mirrors)), cache_dir=cache)
    async with Inspectors(supplies(channels, solvers)) as inspectors, inspectors.open(7, 1) as inspection:
        await read(inspection, FILES)
        scanning = asyncio.create_task(inspection.scan(circumstances()))
        await solvers.asked.wait()
        [child] = inspectors._alive
        print(child.pid, child._folder, flush=True)  # noqa: T201 -- this is what it is for
        await scanning


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
