"""Platforms that are tables: which of them an environment is for, and what they guarantee."""

import pytest

from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.environment import Environment
from bot.model.manifest import PlatformName, Subdir
from bot.model.package import Lock, LockedEnvironment
from bot.workspaces import solve_units
from tests.workspaces.pixi import LINUX, MACOS, asked, environment, names, provided, workspace

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


GPU = "linux-64-cuda-12-0"


def guaranteed(found: Environment, platform: PlatformName = LINUX) -> dict[str, str]:
    return {each.name: each.version for each in provided(found, platform)}


def test_a_platform_that_is_a_table_gives_its_virtual_packages() -> None:
    table = '{ platform = "linux-64", glibc = "2.34", cuda = "12" }'
    text = f'[workspace]\nchannels = []\nplatforms = ["osx-arm64", {table}]\n'

    found = environment(workspace(text))

    assert names(found) == ("linux-64-cuda-12-glibc-2-34", MACOS)
    assert [each.subdir for each in found.platforms] == [LINUX, MACOS]
    machine = guaranteed(found, "linux-64-cuda-12-glibc-2-34")
    assert (machine["__glibc"], machine["__cuda"], machine["__linux"]) == ("2.34", "12", "4.18")
    assert "__cuda" not in guaranteed(found, MACOS)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        pytest.param("cpu", {LINUX: ["plain *"], MACOS: ["plain *"]}, id="by its own name the plain one"),
        pytest.param("gpu", {GPU: ["plain *", "cudnn 9.*"]}, id="by its own name the one with CUDA"),
        pytest.param("gpu, free", {GPU: ["more *", "plain *", "cudnn 9.*"]}, id="a feature for all follows"),
        pytest.param(
            "free",
            {
                LINUX: ["more *", "plain *"],
                GPU: ["more *", "plain *", "cudnn 9.*"],
                MACOS: ["more *", "plain *"],
            },
            id="else it is for all of them",
        ),
    ],
)
def test_features_choose_among_the_platforms_of_a_subdir(
    features: str, expected: dict[PlatformName, list[str]]
) -> None:
    listed = ", ".join(f'"{each}"' for each in features.split(", "))
    text = HEAD + f'[environments]\ndefault = ["cpu"]\nchosen = [{listed}]\n'

    found = environment(workspace(text), "chosen")

    assert {name: asked(found, name) for name in names(found)} == expected
    assert {name: "__cuda" in guaranteed(found, name) for name in names(found)} == {
        name: name == GPU for name in expected
    }


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


def test_several_platforms_of_one_subdir_are_solved_each_for_itself() -> None:
    units = solve_units(workspace(HEAD))

    assert [(unit.platform.name, unit.subdir) for unit in units] == [(LINUX, LINUX), (GPU, LINUX), (MACOS, MACOS)]
    assert [len(unit.requirements) for unit in units] == [1, 2, 1]


def test_a_platform_of_one_subdir_is_named_by_one_target_alone() -> None:
    text = HEAD.replace("[feature.cpu]", '[target.linux-64.dependencies]\nboth = "1.*"\n\n[feature.cpu]')
    found = environment(workspace(text))

    assert asked(found, LINUX) == ["plain *", "both 1.*"]
    assert asked(found, GPU) == ["plain *", "cudnn 9.*", "both 1.*"]


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
        ('subdir = "linux-64", cuda = "12.0"', "linux-64-cuda-12-0"),
        ('platform = "linux-64", amdgpu = "gfx90a"', "linux-64-amdgpu-gfx90a"),
        ('platform = "linux-64", amdgpu = { arch = "9.0.10" }', "linux-64-amdgpu-0-amdgpu-arch-9-0-10"),
        ('platform = "linux-64", archspec = "x86_64"', "linux-64"),
        ('platform = "osx-arm64", archspec = "m1", macos = "13.0"', "osx-arm64"),
    ],
)
def test_a_platform_without_a_name_is_called_by_what_it_guarantees_beyond_the_defaults(table: str, name: str) -> None:
    text = f'[workspace]\nchannels = []\nplatforms = [{{ {table} }}, {{ name = "z", platform = "win-64" }}]\n'

    declared = workspace(text).manifests[0].declarations.workspace_platforms

    assert declared[0].name == name


@pytest.mark.parametrize(
    ("table", "name", "version"),
    [
        pytest.param('amdgpu = "gfx90a"', "__amdgpu", "gfx90a", id="any name, without its underscores"),
        pytest.param('__amdgpu = "0"', "__amdgpu", "0", id="as it is called"),
        pytest.param('amdgpu = { arch = "9.0.10" }', "__amdgpu_arch", "9.0.10", id="a device and its architecture"),
        pytest.param('cuda = { driver = "12", arch = "8.6" }', "__cuda_arch", "8.6", id="the same for CUDA"),
        pytest.param('site_service = "2"', "__site_service", "2", id="one that nobody knows"),
    ],
)
def test_a_platform_guarantees_any_virtual_package(table: str, name: str, version: str) -> None:
    text = f'[workspace]\nchannels = []\nplatforms = [{{ name = "rocm", platform = "linux-64", {table} }}]\n'

    assert guaranteed(environment(workspace(text)), "rocm")[name] == version


PATTERNS = """\
[workspace]
channels = []
platforms = [
  { name = "cuda-win", subdir = "win-64", cuda = "12" },
  { name = "cuda-linux", subdir = "linux-64", cuda = "12" },
  "linux-64",
]

[dependencies]
a = "1.*"
"""


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        pytest.param(
            '[target."cuda-*".dependencies]\na = "2.*"\n', {"cuda-win": "2.*", "cuda-linux": "2.*"}, id="a name"
        ),
        pytest.param('[target."*linux*".dependencies]\na = "2.*"\n', {"cuda-linux": "2.*", LINUX: "2.*"}, id="in it"),
        pytest.param('[target."*-64".dependencies]\na = "2.*"\n', {LINUX: "2.*"}, id="the name counts, not the subdir"),
        pytest.param('[target."rocm-*".dependencies]\na = "2.*"\n', {}, id="no platform is called like that"),
        pytest.param(
            '[target."cuda-*".dependencies]\na = "2.*"\n[target.cuda-win.dependencies]\na = "3.*"\n',
            {"cuda-win": "3.*", "cuda-linux": "2.*"},
            id="the target that comes later wins",
        ),
        pytest.param(
            '[target.cuda-win.dependencies]\na = "3.*"\n[target."cuda-*".dependencies]\na = "2.*"\n',
            {"cuda-win": "2.*", "cuda-linux": "2.*"},
            id="however special the other one is",
        ),
    ],
)
def test_a_target_may_be_a_pattern_of_names(targets: str, expected: dict[PlatformName, str]) -> None:
    found = environment(workspace(PATTERNS + targets))

    assert {name: asked(found, name) for name in names(found)} == {
        name: [f"a {expected.get(name, '1.*')}"] for name in ("cuda-linux", "cuda-win", LINUX)
    }


JOINED = """\
[workspace]
channels = []
platforms = ["linux-64"]

[feature.mac]
platforms = ["osx-arm64", "linux-64"]

[environments]
mac = ["mac"]
"""


def lock_for(*subdirs: Subdir) -> Lock:
    locked = LockedEnvironment(name="mac", channels=(), conda=dict.fromkeys(map(str, subdirs), ()), pypi={})
    return Lock(path="pixi.lock", format=PIXI_LOCK, version=6, environments=(locked,))


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        pytest.param(None, (LINUX, MACOS), id="it joins the workspace"),
        pytest.param(lock_for(LINUX, MACOS), (LINUX, MACOS), id="so it is locked"),
        pytest.param(lock_for(LINUX), (LINUX,), id="a lock of an older pixi leaves it out"),
    ],
)
def test_a_subdir_that_only_a_feature_names(lock: Lock | None, expected: tuple[Subdir, ...]) -> None:
    found = workspace(JOINED, lock=lock)

    assert {each.name: names(each) for each in found.environments} == {"default": expected, "mac": expected}


def test_no_subdir_joins_platforms_with_names_of_their_own() -> None:
    text = JOINED.replace('["linux-64"]', '["linux-64", { name = "gpu", platform = "linux-64", cuda = "12" }]', 1)

    assert {each.name: names(each) for each in workspace(text).environments} == {
        "default": ("gpu", LINUX),
        "mac": (LINUX,),
    }
