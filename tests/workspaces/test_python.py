"""The python that pixi adds to a `pyproject.toml` by itself."""

import pytest

from bot.errors import ManifestError
from bot.model.environment import Environment
from bot.model.manifest import Subdir
from bot.planning.baseline import specs
from bot.workspaces import solve_units
from tests.workspaces.pixi import LINUX, WINDOWS, environment, workspace

PROJECT = '[project]\nname = "x"\nrequires-python = "{python}"\n'
PIXI = '[tool.pixi.workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64", "win-64"]\n'


def implied(found: Environment, subdir: Subdir = LINUX) -> list[str]:
    return [f"{each.name} {each.version}".strip() for each in found.implied.get(subdir, ())]


def project(text: str = "", python: str = ">=3.11") -> Environment:
    return environment(workspace(PROJECT.format(python=python) + PIXI + text, "pyproject.toml"))


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        (">=3.11", "python >=3.11"),
        (">=3.11,<3.14", "python >=3.11,<3.14"),
        ("~=3.11", "python ~=3.11"),
        ("==3.12.*", "python 3.12.*"),
        ("== 3.12", "python 3.12"),
        ("!=3.12.1", "python !=3.12.1"),
    ],
)
def test_requires_python_is_asked_of_conda(python: str, expected: str) -> None:
    assert implied(project(python=python)) == [expected]


def test_it_counts_in_solves_and_is_no_line() -> None:
    found = workspace(
        PROJECT.format(python=">=3.11") + PIXI + '[tool.pixi.dependencies]\nnumpy = "*"\n', "pyproject.toml"
    )
    unit = solve_units(found)[0]

    assert specs(unit) == ("numpy[version='*']", "python[version='>=3.11']")
    assert [each.dependency.name for each in unit.requirements] == ["numpy"]
    assert unit.environments[0].roots(LINUX) == ("numpy", "python")


def test_without_it_any_python_will_do() -> None:
    found = environment(workspace('[project]\nname = "x"\n' + PIXI, "pyproject.toml"))

    assert implied(found) == ["python"]


def test_what_the_default_feature_asks_for_wins_where_it_does() -> None:
    assert implied(project('[tool.pixi.dependencies]\npython = "3.12.*"\n')) == []
    by_target = project('[tool.pixi.target.win-64.dependencies]\npython = "3.12.*"\n')
    assert (implied(by_target), implied(by_target, WINDOWS)) == (["python >=3.11"], [])


def test_an_environment_without_the_default_feature_has_none() -> None:
    lint = 'lint = { features = ["lint"], no-default-feature = true }\n'
    text = f'[tool.pixi.feature.lint.dependencies]\nruff = "*"\n[tool.pixi.environments]\n{lint}'

    found = workspace(PROJECT.format(python=">=3.11") + PIXI + text, "pyproject.toml")

    assert implied(environment(found, "lint")) == []


def test_a_pixi_toml_has_none() -> None:
    text = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'

    assert implied(environment(workspace(text))) == []


def test_what_conda_cannot_read_is_named() -> None:
    with pytest.raises(ManifestError, match=r"project\.requires-python"):
        project(python="===3.12-weird thing")
