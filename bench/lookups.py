"""Lookups of names in a slice of conda-forge, and the start of the command line."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from bench.figures import Figure
from bench.floor import Floor
from bench.measuring import median
from bot.datasources.conda import CondaDatasource
from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.settings import ChannelSettings, Mirror

NAMES = 50
PLATFORMS = (Subdir("linux-64"), Subdir("osx-arm64"), Subdir("win-64"))
FORGE = Channel(name="conda-forge", url="https://conda.anaconda.org/conda-forge")


async def lookups(channel: DemoChannel, cache: Path) -> AsyncIterator[Figure]:
    """Measure lookups in *channel*, cold and with what is in *cache*."""
    names = _some_names()
    what = f"lookup of {NAMES} names on {len(PLATFORMS)} platforms"

    async def look_up(folder: Path) -> None:
        settings = ChannelSettings(mirrors=_mirrors(channel), cache_dir=folder)
        await CondaDatasource(settings).releases([FORGE], PLATFORMS, names)

    async def query(folder: Path) -> None:
        await Floor(channel.mirrors, folder).query(names, PLATFORMS)

    yield Figure(
        what=f"{what}, empty cache",
        value=await median(lambda run: look_up(cache.with_name(f"ours-{run}"))),
        floor=await median(lambda run: query(cache.with_name(f"plain-{run}"))),
        budget=0.5,
        unit="s",
    )
    await look_up(cache)
    yield Figure(
        what=f"{what}, warm",
        value=await median(lambda _: look_up(cache)),
        floor=await median(lambda _: query(cache)),
        budget=0.05,
        unit="s",
    )


async def start() -> Figure:
    """Measure `condabot --version` as a process of its own."""

    async def run(_: int) -> None:
        subprocess.run([sys.executable, "-m", "bot", "--version"], check=True, capture_output=True)  # noqa: ASYNC221 -- alone

    return Figure(what="import and start of the command line", value=await median(run), budget=0.3, unit="s")


def _mirrors(channel: DemoChannel) -> tuple[Mirror, ...]:
    return tuple(Mirror(canonical=name, url=url) for name, urls in channel.mirrors.items() for url in urls)


def _some_names() -> list[PackageName]:
    """Return names spread evenly over all that the demo channel has."""
    names = sorted({record.name for records in ChannelData.demo().subdirs.values() for record in records})
    return [PackageName(name) for name in names[:: len(names) // NAMES][:NAMES]]
