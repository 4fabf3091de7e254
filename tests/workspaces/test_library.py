"""What a library asks of its users, what limits an environment, and where pixi looks for PyPI packages."""

import pytest

from bot.model.environment import Requirement
from bot.model.manifest import PackageName, PypiOptions
from bot.planning.baseline import limits, specs
from bot.workspaces import solve_units
from tests.workspaces.pixi import LINUX, WORKSPACE, environment, names, workspace


def shown(lines: tuple[Requirement, ...]) -> list[str]:
    return [f"{each.dependency.name} {each.dependency.version}" for each in lines]


def test_tables_of_the_package_are_a_librarys_and_pools_and_backends_are_not() -> None:
    found = workspace(
        WORKSPACE
        + '[workspace.dependencies]\npooled = "1.*"\n[package]\nname = "x"\n'
        + '[package.build.backend]\nname = "builder"\nversion = "1.*"\n'
        + '[package.build-dependencies]\na = "1.*"\n[package.host-dependencies]\nb = "1.*"\n'
        + '[package.run-dependencies]\nc = "1.*"\nlocal = { path = "." }\n[package.run-constraints]\nd = "<2"\n'
        + '[package.extra-dependencies.test]\ne = "1.*"\n[package.target.linux-64.run-dependencies]\nf = "1.*"\n'
    )

    assert sorted(shown(found.library_requirements)) == ["a 1.*", "b 1.*", "c 1.*", "d <2", "e 1.*", "f 1.*"]
    assert {each.platforms for each in found.library_requirements} == {names(environment(found))}
    assert environment(found).requirements == ()


def test_requirements_of_the_project_are_pypis_and_extras_without_an_environment_are_a_librarys() -> None:
    found = workspace(
        '[project]\nname = "x"\ndependencies = ["a<2", "a>1"]\n'
        '[project.optional-dependencies]\nused = ["b<2"]\nunused = ["c<2"]\n'
        '[tool.pixi.workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
        '[tool.pixi.pypi-dependencies]\na = "*"\n[tool.pixi.environments]\ndev = ["used"]\n',
        "pyproject.toml",
    )

    assert shown(environment(found).requirements) == ["a *", "a <2", "a >1"]
    assert shown(environment(found, "dev").requirements) == ["b <2", "a *", "a <2", "a >1"]
    assert shown(found.library_requirements) == ["c <2"]


def test_constraints_limit_and_are_not_asked_for() -> None:
    found = workspace(
        WORKSPACE
        + '[dependencies]\na = "1.*"\n[constraints]\nb = "<2"\nc = { version = "<3", channel = "conda-forge" }\n'
        + '[target.linux-64.constraints]\nb = "<1.5"\n[feature.f.constraints]\nd = "<4"\n'
        + '[pypi-options.dependency-overrides]\ne = "<5"\n[environments]\nf = ["f"]\n'
    )
    units = {(each.name, each.subdir): each for each in solve_units(found)}

    assert limits(units["default", LINUX]) == (
        "https://conda.anaconda.org/conda-forge::c[version='<3']",
        "b[version='<1.5']",
    )
    assert specs(units["default", LINUX]) == ("a[version='1.*']",)
    assert [each.dependency.name for each in units["f", LINUX].constraints] == ["d", "c", "b"]


def test_options_of_features_are_laid_over_the_workspaces() -> None:
    found = workspace(
        WORKSPACE
        + 'pypi-options = { index-url = "https://w.example", extra-index-urls = ["https://a.example"] }\n'
        + '[pypi-options]\nextra-index-urls = ["https://b.example", "https://a.example"]\n'
        + 'find-links = [{ path = "x" }]\n'
        + '[feature.f.pypi-options]\nindex-url = "https://f.example"\nindex-strategy = "first-index"\n'
        + '[environments]\nf = { features = ["f"], no-default-feature = true }\n'
    )

    assert environment(found).pypi_options == PypiOptions(
        index_url="https://w.example",
        extra_index_urls=("https://a.example", "https://b.example"),
        has_find_links=True,
    )
    assert environment(found, "f").pypi_options == PypiOptions(
        index_url="https://f.example", extra_index_urls=("https://a.example",), index_strategy="first-index"
    )


def test_of_each_package_the_first_override_counts_and_a_features_before_the_workspaces() -> None:
    found = workspace(
        WORKSPACE
        + '[workspace.pypi-options.dependency-overrides]\na = "<1"\nB_x = { version = "*", extras = ["z", "y"] }\n'
        + '[feature.f.pypi-options.dependency-overrides]\na = " <2 "\nc = { git = "https://git.example/c" }\n'
        + '[feature.g.pypi-options.dependency-overrides]\na = "<3"\nc = "==1"\nd = "what?"\n'
        + '[environments]\nf = ["f", "g"]\n'
    )

    def shown(name: str) -> dict[str, tuple[str | None, tuple[str, ...]]]:
        options = environment(found, name).pypi_options or PypiOptions()
        return {each.name: (each.specifier, each.extras) for each in options.overrides}

    assert shown("default") == {"a": ("<1", ()), "b-x": ("", ("y", "z"))}
    assert shown("f") == {"a": ("<2", ()), "b-x": ("", ("y", "z")), "c": (None, ()), "d": (None, ())}


@pytest.mark.parametrize(
    ("everywhere", "feature", "unbuilt"),
    [("true", '["a"]', ("a", "*")), ("false", '["A_b"]', ("a-b",)), ('["a"]', "false", ("a",))],
)
def test_what_must_not_be_built_is_joined(everywhere: str, feature: str, unbuilt: tuple[str, ...]) -> None:
    found = workspace(
        f"{WORKSPACE}pypi-options = {{ no-build = {everywhere} }}\n[pypi-options]\nno-build = {feature}\n"
    )

    assert environment(found).pypi_options == PypiOptions(unbuilt=unbuilt)


def test_what_comes_from_elsewhere_or_cannot_be_read_keeps_its_extras_and_its_marker() -> None:
    project = workspace(
        '[project]\nname = "x"\ndependencies = ["far[fast] @ git+https://git.example/far ; os_name == \'posix\'"]\n'
        '[tool.pixi.workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
        '[tool.pixi.pypi-dependencies]\nx = { path = ".", editable = true, extras = ["all"] }\nodd = "about 3"\n',
        "pyproject.toml",
    )

    found = {each.dependency.name: each.dependency for each in environment(project).references}

    assert {name: each.extras for name, each in found.items()} == {"x": ("all",), "odd": (), "far": ("fast",)}
    assert found[PackageName("far")].marker == 'os_name == "posix"'


def test_pip_has_options_of_its_own() -> None:
    text = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies: [a]\n"

    assert environment(workspace(text, "environment.yml")).pypi_options is None


POOL = """\
[workspace.dependencies]
numpy = ">=1.26,<2"
alone = "1.*"
local = { path = "x" }

[dependencies]
numpy = { workspace = true }
local = { workspace = true }
missing = { workspace = true }

[constraints]
alone = { workspace = true }

[feature.f.dependencies]
numpy = { workspace = true }

[environments]
f = ["f"]
"""


def test_what_is_inherited_from_the_pool_is_the_line_in_the_pool() -> None:
    found = workspace(WORKSPACE + POOL)
    line, again = environment(found, "f").requirements

    assert shown(environment(found).requirements) == ["numpy >=1.26,<2"]
    assert shown(environment(found).constraints) == ["alone 1.*"]
    assert line.dependency.at == again.dependency.at == ("workspace", "dependencies", "numpy")
    assert (line.dependency.feature, again.dependency.feature) == ("f", "default")
    assert specs(solve_units(found)[0]) == ("numpy[version='>=1.26,<2']",)


def test_a_line_of_the_pool_that_a_package_inherits_is_a_promise() -> None:
    text = '[package]\nname = "x"\n[package.run-dependencies]\nnumpy = { workspace = true }\n'

    [line] = environment(workspace(WORKSPACE + POOL + text)).requirements

    assert line.dependency.role.is_of_library
