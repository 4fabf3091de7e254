"""docs/operating.md, line by line: from nothing to the first pull request, an upgrade, a lost database, a rotation.

A shell runs the blocks marked `sh` in their order; what the document has a person do, a person does here: on the demo's
GitHub, in place of github.com, with a browser. The port is a free one.
"""

import asyncio
import os
import re
import signal
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.clock import SystemClock
from bot.demo.channel import CONDA_FORGE, ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.stage import Keys
from bot.envfile import parse
from tests.browser import browser, register
from tests.e2e.conftest import ENVIRONMENT_YML, SMALL
from tests.processes import below

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"^```sh\n(.*?)^```$|^<!-- person: (.*?) -->$", re.MULTILINE | re.DOTALL)
PAGE = "Register the App at "
PATIENCE = 180.0


@dataclass(slots=True, kw_only=True)
class Shell:
    """A shell of an operator. `registers` is called with the address of the page as soon as a line prints it."""

    process: asyncio.subprocess.Process
    registers: Callable[[str], Awaitable[None]]
    said: list[str] = field(default_factory=list)

    async def run(self, line: str) -> None:
        """Run *line* and see that it ends well."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\necho @@$?\n".encode())
        async with asyncio.timeout(PATIENCE):
            async for raw in self.process.stdout:
                text = raw.decode().rstrip()
                self.said.append(text)
                if text.startswith(PAGE):
                    await self.registers(text.removeprefix(PAGE))
                if "@@" in text:
                    assert text.endswith("@@0"), "\n".join(self.said[-40:])
                    return
        pytest.fail(f"the shell ended in {line!r}")


@dataclass(slots=True, kw_only=True)
class Operator:
    """Who follows the document, and the person in the browser."""

    github: FakeGitHub
    folder: Path
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    repository: Repository | None = None
    pages: list[str] = field(default_factory=list)

    async def registers(self, link: str) -> None:
        async with browser() as person:
            self.pages.append((await register(person, link)).text)

    async def does(self, what: str) -> None:
        await {
            "registers the App": self.sees_the_page,
            "installs the App on a repository": self.installs,
            "sets the new secret at GitHub": self.sets_the_secret,
        }[what]()

    async def sees_the_page(self) -> None:
        assert "The App is registered" in self.pages[-1]

    async def installs(self) -> None:
        self.repository = self.github.create_repository("acme/small", {"environment.yml": ENVIRONMENT_YML})
        await self.github.install("acme", [self.repository])
        await self.see("open", "open")

    async def sets_the_secret(self) -> None:
        """Deliveries are signed with the new one from now on, and the bot knows its pull requests of before.

        alpha 2.0 does not solve beside the new line, so that it takes back what it signed with the old secret.
        """
        secrets = self.settings()["CONDABOT_WEBHOOK_SECRET"].split()
        assert len(secrets) == 2
        self.github.app = replace(self.github.app, webhook_secret=secrets[0].encode())
        await self.pushes(f"{ENVIRONMENT_YML}  - beta=1.0\n")
        await self.see("open", "closed", "open")

    async def pushes(self, text: str) -> None:
        assert self.repository is not None
        self.repository.commit("main", {"environment.yml": text}, message="A person's commit")
        await self.github.settle()

    async def see(self, *states: str) -> None:
        """Wait until the pull requests are these."""
        async with asyncio.timeout(PATIENCE):
            while self.states() != states:
                await self.changed.wait()
                self.changed.clear()

    def states(self) -> tuple[str, ...]:
        return tuple(pull.state for pull in self.repository.pulls.values()) if self.repository else ()

    def settings(self) -> dict[str, str]:
        return parse((self.folder / "condabot.env").read_text(), path="condabot.env")


def steps(port: int) -> list[tuple[str, str]]:
    """Return what is done, in order: lines for the shell, and what a person does."""
    text = (ROOT / "docs/operating.md").read_text()
    text = text.replace("https://condabot.example", f"http://127.0.0.1:{port}").replace(":8000", f":{port}")
    found = []
    for block, person in STEP.findall(text):
        found += [("sh", line) for line in block.splitlines()] or [("person", person)]
    return found


@asynccontextmanager
async def shell(operator: Operator, environment: dict[str, str]) -> AsyncIterator[Shell]:
    process = await asyncio.create_subprocess_exec(
        *("bash", "--noprofile", "--norc"),
        cwd=operator.folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Shell(process=process, registers=operator.registers)
    finally:
        for each in below(process.pid):
            os.kill(each, signal.SIGKILL)
        process.kill()
        await process.wait()


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    github = FakeGitHub(
        tmp_path / "github",
        Keys.generate().public_key,
        app_id=1,
        webhook_secret="w" * 40,
        clock=SystemClock().now,
    )
    await github.start()
    with TemporaryDirectory(prefix="condabot-") as folder:  # not below pytest's own, which PostgreSQL may not enter
        operator = Operator(github=github, folder=Path(folder))
        github.after_write = lambda *_: operator.changed.set()
        yield operator
    await github.stop()
    assert github.violations == []


@pytest.mark.interrupted
async def test_the_document_leads_from_nothing_to_pull_requests_and_back_from_losses(
    operator: Operator, unused_tcp_port: int
) -> None:
    program = operator.folder / "bin" / "condabot"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m bot "$@"\n')
    program.chmod(stat.S_IRWXU)
    async with DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*SMALL))) as channel:
        environment = {
            "PATH": f"{program.parent}:{os.defpath}",
            "HOME": str(operator.folder),
            "PYTHONPATH": str(ROOT),
            "CONDABOT_PORT": str(unused_tcp_port),
            "CONDABOT_GITHUB_API": operator.github.url,
            "CONDABOT_MIRRORS": f"{CONDA_FORGE}={channel.url}/conda-forge",
            "CONDABOT_PYPI_MAPPING_URL": "",
            "CONDABOT_CACHE_DIR": str(operator.folder / "cache"),
        }
        async with shell(operator, environment) as terminal:
            for kind, what in steps(unused_tcp_port):
                await (terminal.run(what) if kind == "sh" else operator.does(what))
            assert below(terminal.process.pid) == []

    secrets = [*operator.settings()["CONDABOT_WEBHOOK_SECRET"].split(), operator.settings()["CONDABOT_CLIENT_SECRET"]]
    log = "\n".join(terminal.said) + (operator.folder / "condabot.log").read_text()
    assert [each for each in secrets if each in log] == []
    assert "unhandled exception" not in log


def test_everything_that_the_document_has_a_person_do_is_done() -> None:
    assert [what for kind, what in steps(1) if kind == "person"] == [
        "registers the App",
        "installs the App on a repository",
        "sets the new secret at GitHub",
    ]
