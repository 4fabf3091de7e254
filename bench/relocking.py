"""How long a person waits who asks for a relock: from the comment to the push that brings the lock in step.

The App is whole and real, on its stage: the comment comes as a webhook, is expanded and handed over, files are read
from GitHub, the merge is solved in child processes, and the branch is moved. What GitHub itself takes is not in it.

`python -m bench.relocking` does it on the sample workspace. With `--repository DIR --channel DIR` it does it on the
workspace in that folder: DIR/SUBDIR/repodata.json.zst is the channel that its manifest names. Somebody asks for one
package more there, `--adds NAME`.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.figures import Figure, head, verdict
from bench.ground import ground_in
from bot.config import PATHS
from bot.demo.channel import CONDA_FORGE, ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.github.model import PullRequest
from bot.demo.github.repository import Repository
from bot.demo.samples import sample_files
from bot.demo.stage import Scenery, Stage, open_stage
from bot.leaving import run_and_leave
from bot.updating.read.relevance import relevant_paths

BUDGET = 60
"""Seconds: "pushed within a minute"."""

RUNS = 3
MEANWHILE = {PATHS[0]: b"dependencyDashboardApproval: true\n"}
"""Nothing else is to be proposed."""

ADDED = "tqdm"

TABLE = re.compile(r"^\[dependencies\]\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What it is measured on: `adds` is the package that somebody asks for in addition."""

    name: str
    channel: ServedChannel
    files: Mapping[str, bytes]
    adds: str = ADDED


async def relocking(folder: Path, workspace: Workspace) -> AsyncIterator[Figure]:
    """Measure it on *workspace*."""
    files, adds = workspace.files, workspace.adds
    manifest = TABLE.sub(f'[dependencies]\n{adds} = "*"\n', files["pixi.toml"].decode(), count=1)
    async with open_stage(folder, Scenery(channel=DemoChannel(workspace.channel))) as stage:
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
    channel = ServedChannel.of("conda-forge", ChannelData.demo())
    return Workspace(name="the sample workspace", channel=channel, files={path: files[path] for path in read})


def in_folder(folder: Path, channel: ServedChannel, adds: str) -> Workspace:
    """Return the workspace whose files lie at the top of *folder*."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    return Workspace(name=folder.name, channel=channel, files=files, adds=adds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.relocking", description=__doc__)
    parser.add_argument("--repository", type=Path, metavar="DIR", help="a folder with a pixi.toml and its pixi.lock")
    parser.add_argument("--channel", type=Path, metavar="DIR", help="a channel as files: DIR/SUBDIR/repodata.json.zst")
    parser.add_argument("--canonical", default=CONDA_FORGE, help="what the manifest calls it")
    parser.add_argument("--adds", default=ADDED, metavar="NAME", help="the package that is asked for in addition")
    asked = parser.parse_args()
    if asked.repository and asked.channel:
        served = ServedChannel(path="conda-forge", data=ground_in(asked.channel).now, canonical=asked.canonical)
        chosen = in_folder(asked.repository, served, asked.adds)
    else:
        chosen = sample()
    run_and_leave(lambda: sys.exit(asyncio.run(main(chosen))))
