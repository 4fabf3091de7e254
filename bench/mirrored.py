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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave those of *items* that mirror the module of the mutant; all of them if none is run."""
    mutant = os.environ.get(UNDER_TEST, "")  # noqa: TID251 -- mutmut tells it nowhere else
    if not mutant.startswith("bot."):
        return
    mirror = mirror_of(mutant.rpartition(".")[0], config.rootpath)
    config.hook.pytest_deselected(items=[each for each in items if not each.path.is_relative_to(mirror)])
    items[:] = [each for each in items if each.path.is_relative_to(mirror)]


def mirror_of(module: str, root: Path) -> Path:
    """Return the file or folder of the tests below *root* that mirrors *module*, such as `bot.planning.age`."""
    _, *packages, name = module.split(".")
    folder = root.joinpath("tests", *packages)
    return next(filter(Path.exists, (folder / f"test_{name}.py", folder / name)), folder)
