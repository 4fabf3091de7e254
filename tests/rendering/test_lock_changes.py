"""Where a change happens, in as few words as say it."""

import pytest

from bot.model.manifest import Subdir
from bot.model.update import ChangeKind
from bot.rendering.lock_changes import lock_changes, where
from bot.rendering.sizes import counted, megabytes
from tests.rendering.proposals import change, diff, everywhere

LINUX, MACOS, WINDOWS = (Subdir(name) for name in ("linux-64", "osx-arm64", "win-64"))
EVERY = {(name, subdir) for name in ("default", "test") for subdir in (LINUX, WINDOWS)} | {("docs", LINUX)}


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param(EVERY, "all", id="everywhere"),
        pytest.param({("test", WINDOWS)}, "test on win-64", id="one environment on one of its platforms"),
        pytest.param({("docs", LINUX)}, "docs", id="an environment on all its platforms"),
        pytest.param({("test", LINUX), ("test", WINDOWS), ("docs", LINUX)}, "docs, test", id="two whole environments"),
        pytest.param(
            {("default", LINUX), ("docs", LINUX), ("test", LINUX)}, "linux-64", id="all environments on one platform"
        ),
        pytest.param(
            {("default", WINDOWS), ("test", WINDOWS)},
            "default, test on win-64",
            id="some environments on the same platform",
        ),
        pytest.param(
            {("default", WINDOWS), ("docs", LINUX), ("test", LINUX)},
            "default on win-64; docs; test on linux-64",
            id="nothing in common",
        ),
    ],
)
def test_where(pairs: set[tuple[str, Subdir]], expected: str) -> None:
    assert where(pairs, EVERY) == expected


def test_a_hostile_environment_name_is_inert() -> None:
    assert where({("@me", LINUX)}, {("@me", LINUX), ("x", LINUX)}) == "\\@\u200bme"


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("| ")
    ][2:]


def test_each_change_is_one_row_flavours_first_direct_ones_before_others() -> None:
    moved, added = change("b", "1", "2"), change("z", None, "1")
    swapped = change("y", "1", "1", kind=ChangeKind.FLAVOUR, builds=("cpu_0", "cuda_0"))

    found = rows(lock_changes(everywhere(moved, change("c", "1", "2", direct=True), added, swapped)))

    assert [(cells[0], cells[2]) for cells in found] == [
        ("`y`", "all"),
        ("`z`", "all"),
        ("**`c`**", "all"),
        ("`b`", "all"),
    ]


def test_what_is_direct_in_one_environment_is_shown_as_such_and_sizes_as_a_range() -> None:
    found = lock_changes(
        (
            diff("a", "linux-64", change("x", "1", "2", direct=True, sizes=(1, 1_000_000))),
            diff("b", "linux-64", change("x", "1", "2", sizes=(1, 2_000_000))),
            diff("b", "win-64", change("x", "1", "3", sizes=(1, None))),
        )
    )

    assert rows(found) == [
        ["**`x`**", "`1` -> `2`", "linux-64", "1.00 MB to 2.00 MB"],
        ["`x`", "`1` -> `3`", "b on win-64", ""],
    ]


def test_without_changes_there_is_no_table() -> None:
    assert lock_changes([diff("a", "linux-64")]) == ""


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(130_000, "+0.13 MB", id="more"),
        pytest.param(-1_500_000, "-1.50 MB", id="less"),
        pytest.param(-100, "+0.00 MB", id="nothing has no minus"),
    ],
)
def test_megabytes(size: int, expected: str) -> None:
    assert megabytes(size) == expected


def test_one_is_not_many() -> None:
    assert [counted(number, "day") for number in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
