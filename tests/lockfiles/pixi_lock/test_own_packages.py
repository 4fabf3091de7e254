"""What a lock says that the repository's own packages need follows `[project]`, and nothing else is touched."""

import pytest

from bot.lockfiles.pixi_lock import PixiLock
from bot.lockfiles.pixi_lock.own_packages import holds_package_of, lock_with, own_needs, text_with

LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64:
      - pypi: ./
      - pypi: ./part
      - pypi: https://files.example/other-1.0-py3-none-any.whl
packages:
- pypi: ./
  name: work
  requires_dist:
  - tool>=1,<2  # as written
  - extra[fast]==1.0
  - old>=1 ; python_full_version < '3.12'
  - plus>=1 ; extra == 'more'
  - either>=1 ; (sys_platform == 'linux' or sys_platform == 'darwin') and extra == 'more'
- pypi: ./part
  name: part
  requires_dist:
  - tool>=1,<2
- pypi: https://files.example/other-1.0-py3-none-any.whl
  name: other
  version: '1.0'
  requires_dist:
  - tool>=1,<2
"""
NOW = ("tool>=1,<2", "extra[fast]==1.0", "old>=1; python_version<'3.12'")
EITHER = "sys_platform=='linux' or sys_platform=='darwin'"


def project(*dependencies: str, more: str = "plus>=1", either: str = "either>=1") -> str:
    return (
        f'[project]\nname = "work"\ndependencies = {list(dependencies or NOW)}\n'
        f'[project.optional-dependencies]\nmore = ["{more}", "{either}; {EITHER}"]\n'
    )


def changed(manifest: str, path: str = "pyproject.toml") -> list[tuple[str, str]]:
    before = PixiLock().parse("pixi.lock", LOCK)
    needs = own_needs(before, {path: manifest})
    after = text_with(needs, "pixi.lock", LOCK)
    assert PixiLock().parse("pixi.lock", after) == lock_with(needs, before)
    pairs = zip(LOCK.splitlines(), after.splitlines(), strict=True)
    return [(old.strip(), new.strip()) for old, new in pairs if old != new]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param(project(), [], id="nothing moved"),
        pytest.param(
            project("tool >= 1, < 3", *NOW[1:]), [("- tool>=1,<2  # as written", "- tool>=1,<3")], id="a version"
        ),
        pytest.param(
            project(NOW[0], "extra[fast]==1.1", NOW[2]),
            [("- extra[fast]==1.0", "- extra[fast]==1.1")],
            id="with extras",
        ),
        pytest.param(
            project(*NOW[:2], "old>=2; python_version<'3.12'"),
            [("- old>=1 ; python_full_version < '3.12'", "- old>=2 ; python_full_version < '3.12'")],
            id="with a marker",
        ),
        pytest.param(
            project(more="plus>=2"),
            [("- plus>=1 ; extra == 'more'", "- plus>=2 ; extra == 'more'")],
            id="of an extra",
        ),
        pytest.param(
            project(either="either>=2"),
            [
                (
                    "- either>=1 ; (sys_platform == 'linux' or sys_platform == 'darwin') and extra == 'more'",
                    "- either>=2 ; (sys_platform == 'linux' or sys_platform == 'darwin') and extra == 'more'",
                )
            ],
            id="of an extra, with a marker",
        ),
        pytest.param(project(*NOW, "new>=1"), [], id="what was added only pixi can lock"),
        pytest.param(project("tool>=1,<2", "not a requirement"), [], id="what is no requirement"),
        pytest.param("[project]\ndependencies = 'tool'\noptional-dependencies = []\n", [], id="of another type"),
        pytest.param("project = 1\n", [], id="no table"),
        pytest.param("[project\n", [], id="no TOML"),
        pytest.param("", [], id="without a project"),
    ],
)
def test_what_a_line_of_the_project_says_is_what_the_lock_says(manifest: str, expected: list[tuple[str, str]]) -> None:
    assert changed(manifest) == expected


def test_each_folder_follows_its_own_manifest() -> None:
    assert changed(project("tool>=1,<3"), path="part/pyproject.toml") == [("- tool>=1,<2", "- tool>=1,<3")]
    assert changed(project("tool>=1,<3"), path="elsewhere/pyproject.toml") == []
    assert changed(project("tool>=1,<3"), path="pixi.toml") == []


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ("pyproject.toml", True),
        ("part/pyproject.toml", True),
        ("other/pyproject.toml", False),
        ("pixi.toml", False),
    ],
)
def test_whose_package_is_held(manifest: str, expected: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert holds_package_of(PixiLock().parse("pixi.lock", LOCK), manifest) is expected
