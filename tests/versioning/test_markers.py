"""Markers are judged for a conda environment, never for the machine that judges."""

import pytest

from bot.errors import SpecError
from bot.model.manifest import Subdir
from bot.versioning.markers import applies

LINUX, MAC, WINDOWS = Subdir("linux-64"), Subdir("osx-arm64"), Subdir("win-64")


@pytest.mark.parametrize(
    ("marker", "subdir", "python", "expected"),
    [
        pytest.param("", LINUX, "3.12.4", True, id="no marker always holds"),
        ('sys_platform == "linux"', LINUX, "3.12.4", True),
        ('sys_platform == "linux"', MAC, "3.12.4", False),
        ('sys_platform == "darwin" and platform_machine == "arm64"', MAC, "3.12.4", True),
        ('platform_system == "Windows" and os_name == "nt" and platform_machine == "AMD64"', WINDOWS, "3.12.4", True),
        ('platform_machine == "aarch64"', Subdir("linux-aarch64"), "3.12.4", True),
        ('platform_system == "Freebsd"', Subdir("freebsd-64"), "3.12.4", True),
        ('python_version < "3.9"', LINUX, "3.12.4", False),
        ('python_version >= "3.9"', LINUX, "3.12.4", True),
        ('python_full_version >= "3.12.4"', LINUX, "3.12.4", True),
        ('implementation_name == "cpython" and implementation_version == "3.12.4"', LINUX, "3.12.4", True),
        pytest.param('extra == "test"', LINUX, "3.12.4", False, id="nobody asked for an extra"),
        pytest.param('platform_release == ""', LINUX, "3.12.4", True, id="the machine's kernel is not looked at"),
    ],
)
def test_a_marker_is_judged_for_a_platform_and_a_python(
    marker: str, subdir: Subdir, python: str, *, expected: bool
) -> None:
    assert applies(marker, subdir, python) is expected


@pytest.mark.parametrize(
    "marker", ["python_version", 'python == "3"', "(" * 5000 + 'os_name == "nt"', 'os_name ~= "nt"']
)
def test_what_is_no_marker_is_said_so(marker: str) -> None:
    with pytest.raises(SpecError, match=r"cannot be judged for linux-64 and python 3\.12"):
        applies(marker, LINUX, "3.12")
