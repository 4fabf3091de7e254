"""What the env specs of an `anaconda-project.yml` are made of, and what is said of one that cannot be read."""

import pytest

from bot.errors import ManifestError
from bot.manifests import extract
from bot.manifests.anaconda_project import AnacondaProject
from tests.workspaces.pixi import asked, environment, names, workspace

PATH = "anaconda-project.yml"

PROJECT = """\
packages: [python=3.11, numpy=1.26, pip: [requests==2.31]]
channels: [conda-forge, bioconda]
platforms: [linux-64]
env_specs:
  default: {packages: [scipy=1.11]}
  old: {packages: [numpy=1.24, pip: [requests==2.28]]}
  base: {packages: [zarr=2.16], channels: [conda-forge], platforms: [osx-arm64]}
  both: {inherit_from: [old, base], packages: [zarr=2.17]}
"""


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        pytest.param(
            "default",
            ["python =3.11", "numpy =1.26", "requests ==2.31", "scipy =1.11"],
            id="an env spec has the lines of the top and its own",
        ),
        pytest.param(
            "old", ["python =3.11", "numpy =1.24", "requests ==2.28"], id="its own line stands in for that of the top"
        ),
        pytest.param(
            "both",
            ["python =3.11", "numpy =1.24", "requests ==2.28", "zarr =2.17"],
            id="it has what it inherits, and its own line stands in for that too",
        ),
    ],
)
def test_lines(name: str, lines: list[str]) -> None:
    found = environment(workspace(PROJECT, PATH), name)

    assert [f"{each.dependency.name} {each.dependency.version}" for each in found.requirements] == lines


def test_channels_and_platforms_are_those_of_the_top_then_the_inherited_then_its_own() -> None:
    found = {each.name: each for each in workspace(PROJECT, PATH).environments}

    assert [channel.name for channel in found["default"].channels] == ["conda-forge", "bioconda"]
    assert names(found["default"]) == ("linux-64",)
    assert names(found["both"]) == ("linux-64", "osx-arm64")


def test_a_channel_that_is_listed_again_goes_behind() -> None:
    channels = environment(workspace(PROJECT, PATH), "base").channels

    assert [channel.name for channel in channels] == ["bioconda", "conda-forge"]


@pytest.mark.parametrize("specs", ["", "env_specs:\n", "env_specs: {}\n", "env_specs: ~\n"])
def test_without_env_specs_there_is_one_environment(specs: str) -> None:
    [found] = workspace(f"packages: [numpy=1.26]\n{specs}", PATH).environments

    assert (found.name, asked(found)) == ("default", ["numpy =1.26"])
    assert found.platforms_assumed


def test_an_env_spec_without_platforms_is_for_those_that_the_file_names() -> None:
    text = "env_specs: {a: {packages: [numpy=1]}, b: {packages: [numpy=1], platforms: [win-64]}}\n"

    assert names(environment(workspace(text, PATH), "a")) == ("win-64",)


def test_the_lists_may_be_called_dependencies() -> None:
    text = "dependencies: [numpy=1.26]\npackages: []\nenv_specs: {a: {dependencies: [scipy=1.11], packages: []}}\n"

    assert asked(environment(workspace(text, PATH), "a")) == ["numpy =1.26", "scipy =1.11"]


def test_the_words_of_other_tools_mean_nothing() -> None:
    manifest = extract(PATH, b"packages:\n- numpy=1.26  # [linux]\n- sel(linux): scipy=1.11\n- zarr=2 # [py<312]\n")

    assert manifest is not None
    assert [(each.version, each.platforms) for each in manifest.dependencies] == [("=1.26", ()), ("", ()), ("=2", ())]


def test_inheriting_from_one_env_spec_twice_is_inheriting_once() -> None:
    specs = "{a: {packages: [x=1]}, b: {inherit_from: a}, c: {inherit_from: a}, d: {inherit_from: [b, c, a]}}"

    assert asked(environment(workspace(f"env_specs: {specs}\n", PATH), "d")) == ["x =1"]


UNREAD = (
    "is a list that anaconda-project does not read: if there is one at the top called `dependencies`, every list "
    "must be called so, else `packages`"
)
REFUSED = {
    "a parent that is not there": (
        "env_specs: {a: {inherit_from: b}}",
        "env_specs.a.inherit_from: names `b`, which is no env spec of this file",
    ),
    "a circle": (
        "env_specs: {a: {inherit_from: [b]}, b: {inherit_from: a}, c: {}}",
        "env_specs: the env specs a, b inherit from each other in a circle",
    ),
    "an env spec that is no table": ("env_specs: {a: [numpy]}", "env_specs: must be a table with a name, written out"),
    "an env spec that is another one's": (
        "env_specs:\n  a: &a {}\n  b: *a",
        "env_specs: must be a table with a name, written out",
    ),
    "an env spec twice": ("env_specs:\n  a: {}\n  a: {}", "env_specs.a: stands twice"),
    "env specs that are no table": ("env_specs: [a]", "env_specs: must be a table of env specs"),
    "a list twice": ("packages: []\npackages: []", "packages: stands twice in the file; merge the two lists"),
    "a list that another place has too": (
        "packages: &x [numpy]\nenv_specs: {a: {packages: *x}}",
        "env_specs.a.packages: is `*x`, a list that another place has too: write it out",
    ),
    "a merge key": (
        "env_specs: {a: {<<: {}}}",
        "env_specs.a.<<: takes over another table, which condabot does not follow: write out what it says",
    ),
    "packages beside dependencies": (
        "dependencies: [numpy]\nenv_specs: {a: {packages: [scipy]}}",
        f"env_specs.a.packages: {UNREAD}",
    ),
    "dependencies below packages": (
        "packages: [numpy]\nenv_specs: {a: {dependencies: [scipy]}}",
        f"env_specs.a.dependencies: {UNREAD}",
    ),
    "channels that are tables": ("channels: [{a: b}]", "channels: must be a list of texts"),
    "too many env specs": (
        "env_specs: {" + ", ".join(f"a{number}: {{}}" for number in range(101)) + "}",
        "env_specs: has more than 100 env specs",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_file_is_refused_with_the_place_of(text: str, sentence: str) -> None:
    with pytest.raises(ManifestError) as caught:
        extract(PATH, f"{text}\n".encode())

    assert (caught.value.path, caught.value.sentence) == (PATH, sentence)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "- a list\n"])
def test_a_file_that_is_no_table_is_no_project(text: str) -> None:
    assert extract(PATH, text.encode()) is None


def locked(lock: str) -> tuple[str, ...]:
    [found] = AnacondaProject().foreign_locks
    return found.locked("anaconda-project-lock.yml", lock.encode(), ("default", "test"))


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        pytest.param("locking_enabled: false\nenv_specs: {}\n", (), id="turned off, as `unlock` leaves it"),
        pytest.param("locking_enabled: true\n", ("default", "test"), id="turned on"),
        pytest.param("env_specs: {}\n", ("default", "test"), id="on where nothing is said"),
        pytest.param("locking_enabled: true\nenv_specs: {test: {locked: false}}\n", ("default",), id="off for one"),
        pytest.param("locking_enabled: false\nenv_specs: {test: {locked: true}}\n", ("test",), id="on for one"),
        pytest.param("locking_enabled: false\nenv_specs: {other: {locked: true}}\n", (), id="on for what is not there"),
        pytest.param("# empty\n", ("default", "test"), id="an empty lock"),
    ],
)
def test_what_a_lock_locks(lock: str, expected: tuple[str, ...]) -> None:
    assert locked(lock) == expected
