"""Which wheels a machine takes (PEP 425, PEP 600)."""

import pytest

from bot.model.manifest import PackageName, Subdir, VirtualPackage
from bot.versioning.wheels import is_for_machine

MACHINE = {"__unix": "0", "__linux": "4.18", "__glibc": "2.28", "__osx": "13.0", "__win": "10.0"}


@pytest.mark.parametrize(
    ("tags", "subdir", "fits"),
    [
        ("py3-none-any", "linux-64", True),
        ("cp312-cp312-manylinux_2_28_x86_64", "linux-64", True),
        ("cp312-cp312-manylinux_2_34_x86_64", "linux-64", False),
        ("cp312-cp312-manylinux_2_34_x86_64.manylinux2014_x86_64", "linux-64", True),
        ("cp312-cp312-manylinux_2_17_aarch64", "linux-64", False),
        ("cp312-cp312-manylinux_2_17_aarch64", "linux-aarch64", True),
        ("cp312-cp312-manylinux2014_ppc64le", "linux-ppc64le", True),
        ("cp312-cp312-linux_x86_64", "linux-64", True),
        ("cp312-cp312-musllinux_1_2_x86_64", "linux-64", False),
        ("cp312-cp312-macosx_11_0_arm64", "osx-arm64", True),
        ("cp312-cp312-macosx_13_3_arm64", "osx-arm64", True),
        ("cp312-cp312-macosx_14_0_arm64", "osx-arm64", False),
        ("cp312-cp312-macosx_10_9_universal2", "osx-arm64", True),
        ("cp312-cp312-macosx_10_9_x86_64", "osx-arm64", False),
        ("cp312-cp312-macosx_10_9_x86_64", "osx-64", True),
        ("cp312-cp312-win_amd64", "win-64", True),
        ("cp312-cp312-win_arm64", "win-64", False),
        ("cp312-cp312-win_arm64", "win-arm64", True),
        ("cp312-cp312-win32", "win-32", True),
        ("cp312-cp312-win32", "win-64", False),
        ("cp312-cp312-emscripten_3_1_58_wasm32", "emscripten-wasm32", True),
    ],
)
def test_a_machine_takes_wheels_for_it_and_for_older_ones(tags: str, subdir: Subdir, *, fits: bool) -> None:
    machine = [VirtualPackage(name=PackageName(name), version=version) for name, version in MACHINE.items()]

    assert is_for_machine(f"https://files.example/a-1-{tags}.whl", subdir, machine) is fits


def test_of_a_machine_that_nobody_describes_only_the_architecture_is_known() -> None:
    assert is_for_machine("a-1-cp312-cp312-manylinux_2_99_x86_64.whl", Subdir("linux-64"), [])
    assert not is_for_machine("a-1-cp312-cp312-manylinux_2_99_aarch64.whl", Subdir("linux-64"), [])
