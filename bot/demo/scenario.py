"""What `condabot demo` plays on the stage: sample repositories, the App installed on them, what it opens."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bot.demo.github.model import PullRequest
from bot.demo.github.repository import Repository
from bot.demo.mapping import DemoMapping
from bot.demo.our_tool import COMMAND, REPOSITORY, demo_channels, repository_files
from bot.demo.packed import run_packed
from bot.demo.samples import NAMES, sample_files
from bot.demo.stage import Scenery, Stage, open_stage
from bot.jobs.calm import Calm
from bot.model.schedule import Schedule
from bot.rendering.sizes import counted

OWNER = "acme"
CONFIGURED = {".github/condabot.yml": b"# condabot is welcome here, as it is.\n"}
NEW, LIKE = "just-installed", "conda-analysis"
"""A repository without a configuration, in which condabot asks first, and the sample that it is a copy of."""
DEMO = Calm(limit_at_first=2, schedule=Schedule())
"""As calm as in a repository that is known for a week, on a Monday morning."""
ADVISORIES = Path(__file__).parent / "advisories"
ON_PYPI = {"urllib3": ["urllib3"]}
"""What there are advisories about, and what it is called on PyPI."""
FOLDED = re.compile(r"<details><summary>(.*?)</summary>.*?</details>", re.DOTALL)
_LOOK_AGAIN = 1.0
_PATIENCE = 2.0
"""Seconds after which something is heard first."""
_SLOWER = 3
"""So much later again each time: a demo is not to scroll away where a machine is slow."""

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
ENDING = re.compile(r"^---$.*", re.MULTILINE | re.DOTALL)
"""What each body ends with: what closing means, and who made it."""

Progress: TypeAlias = Callable[[str], None]
"""Told of each thing that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPull:
    """A pull request as the demo shows it; `files` maps paths to their text before and after."""

    repository: Repository
    pull: PullRequest
    files: dict[str, tuple[str, str]]

    @property
    def name(self) -> str:
        """What people call it: `acme/held-back#1`."""
        return f"{self.repository.full_name}#{self.pull.number}"

    @property
    def shown_body(self) -> str:
        """The body with what is folded on GitHub folded to its heading, without what all of them end with."""
        return ENDING.sub("", COMMENT.sub("", FOLDED.sub(r"*\1 (folded)*", self.pull.body or ""))).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The stage, and the repositories on it."""

    stage: Stage
    repositories: tuple[Repository, ...]

    async def install(self, progress: Progress, step: Progress = lambda _: None) -> None:
        """Install the App on the repositories, and wait until it is done; *step* is told how far it is."""
        progress(f"installing the App on {len(self.repositories)} repositories")
        await self.stage.github.install(OWNER, self.repositories)
        progress("every environment is solved on every platform, and what solves is proposed")
        watching = asyncio.create_task(_watch(self.repositories, progress, step))
        try:
            await self.stage.idle()
        finally:
            watching.cancel()

    def url(self, opened_pull: "OpenedPull") -> str:
        """Return where a pull request is to be seen, as long as the stage stands."""
        return f"{self.stage.github.url}/{opened_pull.name.replace('#', '/pull/')}"

    async def run_packed(self, pull: "OpenedPull", folder: Path, progress: Progress) -> str | None:
        """Pack the environment that *pull* locks, unpack it in *folder* and return what its command says.

        None where what packs is not installed.
        """
        lock, channels = pull.files["pixi.lock"][1], self.stage.settings.channels
        return await run_packed(lock, COMMAND, settings=channels, folder=folder, progress=progress)

    def reports(self) -> Iterable[tuple[Repository, str]]:
        """Yield each repository with what the App says beside the head of its default branch: how much waits."""
        for each in self.repositories:
            head = each.head(each.default_branch)
            said = [run.output.get("title") or "" for run in each.check_runs.values() if run.head_sha == head]
            yield each, (said[-1] if said else "")


@asynccontextmanager
async def set_up(root: Path, *, github_port: int = 0) -> AsyncIterator[Played]:
    """Build the stage with the sample repositories, before the App is installed; it stands until the end."""
    scenery = Scenery(channel=demo_channels(), calm=DEMO, mapping=DemoMapping(by_name=ON_PYPI), advisories=ADVISORIES)
    async with open_stage(root, scenery, github_port=github_port) as stage:
        github = stage.github
        files = {
            **{name: sample_files(name) | CONFIGURED for name in NAMES},
            REPOSITORY: repository_files(),
            NEW: sample_files(LIKE),
        }
        yield Played(
            stage=stage,
            repositories=tuple(github.create_repository(f"{OWNER}/{name}", each) for name, each in files.items()),
        )


@asynccontextmanager
async def play(root: Path, progress: Progress) -> AsyncIterator[Played]:
    """Have it all played; the stage stands until the end."""
    async with set_up(root) as played:
        await played.install(progress)
        yield played


def opened(repositories: Iterable[Repository]) -> tuple[OpenedPull, ...]:
    """Return every pull request of *repositories*, in their order and by number."""
    return tuple(
        OpenedPull(repository=each, pull=pull, files=_files(each, pull))
        for each in repositories
        for pull in each.pulls.values()
    )


async def _watch(repositories: Sequence[Repository], progress: Progress, step: Progress) -> None:
    """Tell *step* each second how far it is, and *progress* ever more rarely."""
    quiet, patience = 0.0, _PATIENCE
    while True:
        await asyncio.sleep(_LOOK_AGAIN)
        quiet += _LOOK_AGAIN
        count = sum(len(each.pulls) for each in repositories)
        seen = sum(bool(each.pulls or each.check_runs) for each in repositories)
        words = f"{seen} of {len(repositories)} repositories looked at, {counted(count, 'pull request')} so far"
        step(words)
        if quiet >= patience:
            quiet, patience = 0.0, _SLOWER * patience
            progress(words)


def _files(repository: Repository, pull: PullRequest) -> dict[str, tuple[str, str]]:
    before, after = repository.tree(pull.base_sha), repository.tree(pull.head_sha)
    changed = sorted(path for path in after if after[path] != before.get(path))
    return {
        path: (repository.read(pull.base_sha, path).decode() if path in before else "", _text(repository, pull, path))
        for path in changed
    }


def _text(repository: Repository, pull: PullRequest, path: str) -> str:
    return repository.read(pull.head_sha, path).decode()
