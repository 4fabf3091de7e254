"""How long a person waits who asks for a relock: from the comment to the push that brings the lock in step.

The App is whole and real, on its stage: the comment comes as a webhook, is expanded and handed over, files are read
from GitHub, the merge is solved in child processes, and the branch is moved. What GitHub itself takes is not in it.

`python -m bench.relocking` does it on the sample workspace. With `--repository DIR --channels OUT` it does it on the
workspace in that folder, with its channels by host, as `fixtures.run_real` has them:
OUT/conda.anaconda.org/conda-forge/SUBDIR/repodata.json. Somebody asks for one package more there, `--adds NAME`, in the
table `--table NAME` of its manifest.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from aiohttp import web

from bench.figures import Figure, head, verdict
from bot.config import PATHS
from bot.demo.channel.server import DemoChannel
from bot.demo.github.model import PullRequest
from bot.demo.github.repository import Repository
from bot.demo.localhost import LocalServer
from bot.demo.samples import sample_files
from bot.demo.stage import Scenery, Stage, open_stage
from bot.egress import default_index_url
from bot.leaving import run_and_leave
from bot.updating.read.relevance import relevant_paths
from fixtures.surroundings import INDEX_URL

BUDGET = 60
"""Seconds: "pushed within a minute"."""

RUNS = 3
MEANWHILE = {PATHS[0]: b"dependencyDashboardApproval: true\n"}
"""Nothing else is to be proposed."""

ADDED = "tqdm"

TABLE = "dependencies"


class ChannelFolder(DemoChannel):
    """The channels in a folder, by host, on localhost."""

    def __init__(self, folder: Path) -> None:
        self._hosts = sorted(each.name for each in folder.iterdir())
        application = web.Application()
        application.router.add_static("/", folder)
        LocalServer.__init__(self, application)

    @property
    def mirrors(self) -> dict[str, list[str]]:
        """Every host that has channels, on localhost."""
        return {f"https://{host}": [f"{self.url}/{host}"] for host in self._hosts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What it is measured on: `adds` is the package that is asked for in addition, in a `table` of the manifest."""

    name: str
    channel: DemoChannel
    files: Mapping[str, bytes]
    adds: str = ADDED
    table: str = TABLE


async def relocking(folder: Path, workspace: Workspace) -> AsyncIterator[Figure]:
    """Measure it on *workspace*."""
    files, adds = workspace.files, workspace.adds
    header = f"[{workspace.table}]\n"
    manifest = files["pixi.toml"].decode().replace(header, f'{header}{adds} = "*"\n', 1)
    async with open_stage(folder, Scenery(channel=workspace.channel)) as stage:
        repository = stage.github.create_repository("acme/app", {**files, **MEANWHILE})
        repository.collaborators["ada"] = "write"
        await stage.github.install("acme", [repository])
        await stage.idle()
        pulls = [await _proposed(stage, repository, manifest, number) for number in range(RUNS)]
        size = len(files["pixi.lock"]) / 1_000_000
        yield Figure(
            what=f"relock of {workspace.name}, a lock of {size:.1f} MB: from the comment to the push",
            value=median([await _relocked(stage, repository, each) for each in pulls]),
            budget=BUDGET,
            unit="s",
        )


async def _proposed(stage: Stage, repository: Repository, manifest: str, number: int) -> PullRequest:
    """A person asks for one package more and leaves the lock as it is."""
    ada = stage.github.acting_as("ada")
    await ada.commit(repository, f"more-{number}", {"pixi.toml": manifest})
    pull = await ada.open_pull_request(repository, title="One more", head=f"more-{number}")
    await stage.idle()
    return pull


async def _relocked(stage: Stage, repository: Repository, pull: PullRequest) -> float:
    """Return how many seconds after the comment the branch moves."""
    before, moved = pull.head_sha, list[float]()

    def note(_: int, __: str, ___: str) -> None:
        if pull.head_sha != before and not moved:
            moved.append(time.perf_counter())

    stage.github.after_write = note
    began = time.perf_counter()
    await stage.github.acting_as("ada").comment(repository, pull.number, "/condabot relock")
    await stage.idle()
    if not moved:
        raise RuntimeError(pull.comments[-1].body)
    return moved[0] - began


async def main(workspace: Workspace) -> int:
    """Measure, print it, and return the exit code."""
    figures = []
    print(head(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async for figure in relocking(Path(folder), workspace):
            print(figure, flush=True)
            figures.append(figure)
    print(verdict(figures))
    return 1 if any(figure.is_too_much for figure in figures) else 0


def sample() -> Workspace:
    """Return the sample workspace on the slice of conda-forge that comes with it."""
    files = sample_files("pixi-workspace")
    read = relevant_paths({path: len(content) for path, content in files.items()})
    return Workspace(name="the sample workspace", channel=DemoChannel(), files={path: files[path] for path in read})


def in_folder(folder: Path, channels: Path, adds: str, table: str) -> Workspace:
    """Return the workspace whose files lie at the top of *folder*; its lock names PyPI by what stands for it there."""
    usual = default_index_url().rstrip("/").encode()
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    files = {name: content.replace(INDEX_URL.encode(), usual) for name, content in files.items()}
    return Workspace(name=folder.name, channel=ChannelFolder(channels), files=files, adds=adds, table=table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.relocking", description=__doc__)
    parser.add_argument("--repository", type=Path, metavar="DIR", help="a folder with a pixi.toml and its pixi.lock")
    parser.add_argument(
        "--channels", type=Path, metavar="OUT", help="the channels by host, as fixtures.run_real has them"
    )
    parser.add_argument("--adds", default=ADDED, metavar="NAME", help="the package that is asked for in addition")
    parser.add_argument("--table", default=TABLE, metavar="NAME", help="the table of the manifest in which it is")
    asked = parser.parse_args()
    chosen = (
        in_folder(asked.repository, asked.channels, asked.adds, asked.table)
        if asked.repository and asked.channels
        else sample()
    )
    run_and_leave(lambda: sys.exit(asyncio.run(main(chosen))))
