"""Which packages of a lock change: every lock is said with names."""

from dataclasses import replace

import pytest

from bot.model.manifest import Datasource
from bot.model.update import ChangeKind, LockDiff, PackageChange
from bot.rendering.lock_names import NO_PACKAGE, lock_names
from tests.rendering.proposals import change, diff

PYPI = replace(change("rich", "14.0", "15.0", builds=(None, None)), datasource=Datasource.PYPI)


def locked(*changes: PackageChange, environment: str = "default", lock: str = "pixi.lock") -> LockDiff:
    return replace(diff(environment, "linux-64", *changes), lock=lock)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        pytest.param([change("zlib", "1.3", "1.4")], "zlib 1.3 -> 1.4", id="upgraded"),
        pytest.param([change("zlib", None, "1.4")], "zlib 1.4 added", id="added"),
        pytest.param([change("zlib", "1.3", None)], "zlib 1.3 removed", id="removed"),
        pytest.param([change("zlib", "1.3", "1.3", kind=ChangeKind.REBUILT)], "zlib 1.3 rebuilt", id="rebuilt"),
        pytest.param([change("zlib", "1.3", "1.3", kind=ChangeKind.FLAVOUR)], "zlib h1_0 -> h2_0", id="flavour"),
        pytest.param([PYPI], "rich (PyPI) 14.0 -> 15.0", id="of PyPI"),
        pytest.param(
            [
                change("aaa", "1", "2"),
                change("python", "3.13", "3.14", direct=True),
                change("zlib", "1.4", "1.3", kind=ChangeKind.DOWNGRADED),
            ],
            "zlib 1.4 -> 1.3, python 3.13 -> 3.14, aaa 1 -> 2",
            id="what goes down is first, then what a manifest asks for",
        ),
        pytest.param(
            [change(f"p{number}", "1", "2") for number in range(10)],
            f"{', '.join(f'p{number} 1 -> 2' for number in range(8))} and 2 more",
            id="of many the first are named",
        ),
    ],
)
def test_changes_are_named(changes: list[PackageChange], names: str) -> None:
    assert lock_names([locked(*changes)]) == {"pixi.lock": f"{names} (1 environment, 1 platform)"}


def test_each_lock_is_told_of_once_and_what_has_none_is_not() -> None:
    zlib = change("zlib", "1.3", "1.4")

    found = lock_names(
        [locked(zlib), locked(zlib, environment="test"), locked(lock="docs/pixi.lock"), locked(zlib, lock="")]
    )

    assert found == {
        "pixi.lock": "zlib 1.3 -> 1.4 (2 environments, 1 platform)",
        "docs/pixi.lock": NO_PACKAGE,
    }


def test_all_are_named_where_that_is_asked_for() -> None:
    changes = [change(f"p{number}", "1", "2") for number in range(10)]

    assert "more" not in lock_names([locked(*changes)], None)["pixi.lock"]
