"""The commands: what there is, what is imported for them, and how bad input is answered."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from bot import __version__
from bot.cli import COMMANDS, commands, version
from bot.lockfiles.pixi_lock.document import SUPPORTED_VERSIONS
from bot.rendering import audit, locked, report
from tests.cli.conftest import run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("arguments", [("--help",), ()])
def test_help_lists_every_command_with_what_it_does(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)

    shown = " ".join((ended.stdout + ended.stderr).split())
    assert all(name in shown and words in shown for name, words in COMMANDS.items())


def test_the_version_names_the_formats_that_are_read_and_written() -> None:
    assert run("--version").stdout.splitlines() == [f"condabot {__version__}", *version.LINES]

    assert version.PIXI_LOCK == SUPPORTED_VERSIONS
    assert {version.DOCUMENTS} == {audit.FORMAT_VERSION, locked.FORMAT_VERSION, report.FORMAT_VERSION}


def test_a_wheel_names_the_commit_that_it_was_built_from(monkeypatch: pytest.MonkeyPatch) -> None:
    built = ModuleType("bot._build")
    built.COMMIT = "0123abc"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bot._build", built)

    assert run("--version").stdout.startswith(f"condabot {__version__} (commit 0123abc)\n")


def test_every_listed_command_is_there_under_its_name() -> None:
    context = click.Context(commands)

    assert commands.list_commands(context) == list(COMMANDS)
    for name in COMMANDS:
        found = commands.get_command(context, name)
        assert found is not None
        assert found.name == name


def test_a_command_that_is_none_is_a_usage_error() -> None:
    ended = run("frobnicate")

    assert ended.code == 2
    assert "No such command 'frobnicate'" in ended.stderr


@pytest.mark.parametrize("name", ["check", "update"])
@pytest.mark.usefixtures("environment")
def test_wrong_input_is_one_sentence_on_stderr_and_exit_code_2(name: str, tmp_path: Path) -> None:
    ended = run(name, str(tmp_path), "--mirror", "nonsense")

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr == (
        "condabot: --mirror or CONDABOT_MIRRORS: 'nonsense' is not CANONICAL=MIRROR with two http(s) URLs\n"
    )


@pytest.mark.parametrize("name", ["serve", "worker"])
@pytest.mark.usefixtures("environment")
def test_without_an_app_there_is_nothing_to_serve(name: str) -> None:
    ended = run(name)

    assert ended.code == 2
    assert "CONDABOT_APP_ID: is not set" in ended.stderr


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_is_none_is_a_usage_error(port: str) -> None:
    ended = run("demo", f"--port={port}")

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("condabot: Invalid value for '--port': ")


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    ended = run("check", str(tmp_path / "nowhere"))

    assert ended.code == 2
    assert "does not exist" in ended.stderr


@pytest.mark.parametrize(
    ("module", "needed"),
    [("bot.cli", set()), ("bot.cli.check", {"msgspec", "rich"}), ("bot.cli.update", {"msgspec", "rich"})],
)
def test_importing_the_command_line_imports_nothing_that_takes_time(module: str, needed: set[str]) -> None:
    code = f"import {module}, sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"

    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)

    slow = {"aiohttp", "cryptography", "httpx", "msgspec", "procrastinate", "psycopg", "rattler", "rich", "tomlkit"}
    assert slow & set(loaded.stdout.split()) == needed


@pytest.mark.parametrize(("name", "work"), [("check", "checking"), ("update", "updating")])
def test_what_is_done_is_said_before_what_it_needs_is_imported(
    name: str, work: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, f"bot.cli.{work}", None)

    ended = run(name, str(tmp_path))

    assert ended.stderr.splitlines()[0] == "looking for manifests and locks"


def test_python_m_bot_is_condabot() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "--version"], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert ended.stdout.startswith(f"condabot {__version__}\n")
