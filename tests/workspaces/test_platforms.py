"""Platforms that are tables: which of them an environment is for, and what they guarantee."""

import pytest

from bot.errors import ManifestError
from bot.model.environment import Environment
from bot.model.manifest import Subdir
from bot.workspaces import solve_units
from tests.workspaces.pixi import LINUX, MACOS, asked, environment, workspace

HEAD = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = [
  "osx-arm64",
  "linux-64",
  { platform = "linux-64", cuda = "12.0" },
]

[dependencies]
plain = "*"

[target.linux-64-cuda-12-0.dependencies]
cudnn = "9.*"

[feature.cpu]
platforms = ["linux-64", "osx-arm64"]

[feature.gpu]
platforms = ["linux-64-cuda-12-0"]

[feature.free.dependencies]
more = "*"
"""


def guaranteed(found: Environment, subdir: Subdir = LINUX) -> dict[str, str]:
    return {each.name: each.version for each in found.virtual_packages[subdir]}


def test_a_platform_that_is_a_table_gives_its_virtual_packages() -> None:
    table = '{ platform = "linux-64", glibc = "2.34", cuda = "12" }'
    text = f'[workspace]\nchannels = []\nplatforms = ["osx-arm64", {table}]\n'

    found = environment(workspace(text))

    assert found.platforms == (LINUX, MACOS)
    assert guaranteed(found)["__glibc"] == "2.34"
    assert guaranteed(found)["__cuda"] == "12"
    assert guaranteed(found)["__linux"] == "4.18"
    assert "__cuda" not in guaranteed(found, MACOS)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        pytest.param("cpu", {LINUX: ["plain *"], MACOS: ["plain *"]}, id="by its own name the plain one"),
        pytest.param("gpu", {LINUX: ["plain *", "cudnn 9.*"]}, id="by its own name the one with CUDA"),
        pytest.param("gpu, free", {LINUX: ["more *", "plain *", "cudnn 9.*"]}, id="a feature for all follows"),
    ],
)
def test_features_choose_among_the_platforms_of_a_subdir(features: str, expected: dict[Subdir, list[str]]) -> None:
    names = ", ".join(f'"{each}"' for each in features.split(", "))
    text = HEAD + f'[environments]\ndefault = ["cpu"]\nchosen = [{names}]\n'

    found = environment(workspace(text), "chosen")

    assert {subdir: asked(found, subdir) for subdir in found.platforms} == expected
    assert ("__cuda" in guaranteed(found)) == ("gpu" in features)


def test_a_solve_group_may_be_for_several_platforms_of_one_subdir_one_for_each_environment() -> None:
    environments = (
        'default = { features = ["cpu", "free"], solve-group = "g" }\ngpu = { features = ["gpu"], solve-group = "g" }\n'
    )

    units = [unit for unit in solve_units(workspace(f"{HEAD}[environments]\n{environments}")) if unit.subdir == LINUX]

    assert [[each.name for each in unit.environments] for unit in units] == [["default"], ["gpu"]]
    assert [sorted(each.dependency.name for each in unit.requirements) for unit in units] == [
        ["more", "plain"],
        ["cudnn", "more", "plain"],
    ]


def test_several_platforms_of_one_subdir_are_refused_by_name() -> None:
    with pytest.raises(ManifestError) as raised:
        workspace(HEAD)

    assert "is made for several platforms of linux-64, linux-64 and linux-64-cuda-12-0" in str(raised.value)


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ('platform = "linux-64"', "linux-64"),
        ('platform = "linux-64", glibc = "2.28"', "linux-64"),
        ('platform = "linux-64", glibc = "2.17", cuda = "12.0"', "linux-64-cuda-12-0-glibc-2-17"),
        ('platform = "linux-64", archspec = "x86_64_v3"', "linux-64-archspec-x86-64-v3"),
        ('platform = "linux-64", cuda = { driver = "12", arch = "8.6" }', "linux-64-cuda-12-cuda-arch-8-6"),
        ('platform = "linux-64", __musl = "1.2=x"', "linux-64-musl-1-2-x"),
        ('platform = "osx-arm64", macos = "14.0"', "osx-arm64-macos-14-0"),
        ('name = "jetson", platform = "linux-aarch64"', "jetson"),
    ],
)
def test_a_platform_without_a_name_is_called_by_what_it_guarantees_beyond_the_defaults(table: str, name: str) -> None:
    text = f'[workspace]\nchannels = []\nplatforms = [{{ {table} }}, {{ name = "z", platform = "win-64" }}]\n'

    declared = workspace(text).manifests[0].declarations.workspace_platforms

    assert declared[0].name == name
