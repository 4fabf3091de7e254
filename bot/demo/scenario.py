"""What `condabot demo` plays on the stage: sample repositories, the App installed on them, what it opens."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.github.model import PullRequest
from bot.demo.github.repository import Repository
from bot.demo.samples import NAMES, sample_files
from bot.demo.stage import Scenery, Stage, open_stage
from bot.jobs.calm import Calm
from bot.model.schedule import Schedule

OWNER = "acme"
DEMO = Calm(limit_at_first=2, schedule=Schedule())
"""As calm as in a repository that is known for a week, on a Monday morning."""
FOLDED = re.compile(r"<details><summary>(.*?)</summary>.*?</details>", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPull:
    """A pull request as the demo shows it; `files` maps paths to their text before and after."""

    repository: Repository
    pull: PullRequest
    files: dict[str, tuple[str, str]]

    @property
    def shown_body(self) -> str:
        """The body with what is folded on GitHub folded to its heading."""
        return COMMENT.sub("", FOLDED.sub(r"*\1 (folded)*", self.pull.body or "")).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The stage after the play, and the repositories on it."""

    stage: Stage
    repositories: tuple[Repository, ...]


@asynccontextmanager
async def play(root: Path, progress: Callable[[str], None], *, github_port: int = 0) -> AsyncIterator[Played]:
    """Build the stage, install the App on the samples, wait until it is done; the stage stands until the end."""
    progress("starting a channel, a GitHub and a PostgreSQL on localhost")
    async with open_stage(root, Scenery(calm=DEMO), github_port=github_port) as stage:
        github = stage.github
        repositories = tuple(github.create_repository(f"{OWNER}/{name}", sample_files(name)) for name in NAMES)
        progress(f"installing the App on {len(repositories)} repositories")
        await github.install(OWNER, repositories)
        watching = asyncio.create_task(_watch(repositories, progress))
        try:
            await stage.idle()
        finally:
            watching.cancel()
        yield Played(stage=stage, repositories=repositories)


def opened(repositories: Iterable[Repository]) -> tuple[OpenedPull, ...]:
    """Return every pull request of *repositories*, in their order and by number."""
    return tuple(
        OpenedPull(repository=each, pull=pull, files=_files(each, pull))
        for each in repositories
        for pull in each.pulls.values()
    )


async def _watch(repositories: Sequence[Repository], progress: Callable[[str], None]) -> None:
    while True:
        count = sum(len(each.pulls) for each in repositories)
        progress(f"the bot solves every environment on every platform; {count} pull requests so far")
        await asyncio.sleep(0.2)


def _files(repository: Repository, pull: PullRequest) -> dict[str, tuple[str, str]]:
    before, after = repository.tree(pull.base_sha), repository.tree(pull.head_sha)
    changed = sorted(path for path in after if after[path] != before.get(path))
    return {path: (_text(repository, pull.base_sha, path), _text(repository, pull.head_sha, path)) for path in changed}


def _text(repository: Repository, ref: str, path: str) -> str:
    return repository.read(ref, path).decode()
