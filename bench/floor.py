"""The floor: the same environments solved by py-rattler alone, with nothing of the bot.

`python -m bench.floor MIRRORS CACHE ROOT…` does it in a process of its own and prints what that holds in memory then,
in MiB; MIRRORS is JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import rattler
from rattler.networking.middleware import MirrorMiddleware

from bench.ground import SUBDIRS, request
from bench.measuring import resident_of
from bot.demo.channel.records import CONDA_FORGE
from bot.leaving import run_and_leave
from bot.model.manifest import Subdir

Solved = Mapping[Subdir, list[rattler.RepoDataRecord]]


class Floor:
    """A Gateway that has seen nothing yet, on a cache that may have."""

    def __init__(self, mirrors: Mapping[str, list[str]], cache: Path) -> None:
        client = rattler.Client([MirrorMiddleware(dict(mirrors))])
        self._gateway = rattler.Gateway(cache_dir=cache, client=client)

    async def query(self, names: Sequence[str], platforms: Sequence[Subdir]) -> None:
        """Ask for all records of *names* on *platforms*."""
        subdirs = [rattler.Subdir(each) for each in (*platforms, "noarch")]
        await self._gateway.query([rattler.Channel(CONDA_FORGE)], subdirs, list(names), recursive=False)

    async def solve(self, roots: tuple[str, ...], locked: Solved | None = None) -> Solved:
        """Solve *roots* on every platform, all at once, with *locked* preferred."""
        found = await asyncio.gather(
            *(self._solve(roots, subdir, (locked or {}).get(subdir, [])) for subdir in SUBDIRS)
        )
        return dict(zip(SUBDIRS, found, strict=True))

    async def _solve(
        self, roots: tuple[str, ...], subdir: Subdir, locked: list[rattler.RepoDataRecord]
    ) -> list[rattler.RepoDataRecord]:
        asked = request(roots, subdir)
        return await rattler.solve(
            [rattler.Channel(CONDA_FORGE)],
            [rattler.MatchSpec(spec) for spec in asked.specs],
            gateway=self._gateway,
            platforms=[rattler.Subdir(subdir), rattler.Subdir("noarch")],
            locked_packages=locked,
            virtual_packages=[
                rattler.GenericVirtualPackage(
                    rattler.PackageName(each.name), rattler.Version(each.version), rattler.BuildString(each.build)
                )
                for each in asked.virtual_packages
            ],
        )


def main(mirrors: str, cache: str, *roots: str) -> None:
    """Solve, and print what it took."""
    floor = Floor(json.loads(mirrors), Path(cache))
    solved = asyncio.run(floor.solve(roots))
    print(resident_of(os.getpid()), len(solved))


if __name__ == "__main__":
    run_and_leave(lambda: main(*sys.argv[1:]))
