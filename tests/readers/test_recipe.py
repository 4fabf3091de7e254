"""The conda package: rattler-build makes it from the recipe, and runs its tests, with stand-ins for what it needs."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import __version__
from bot.cli.options import process_environment
from tests.conftest import Reader
from tests.readers.test_pre_commit import copy_installed

ROOT = Path(__file__).parents[2]
RECIPE: dict[str, Any] = yaml.safe_load((ROOT / "recipe/recipe.yaml").read_text())
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OTHERWISE = {"backports-zstd": "backports.zstd"}
"""What conda packages are called where it is not as on PyPI."""


def asked(requirements: Iterable[str]) -> dict[str, str]:
    """Return the bounds of each package, as conda writes them."""
    found = {}
    for each in requirements:
        name, bounds = re.fullmatch(r"([\w.-]+)([^;]*?)\s*(?:;.*)?", each).groups()  # type: ignore[union-attr]  # ours
        found[OTHERWISE.get(name, name)] = bounds
    return found


def test_the_recipe_asks_for_what_the_commands_on_a_checkout_need() -> None:
    extras = PROJECT["optional-dependencies"]
    wanted = asked([*PROJECT["dependencies"], *extras["pypi"], *extras["private"]])

    run = dict(each.split(" ", 1) for each in RECIPE["requirements"]["run"])
    assert run.pop("python") == ">=${{ python_min }}"
    assert run == wanted


def test_the_recipe_is_of_this_version() -> None:
    assert RECIPE["context"] == {"version": __version__, "python_min": PROJECT["requires-python"].removeprefix(">=")}
    assert RECIPE["build"]["python"]["entry_points"] == ["condabot = bot.cli:program"]
    assert PROJECT["scripts"] == {"condabot": "bot.cli:program"}


@pytest.mark.verify
def test_rattler_build_makes_the_package_and_its_tests_pass(tmp_path: Path, reader: Reader) -> None:
    copy_installed(tmp_path / "source")
    (tmp_path / "source" / "recipe").mkdir()
    recipe = tmp_path / "source" / "recipe" / "recipe.yaml"
    recipe.write_bytes((ROOT / "recipe/recipe.yaml").read_bytes())
    program = [str(reader("rattler-build")), str(ROOT / "tests/readers/build_recipe.py")]

    ended = subprocess.run(
        [*program, str(recipe), str(tmp_path / "work"), sys.executable],
        env={**process_environment(), "RATTLER_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stdout == f"condabot {__version__} passed passed\n", ended.stderr
