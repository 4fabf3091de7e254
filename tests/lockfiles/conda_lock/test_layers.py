"""The environment of a conda-lock.yml: source files laid over each other."""

from collections.abc import Iterable

import pytest

from bot.errors import LockError, ManifestError
from bot.lockfiles.conda_lock import CONDA_LOCK, Root
from bot.lockfiles.conda_lock.layers import compose_layers, read_virtual_packages, requested
from bot.manifests import extract
from bot.model.environment import Environment, Workspace
from bot.model.manifest import Datasource, Manifest, MatchSpec, PackageName, Subdir, VirtualPackage
from bot.model.package import Lock, LockedEnvironment
from tests.workspaces.pixi import LINUX, MACOS, asked, names, provided, resolve

BASE = "channels: [conda-forge]\ndependencies:\n  - numpy =1.26\n  - python\n"
OVER = "channels: [bioconda, conda-forge]\ncategory: dev\ndependencies:\n  - numpy =2.1  # [linux]\n  - pytest\n"


def layer(text: str, path: str) -> Manifest:
    found = extract(path, text.encode())
    assert found is not None
    return found


def lock(*platforms: Subdir) -> Lock:
    environment = LockedEnvironment(name="default", channels=(), conda=dict.fromkeys(platforms, ()), pypi={})
    return Lock(path="conda-lock.yml", format=CONDA_LOCK, version=1, environments=(environment,))


def composed(*texts: str, platforms: tuple[Subdir, ...] = (LINUX, MACOS)) -> Workspace:
    layers = [layer(text, f"environment-{number}.yml") for number, text in enumerate(texts)]
    return compose_layers(layers, lock(*platforms), resolve, {})


def only(workspace: Workspace) -> Environment:
    (environment,) = workspace.environments
    return environment


def test_of_the_specs_for_a_package_the_last_one_counts_on_its_platforms() -> None:
    found = only(composed(BASE, OVER))

    assert asked(found, LINUX) == ["python", "numpy =2.1", "pytest"]
    assert asked(found, MACOS) == ["numpy =1.26", "python", "pytest"]
    assert {each.dependency.name: each.manifest for each in found.requires(LINUX)} == {
        "numpy": "environment-1.yml",
        "python": "environment-0.yml",
        "pytest": "environment-1.yml",
    }


def test_in_one_file_the_last_line_counts_too() -> None:
    assert asked(only(composed("dependencies: [numpy >=1, numpy <2]\nchannels: [x]\n"))) == ["numpy <2"]


def test_what_is_asked_for_has_the_category_of_the_source_that_asks() -> None:
    found = requested(composed(BASE, OVER))

    assert roots(found[LINUX]) == {("conda", "numpy"): "dev", ("conda", "python"): "main", ("conda", "pytest"): "dev"}
    assert roots(found[MACOS]) == {("conda", "numpy"): "main", ("conda", "python"): "main", ("conda", "pytest"): "dev"}


def roots(found: Iterable[Root]) -> dict[tuple[str, str], str]:
    return {(each.manager, each.name): each.category for each in found}


WITH_PIP = """\
category: dev
dependencies:
  - python
  - pip =24.0
  - pip:
      - dask[array] >=2024
      - tool ==1; sys_platform == "darwin"
      - tool ==2; sys_platform != "darwin"
      - more; python_version < "3"
      - odd; sys_platform ~= "linux"
      - -e ./lib
"""


def test_a_list_for_pip_asks_for_any_pip_whatever_its_line_says() -> None:
    """conda-lock adds `pip` behind all lines of the file, and in `main`; a later source may ask for a version again."""
    alone, later = only(composed(WITH_PIP)), only(composed(WITH_PIP, "dependencies: [pip =24.1]\n"))

    assert asked(alone, LINUX) == ["python"]
    assert alone.implied[LINUX] == (MatchSpec(name=PackageName("pip")),)
    assert asked(later, LINUX) == ["python", "pip =24.1"]
    assert later.implied[LINUX] == ()


def test_a_list_for_pip_on_some_platforms_asks_for_pip_there() -> None:
    text = "dependencies:\n  - pip =24.0\n  - pip:\n    - tool  # [linux]\n    - other  # [py<312]\n"
    found = only(composed(text))

    assert (asked(found, LINUX), asked(found, MACOS)) == ([], ["pip =24.0"])
    assert (len(found.implied[LINUX]), len(found.implied[MACOS])) == (1, 0)


def test_lines_of_pip_are_roots_with_their_extras_on_the_platforms_of_their_markers() -> None:
    workspace = composed(WITH_PIP)
    found = requested(workspace)

    assert roots(found[LINUX]) == {
        ("conda", "python"): "dev",
        ("pip", "dask"): "dev",
        ("pip", "tool"): "dev",
        ("pip", "more"): "dev",
        ("pip", "odd"): "dev",
        ("pip", "-e ./lib"): "dev",
        ("conda", "pip"): "main",
    }
    assert next(each.extras for each in found[LINUX] if each.name == "dask") == {"array"}
    tools = {
        subdir: [each.dependency.version for each in only(workspace).requires(subdir, Datasource.PYPI)]
        for subdir in (LINUX, MACOS)
    }
    assert tools == {LINUX: [">=2024", "==2", "", ""], MACOS: [">=2024", "==1", "", ""]}


def test_the_longest_list_of_channels_holds() -> None:
    assert [each.name for each in only(composed(BASE, OVER)).channels] == ["bioconda", "conda-forge"]
    assert [each.name for each in only(composed(OVER, BASE, "dependencies: [x]\n")).channels] == [
        "bioconda",
        "conda-forge",
    ]


def test_lists_of_channels_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(LockError, match="channels that do not go together: main and bioconda, conda-forge"):
        composed(OVER, "channels: [main]\ndependencies: [x]\n")


def test_sources_without_channels_mean_conda_s_defaults() -> None:
    assert [each.name for each in only(composed("dependencies: [x]\n")).channels_on(LINUX)] == ["pkgs/main", "pkgs/r"]


def test_a_source_without_channels_adds_none() -> None:
    assert [each.name for each in only(composed(BASE, "dependencies: [x]\n")).channels] == ["conda-forge"]


def test_nodefaults_is_no_channel_and_goes_together_with_every_list() -> None:
    bare = "channels: [conda-forge, nodefaults]\ndependencies: [x]\n"

    assert [each.name for each in only(composed(BASE, bare)).channels] == ["conda-forge"]


def test_a_channel_that_a_line_names_is_asked_behind_those_that_are_listed() -> None:
    found = only(composed("channels: [conda-forge]\ndependencies: ['acme::x']\n"))

    assert [each.name for each in found.channels] == ["conda-forge", "acme"]


def test_a_channel_that_is_none_is_named_with_its_line() -> None:
    with pytest.raises(ManifestError) as raised:
        composed("channels:\n- conda-forge\n- $CHANNEL\ndependencies: [x]\n")

    assert raised.value.line == 3
    assert raised.value.message.startswith("the channel '$CHANNEL' is a template")


def test_a_platform_that_is_none_is_named_with_its_line() -> None:
    with pytest.raises(ManifestError, match="'linux-46' is no conda platform") as raised:
        composed(BASE + "platforms:\n- linux-64\n- linux-46\n")

    assert raised.value.line is not None


@pytest.mark.parametrize("named", ["", "platforms: [osx-arm64, linux-64]\n"])
def test_the_platforms_are_those_of_the_lock(named: str) -> None:
    found = only(composed(BASE + named))

    assert names(found) == (LINUX, MACOS)
    assert not found.platforms_assumed


def test_other_platforms_than_those_of_the_lock_are_refused() -> None:
    with pytest.raises(LockError, match="it is locked for nothing, but its sources name linux-64"):
        composed(BASE + "platforms: [linux-64]\n", platforms=())


def test_virtual_packages_are_conda_lock_s_unless_a_file_names_them() -> None:
    manifests = [layer(BASE, "environment.yml")]
    named = read_virtual_packages("v.yml", "subdirs: {linux-64: {packages: {__glibc: '2.17', __archspec: 1 x86_64}}}")

    plain = compose_layers(manifests, lock(LINUX), resolve, {})
    given = compose_layers(manifests, lock(LINUX, MACOS), resolve, named)

    assert VirtualPackage(name="__cuda", version="11.4") in provided(only(plain))
    assert {each.name: each.virtual_packages for each in only(given).platforms} == {
        LINUX: (
            VirtualPackage(name="__archspec", version="1", build="x86_64"),
            VirtualPackage(name="__glibc", version="2.17"),
        ),
        MACOS: (),
    }


def test_virtual_packages_of_another_layout_are_refused() -> None:
    with pytest.raises(LockError, match=r"v\.yml:1: packages: this key is missing"):
        read_virtual_packages("v.yml", "subdirs: {linux-64: {}}")
