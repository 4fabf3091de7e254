"""Where PyPI packages are looked for, by pip's options and by pixi's."""

from collections.abc import Mapping

import pytest

from bot.model.manifest import PackageName
from bot.planning.pypi_indexes import IndexOrder, index_orders
from tests.workspaces.pixi import WORKSPACE, workspace

MAIN, EXTRA, OWN = "https://main.example", "https://extra.example", "https://own.example"


def orders(text: str, path: str = "pixi.toml") -> Mapping[PackageName, IndexOrder]:
    return index_orders(workspace(text, path))


def test_pip_asks_the_main_index_first() -> None:
    text = f"dependencies:\n  - pip:\n      - --extra-index-url {EXTRA}\n      - a\n"

    assert orders(text, "environment.yml") == {"a": IndexOrder(urls=(None, EXTRA))}


def test_pip_may_look_where_there_is_no_index() -> None:
    found = orders("dependencies:\n  - pip:\n      - --find-links wheels\n      - a\n", "environment.yml")

    assert found[PackageName("a")].problem == (
        "pip is told to look elsewhere than in an index (--find-links); that is not read."
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param("", IndexOrder(urls=(None,)), id="the default index without any option"),
        pytest.param(f'index-url = "{MAIN}"', IndexOrder(urls=(MAIN,)), id="its main index"),
        pytest.param(
            f'index-url = "{MAIN}"\nextra-index-urls = ["{EXTRA}"]', IndexOrder(urls=(EXTRA, MAIN)), id="extra first"
        ),
        pytest.param(
            f'extra-index-urls = ["{EXTRA}"]\nindex-strategy = "unsafe-best-match"',
            IndexOrder(urls=(EXTRA, None), is_pooled=True),
            id="all together if it says so",
        ),
        pytest.param(
            f'extra-index-urls = ["{EXTRA}"]\nindex-strategy = "unsafe-first-match"',
            IndexOrder(urls=(EXTRA, None)),
            id="the first one otherwise",
        ),
        pytest.param(
            'find-links = [{ path = "x" }]',
            IndexOrder(problem="pixi is told to look elsewhere than in an index (find-links); that is not read."),
            id="nowhere where it looks for links",
        ),
    ],
)
def test_pixi_looks_where_its_options_say(options: str, expected: IndexOrder) -> None:
    text = (
        WORKSPACE
        + f'[pypi-dependencies]\na = "*"\nb = {{ version = "*", index = "{OWN}" }}\n[pypi-options]\n{options}\n'
    )

    assert orders(text) == {"a": expected, "b": IndexOrder(urls=(OWN,))}


def test_environments_that_do_not_agree_are_not_asked_for() -> None:
    text = WORKSPACE + (
        f'[pypi-dependencies]\na = "*"\n[feature.f.pypi-options]\nindex-url = "{OWN}"\n[environments]\nf = ["f"]\n'
    )

    assert orders(text)[PackageName("a")].problem == "its environments look for it in different indexes."


def test_extras_without_an_environment_are_looked_for_as_the_default_environment_does() -> None:
    text = (
        '[project]\nname = "x"\n[project.optional-dependencies]\nunused = ["c<2"]\n[tool.pixi.workspace]\n'
        f'channels = []\nplatforms = ["linux-64"]\n[tool.pixi.pypi-options]\nindex-url = "{MAIN}"\n'
    )

    assert orders(text, "pyproject.toml") == {"c": IndexOrder(urls=(MAIN,))}
