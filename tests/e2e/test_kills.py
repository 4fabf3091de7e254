"""A worker that is killed after any of its writes ends, once it is started again, where an undisturbed one ends."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.github.repository import Repository
from bot.demo.stage import Scenery, Stage, open_stage
from bot.settings import Settings
from tests.e2e.conftest import ENVIRONMENT_YML, SMALL

WRITES_OF_A_CALM_RUN = 10
"""For each of two pull requests: tree, commit, branch, check run, pull request."""


@pytest.fixture
async def stage(tmp_path: Path, database: str) -> AsyncIterator[Stage]:
    channel = DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*SMALL)))
    async with open_stage(tmp_path, Scenery(channel=channel, database_url=database), works=False) as stage:
        yield stage
        assert stage.github.violations == []


@pytest.mark.verify
@pytest.mark.interrupted
async def test_a_worker_killed_after_any_write_ends_in_the_same_pull_requests(stage: Stage) -> None:
    calm = await _installed(stage, "acme/calm")
    async with _worker(stage):
        await stage.idle()

    for nth in range(1, WRITES_OF_A_CALM_RUN + 1):
        disturbed = await _installed(stage, f"acme/killed-after-{nth}")
        await _work_and_be_killed(stage, after=nth)
        async with _worker(stage):
            await stage.idle()
        assert _state(disturbed) == _state(calm), f"killed after write {nth}"


@pytest.mark.verify
@pytest.mark.interrupted
async def test_a_worker_killed_after_it_said_something_says_it_once(stage: Stage) -> None:
    repository = await _installed(stage, "acme/looked-at")
    async with _worker(stage):
        await stage.idle()
    person = stage.github.acting_as("alice")
    await person.commit(repository, "topic", {"environment.yml": ENVIRONMENT_YML.replace("alpha=1.0", "alpha=1.1")})
    pull = await person.open_pull_request(repository, title="A change", head="topic")

    await _work_and_be_killed(stage, after=1)
    async with _worker(stage):
        await stage.idle()

    said = [each for each in repository.check_runs.values() if each.head_sha == pull.head_sha]
    assert [(each.external_id, each.conclusion) for each in said] == [("look", "success")]


async def _installed(stage: Stage, name: str) -> Repository:
    repository = stage.github.create_repository(name, {"environment.yml": ENVIRONMENT_YML})
    await stage.github.install(repository.owner.login, [repository])
    return repository


def _state(repository: Repository) -> Mapping[str, object]:
    """What people see: the pull requests, and the files on every branch."""
    return {
        "pulls": sorted((pull.title, pull.head, pull.state) for pull in repository.pulls.values()),
        "branches": {branch: repository.tree(branch) for branch in repository.branches()},
    }


async def _work_and_be_killed(stage: Stage, *, after: int) -> None:
    async with _worker(stage) as worker:
        written = 0

        def kill(_: int, __: str, ___: str) -> None:
            nonlocal written
            written += 1
            if written == after:
                stage.github.after_write = None
                os.kill(worker.pid, signal.SIGKILL)

        stage.github.after_write = kill
        assert await worker.wait() == -signal.SIGKILL


@asynccontextmanager
async def _worker(stage: Stage) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = _environment(stage.settings, stage.conninfo)
    worker = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "worker", env=environment)
    try:
        yield worker
    finally:
        if worker.returncode is None:
            worker.terminate()
            await worker.wait()


def _environment(settings: Settings, conninfo: str) -> dict[str, str]:
    """The settings as an operator gives them to a process."""
    app = settings.app
    assert app is not None
    return {
        "PATH": os.defpath,
        "CONDABOT_APP_ID": app.app_id,
        "CONDABOT_PRIVATE_KEY": app.private_key,
        "CONDABOT_WEBHOOK_SECRET": app.webhook_secrets[0],
        "CONDABOT_GITHUB_API": app.github_api,
        "CONDABOT_MIRRORS": " ".join(f"{each.canonical}={each.url}" for each in settings.channels.mirrors),
        "CONDABOT_CACHE_DIR": str(settings.channels.cache_dir),
        "CONDABOT_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": conninfo,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
