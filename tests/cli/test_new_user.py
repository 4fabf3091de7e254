"""The wheel alone, as a new user has it: in an environment of its own, without git, a terminal or a network."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli.options import process_environment
from bot.demo.channel import CONDA_FORGE
from tests.cli.conftest import Condabot

pytestmark = pytest.mark.verify

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).parent / "uv")
LARGEST = 150 * 1000 * 1000
"""Bytes of the base install."""

NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """condabot as `uv tool install` lays it out, and pipx: an environment, and a link to its program elsewhere."""

    wheel: Path
    environment: Path
    program: Path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("user")
    subprocess.run([UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    where = {"UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    install = [UV, "tool", "install", "--quiet", "--constraints", "constraints.txt", "--python", sys.executable]
    subprocess.run([*install, str(wheel)], cwd=ROOT, env={**process_environment(), **where}, check=True)
    return Installed(wheel=wheel, environment=folder / "tools" / "condabot", program=folder / "bin" / "condabot")


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(installed: Installed, tmp_path: Path) -> Run:
    """Run it without anything on PATH, and without a terminal."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        bare = {"HOME": str(tmp_path / "home"), "PATH": "", "CONDABOT_PYPI_MAPPING_URL": ""}
        return subprocess.run(
            [installed.program, *arguments],
            cwd=tmp_path,
            env={**bare, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_base_install_is_no_larger_than_is_said(installed: Installed) -> None:
    files = [each for each in installed.environment.rglob("*") if each.is_file() and not each.is_symlink()]

    assert sum(each.stat().st_size for each in files if "__pycache__" not in each.parts) < LARGEST


def test_it_says_which_commit_it_is(run: Run) -> None:
    ended = run("--version")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "(commit " in ended.stdout
    assert "pixi.lock" in ended.stdout


async def test_a_checkout_is_checked_and_updated(run: Run, condabot: Condabot) -> None:
    mirror = f"{CONDA_FORGE}={condabot.channel.url}/conda-forge"

    checked = await asyncio.to_thread(run, "check", str(condabot.root), "--mirror", mirror)
    updated = await asyncio.to_thread(run, "update", str(condabot.root), "--mirror", mirror, "--body", "body.md")

    assert (checked.returncode, updated.returncode) == (0, 0), checked.stderr + updated.stderr
    assert "alpha" in checked.stdout
    assert b"alpha=2.0  # first" in condabot.read()["environment.yml"]


async def test_without_a_network_it_says_what_cannot_be_reached(run: Run, condabot: Condabot) -> None:
    ended = await asyncio.to_thread(run, "check", str(condabot.root), HTTPS_PROXY=NOWHERE, HTTP_PROXY=NOWHERE)

    assert ended.returncode == 3, ended.stderr
    assert f"Channel {CONDA_FORGE} cannot be reached" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_what_an_extra_brings_is_said(run: Run) -> None:
    ended = run("run", "owner/repo")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "pip install 'condabot[run]'" in ended.stderr


def test_uvx_runs_it_as_well(installed: Installed, tmp_path: Path) -> None:
    run = [UV, "tool", "run", "--quiet", "--python", sys.executable, "--constraints", str(ROOT / "constraints.txt")]

    ended = subprocess.run(
        [*run, "--from", str(installed.wheel), "condabot", "check", "--help"],
        cwd=tmp_path,
        env=process_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert "Show what could be updated" in ended.stdout
