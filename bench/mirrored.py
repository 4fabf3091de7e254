"""A pytest plugin of `make mutants`: a mutant is run in the tests that mirror its module, and in no others.

`bot/planning/age.py` is proved by `tests/planning/test_age.py`. Where there is no such file it is by the whole folder
that mirrors the package.
"""

import os
from pathlib import Path
from typing import Final

import pytest

UNDER_TEST: Final = "MUTANT_UNDER_TEST"
"""Where mutmut says which mutant it runs: `bot.planning.age.x__days__mutmut_3`. It also has words for other runs."""


def pytest_configure(config: pytest.Config) -> None:
    """Leave those of the tests asked for that mirror the module of the mutant; all of them if none is run.

    What is not asked for is not even collected, which would take longer than the tests do.
    """
    mutant = os.environ.get(UNDER_TEST, "")  # noqa: TID251 -- mutmut tells it nowhere else
    if mutant.startswith("bot."):
        mirror = mirror_of(mutant.rpartition(".")[0], config.rootpath)
        config.args = [each for each in config.args if _file(each, config.rootpath).is_relative_to(mirror)]


def mirror_of(module: str, root: Path) -> Path:
    """Return the file or folder of the tests below *root* that mirrors *module*, such as `bot.planning.age`."""
    _, *packages, name = module.split(".")
    folder = root.joinpath("tests", *packages)
    return next(filter(Path.exists, (folder / f"test_{name}.py", folder / name)), folder)


def _file(node: str, root: Path) -> Path:
    return root / node.partition("::")[0]
