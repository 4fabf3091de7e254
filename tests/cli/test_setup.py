"""`condabot setup` and the page of `condabot serve` as programs, with a GitHub on localhost and a person in between."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bot.demo.github.server import FakeGitHub
from bot.demo.stage import Keys
from bot.github.auth import AppSigner
from bot.settings import Settings, with_env_file
from tests.browser import browser, register
from tests.cli.conftest import run
from tests.clocks import ManualClock

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def github(tmp_path: Path) -> AsyncIterator[FakeGitHub]:
    github = FakeGitHub(
        tmp_path / "github", Keys.generate().public_key, app_id=1, webhook_secret="w" * 40, clock=ManualClock().now
    )
    await github.start()
    yield github
    await github.stop()
    assert github.violations == []


@pytest.fixture
def environment(tmp_path: Path, github: FakeGitHub, unused_tcp_port: int, database: str) -> Mapping[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database,
        "CONDABOT_GITHUB_API": github.url,
        "CONDABOT_PORT": str(unused_tcp_port),
        "CONDABOT_URL": f"http://127.0.0.1:{unused_tcp_port}",
        "CONDABOT_ENV_FILE": str(tmp_path / "condabot.env"),
    }


async def started(*arguments: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def said(process: asyncio.subprocess.Process, words: str) -> str:
    """Return what follows *words*, as soon as it was said."""
    assert process.stdout is not None
    async for line in process.stdout:
        if line.decode().startswith(words):
            return line.decode().removeprefix(words).strip()
    pytest.fail(f"it ended without saying {words!r}")


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    return with_env_file({}, Path(environment["CONDABOT_ENV_FILE"]))


async def test_setup_registers_an_app_and_shows_nobody_its_secrets(
    environment: Mapping[str, str], github: FakeGitHub
) -> None:
    process = await started("setup", "--name", "acme-bot", environment=environment)
    async with browser() as person:
        page = await register(person, await said(process, "Register the App at "))
    assert process.stdout is not None
    rest = (await process.stdout.read()).decode()

    assert await process.wait() == 0
    assert "The App is registered" in page.text
    found = variables(environment)
    settings = Settings.from_env(found)
    assert settings.app is not None
    key_file = Path(found["CONDABOT_PRIVATE_KEY_FILE"])
    AppSigner(settings.app.app_id, settings.app.private_key)
    assert (settings.app.app_id, settings.app.slug) == (str(github.app.id), "acme-bot")
    assert settings.app.webhook_secrets == (github.app.webhook_secret.decode(),)
    for file in (key_file, Path(environment["CONDABOT_ENV_FILE"])):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = [found["CONDABOT_WEBHOOK_SECRET"], found["CONDABOT_CLIENT_SECRET"], settings.app.private_key]
    assert [each for each in secret if each in page.text or each in rest] == []
    assert github.webhook_url == f"{environment['CONDABOT_URL']}/webhook"


async def test_serve_registers_the_app_and_becomes_it(environment: Mapping[str, str], github: FakeGitHub) -> None:
    process = await started("serve", environment=environment)
    try:
        link = await said(process, "Register the App at ")
        async with browser() as person:
            page = await register(person, link)
            await said(process, "condabot listens on")
            after = [(await person.get(url)).status_code for url in (link, f"{environment['CONDABOT_URL']}/setup")]
            await github.ping()
    finally:
        process.send_signal(signal.SIGTERM)

    assert await process.wait() == 0
    assert "The App is registered" in page.text
    assert after == [404, 404]
    assert [each.status for each in github.deliveries] == ["OK"]


async def test_a_service_that_is_set_up_has_no_page(environment: Mapping[str, str]) -> None:
    key = Keys.generate()
    own = {
        **environment,
        "CONDABOT_APP_ID": "7",
        "CONDABOT_PRIVATE_KEY": key.private_key,
        "CONDABOT_WEBHOOK_SECRET": key.webhook_secret,
    }
    process = await started("serve", environment=own)
    await said(process, "condabot listens on")
    async with browser() as person:
        page = await person.get(f"{environment['CONDABOT_URL']}/setup")
    process.send_signal(signal.SIGTERM)

    assert await process.wait() == 0
    assert page.status_code == 404


@pytest.mark.parametrize("command", ["setup", "serve", "all"])
async def test_who_waits_for_somebody_to_register_ends_when_told_to(
    environment: Mapping[str, str], command: str
) -> None:
    process = await started(command, environment=environment)
    await said(process, "Register the App at ")
    process.send_signal(signal.SIGTERM)

    assert await process.wait() == 0
    assert variables(environment) == {}


def test_an_app_that_is_registered_is_not_registered_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "condabot.env").touch()
    monkeypatch.setenv("CONDABOT_ENV_FILE", str(tmp_path / "condabot.env"))

    ended = run("setup", "--url", "https://condabot.example")

    assert ended.code == 2
    assert "is there: the App is registered" in ended.stderr


def test_without_an_address_there_is_nothing_to_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDABOT_ENV_FILE", str(tmp_path / "condabot.env"))
    monkeypatch.delenv("CONDABOT_URL", raising=False)

    ended = run("setup")

    assert (ended.code, ended.stderr) == (
        2,
        "condabot: CONDABOT_URL: is not set: it is the address at which GitHub reaches this service\n",
    )


@pytest.mark.parametrize("command", [("check", "."), ("worker",), ("serve",), ("setup",), ("all",), ("--help",)])
def test_a_file_of_settings_that_is_named_and_not_there_is_bad_input(command: tuple[str, ...], tmp_path: Path) -> None:
    ended = run("--env-file", str(tmp_path / "none"), *command)

    words = f"condabot: Invalid value for '--env-file': there is no file '{tmp_path / 'none'}' (condabot --help)\n"
    assert (ended.code, ended.stderr) == ((0, "") if command == ("--help",) else (2, words))


def test_a_file_of_settings_counts_where_the_environment_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "some.env"
    file.write_text("CONDABOT_CHANNEL_TIMEOUT=none\nCONDABOT_INDEX_TIMEOUT=none\n")
    for name in ("CONDABOT_CHANNEL_TIMEOUT", "CONDABOT_ENV_FILE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONDABOT_INDEX_TIMEOUT", "7")

    ended = run("--env-file", str(file), "worker")
    monkeypatch.delenv("CONDABOT_CHANNEL_TIMEOUT", raising=False)
    monkeypatch.delenv("CONDABOT_ENV_FILE", raising=False)

    assert (ended.code, ended.stderr) == (
        2,
        "condabot: CONDABOT_CHANNEL_TIMEOUT: 'none' is not a whole number above 0\n",
    )
