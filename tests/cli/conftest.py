"""`condabot` in this process, as a person calls it, on a checkout and a channel of the test."""

import asyncio
import contextlib
import io
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.clock import SystemClock
from bot.demo.channel import CONDA_FORGE, ChannelData, DemoChannel, ServedChannel, record
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.stage import APP_ID, Keys

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SMALL = (
    record("alpha", "1.0"),
    record("alpha", "1.1"),
    record("alpha", "2.0", depends=["core >=2"]),
    record("beta", "1.0", depends=["core <2"]),
    record("beta", "1.1", depends=["core <2"]),
    record("core", "1.0"),
    record("core", "2.0"),
    record("tool", "1.0", subdir="linux-64"),
)
ENVIRONMENT_YML = """\
name: small
channels:
  - conda-forge
platforms: [linux-64]
dependencies:
  - alpha=1.0  # first
  - core >=1.0
"""


BETA = ENVIRONMENT_YML.replace("alpha=1.0", "beta=1.0").replace("  - core >=1.0\n", "")
TITLE = "Update beta from 1.0 to 1.1"
"""What is to be updated where the file is `BETA`."""

NEEDED = {"contents": "write", "pull_requests": "write"}


class FixedClock:
    """It is always the same moment."""

    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condabot:
    """Runs a command in the folder `root`; `channel` is where it finds conda-forge."""

    root: Path
    channel: DemoChannel

    async def __call__(self, command: str, *options: str) -> Ended:
        mirror = f"{CONDA_FORGE}={self.channel.url}/conda-forge"
        return await asyncio.to_thread(run, command, str(self.root), "--mirror", mirror, *options)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for path, content in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }


def run(*arguments: str) -> Ended:
    """Call `condabot` with *arguments*."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["condabot", *arguments])
        stdout, stderr = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            code = _exit_code_of_main()
    return Ended(code=code, stdout=stdout.getvalue(), stderr=stderr.getvalue())


def _exit_code_of_main() -> int:
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person who runs the tests: a cache of the test's own, and wide lines."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "CONDABOT_MIRRORS", "CONDABOT_APP_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONDABOT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "220")
    for module in ("check", "local", "locked", "results"):
        monkeypatch.setattr(f"bot.cli.{module}.SystemClock", FixedClock)


@pytest.fixture
async def condabot(tmp_path: Path, environment: None) -> AsyncIterator[Condabot]:
    """On a small channel, in a checkout with one environment.yml."""
    del environment
    async with DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*SMALL))) as channel:
        found = Condabot(root=tmp_path / "checkout", channel=channel)
        found.write({"environment.yml": ENVIRONMENT_YML})
        yield found


@dataclass(frozen=True, slots=True, kw_only=True)
class AtGitHub:
    """Runs `condabot run` on `repository`, as a runner does."""

    github: FakeGitHub
    repository: Repository
    environment: pytest.MonkeyPatch

    async def __call__(self, *options: str, **variables: str) -> Ended:
        for name, value in variables.items():
            self.environment.setenv(name, value)
        return await asyncio.to_thread(run, "run", *options)

    def runner(self, permissions: Mapping[str, str] = NEEDED) -> str:
        return self.github.runner_token(self.repository, permissions)

    def content(self, branch: str) -> bytes:
        git, tip = self.repository.git, str(self.repository.head(branch))
        return git.blob(git.entry(tip, "environment.yml").oid)

    def pushed(self, remark: str) -> None:
        text = BETA.replace("# first", f"# first, {remark}")
        self.repository.commit("main", {"environment.yml": text}, message="A person's commit")

    @property
    def writes(self) -> list[str]:
        return [each.operation for each in self.github.requests if each.is_write]


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys.generate()


@pytest.fixture
async def world(
    tmp_path: Path, keys: Keys, condabot: Condabot, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AtGitHub]:
    github = FakeGitHub(
        tmp_path / "github",
        keys.public_key,
        app_id=APP_ID,
        webhook_secret=keys.webhook_secret,
        clock=SystemClock().now,
    )
    await github.start()
    repository = github.create_repository("acme/app", {"environment.yml": BETA})
    said = {
        "CONDABOT_DATA_DIR": str(tmp_path / "data"),
        "CONDABOT_MIRRORS": f"{CONDA_FORGE}={condabot.channel.url}/conda-forge",
        "CONDABOT_PYPI_MAPPING_URL": "",
        "GITHUB_API_URL": github.url,
        "GITHUB_GRAPHQL_URL": f"{github.url}/graphql",
        "GITHUB_REPOSITORY": "acme/app",
        "GITHUB_SERVER_URL": github.url,
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    yield AtGitHub(github=github, repository=repository, environment=monkeypatch)
    await github.stop()
    assert github.violations == []
