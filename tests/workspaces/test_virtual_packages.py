"""What the machine of an environment provides when nobody says otherwise, and when somebody does."""

import pytest

from bot.errors import SpecError
from bot.model.manifest import MachineDefaults, Subdir, VirtualPackage
from bot.workspaces.virtual_packages import highest, virtual_packages
from tests.workspaces.pixi import LINUX, MACOS, WINDOWS, WORKSPACE, environment, provided, workspace


def shown(*packages: VirtualPackage) -> list[str]:
    return [f"{each.name}={each.version}={each.build}" for each in packages]


@pytest.mark.parametrize(
    ("machine", "subdir", "expected"),
    [
        pytest.param(
            MachineDefaults.PIXI,
            "linux-64",
            ["__archspec=1=x86_64", "__glibc=2.28=0", "__linux=4.18=0", "__unix=0=0"],
            id="pixi's defaults on Linux have no CUDA",
        ),
        pytest.param(
            MachineDefaults.PIXI,
            "osx-arm64",
            ["__archspec=1=m1", "__osx=13.0=0", "__unix=0=0"],
            id="pixi's defaults on macOS",
        ),
        pytest.param(
            MachineDefaults.CONDA_LOCK,
            "win-64",
            ["__archspec=1=x86_64", "__cuda=11.4=0", "__win=0=0"],
            id="conda-lock's defaults have CUDA on Windows",
        ),
        pytest.param(
            MachineDefaults.CONDA_LOCK,
            "linux-aarch64",
            ["__archspec=1=aarch64", "__cuda=11.4=0", "__glibc=2.28=0", "__linux=5.10=0", "__unix=0=0"],
            id="an architecture that is its own name",
        ),
        pytest.param(
            MachineDefaults.PIXI,
            "win-arm64",
            ["__archspec=1=aarch64", "__win=10.0=0"],
            id="arm64 is Apple's word; elsewhere archspec says aarch64",
        ),
        pytest.param(
            MachineDefaults.PIXI, "emscripten-wasm32", ["__unix=0=0"], id="there is no word for its processor"
        ),
        pytest.param(MachineDefaults.PIXI, "wasi-wasm32", [], id="an unknown system has nothing"),
    ],
)
def test_defaults(machine: MachineDefaults, subdir: str, expected: list[str]) -> None:
    assert shown(*virtual_packages(machine, Subdir(subdir))) == expected


def test_system_requirements_win_on_their_own_system_only() -> None:
    found = environment(
        workspace(WORKSPACE + '[system-requirements]\nlinux = "5.10"\nlibc = "2.35"\nmacos = "14.0"\ncuda = "12"\n')
    )

    assert "__glibc=2.35=0" in shown(*provided(found, LINUX))
    assert "__linux=5.10=0" in shown(*provided(found, LINUX))
    assert not [each for each in shown(*provided(found, LINUX)) if each.startswith("__osx")]
    assert "__osx=14.0=0" in shown(*provided(found, MACOS))
    assert "__cuda=12=0" in shown(*provided(found, WINDOWS))
    assert not [each for each in shown(*provided(found, MACOS)) if each.startswith("__cuda")]


def test_a_platform_that_is_a_table_may_have_cuda_on_macos() -> None:
    table = '{ platform = "osx-arm64", cuda = "12" }'
    found = environment(workspace(f'[workspace]\nname = "x"\nchannels = []\nplatforms = [{table}]\n'))

    assert "__cuda=12=0" in shown(*provided(found, "osx-arm64-cuda-12"))


def test_another_c_library_is_there_in_place_of_glibc() -> None:
    text = '[system-requirements]\nlibc = { family = "musl", version = "1.2" }\n'
    found = environment(workspace(WORKSPACE + text))

    libraries = [each for each in shown(*provided(found, LINUX)) if "libc" in each or "musl" in each]
    assert libraries == ["__musl=1.2=0"]
    assert not [each for each in shown(*provided(found, MACOS)) if "musl" in each]


def test_of_the_system_requirements_of_several_features_the_highest_count() -> None:
    found = workspace(
        WORKSPACE
        + '[feature.a.system-requirements]\ncuda = "9"\nlibc = "2.34"\n'
        + '[feature.b.system-requirements]\ncuda = "12"\nlibc = "2.17"\n'
        + '[environments]\nab = ["a", "b"]\nba = ["b", "a"]\n'
    )

    for name in ("ab", "ba"):
        packages = shown(*provided(environment(found, name)))
        assert {"__cuda=12=0", "__glibc=2.34=0"} <= set(packages)


def test_of_two_builds_of_one_version_the_first_counts() -> None:
    first, second = (VirtualPackage(name="__archspec", version="1", build=build) for build in ("zen4", "skylake"))

    assert highest([first, second]) == (first,)


def test_versions_that_are_none_cannot_be_compared() -> None:
    with pytest.raises(SpecError):
        highest([VirtualPackage(name="__cuda", version="12"), VirtualPackage(name="__cuda", version="!!")])
