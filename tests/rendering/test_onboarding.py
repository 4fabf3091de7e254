"""The pull request that asks: `fixtures/onboarding` holds its words, docs/for-maintainers.md its file."""

from pathlib import Path

import pytest

from bot.config import PATHS, Configuration, read_configuration
from bot.config.rows import rows_of
from bot.model.report import ScanReport, Standing
from bot.rendering.onboarding import KEYS, MOST_LINES, WIDTH, Outlook, body, findings, starter
from bot.rendering.pull_request import MADE_BY
from tests.rendering.test_check import status

FOLDER = Path(__file__).parents[2] / "fixtures" / "onboarding"
ROWS = {row.key: (field, row) for field, row in rows_of(Configuration).items()}
MONDAY = "The others wait for the schedule, which opens next on Monday, 2026-12-07 from 00:00 UTC."
LONGEST = 65_536


def report(lines: int, name: str = "numpy") -> ScanReport:
    """Return what a check found where *lines* would move and one is held."""
    moving = [
        status(f"{name}-{number}", number, Standing.UPDATE, ("1.0", "2.0", "2.0")) for number in range(1, lines + 1)
    ]
    held = status("scipy", 99, Standing.HELD_BACK, ("1.0", "2.0", None), "python 3.11 keeps it @back")
    return ScanReport(proposals=(), held_back=(), statuses=(*moving, held), problems=())


def outlook(wanted: int = 9, at_first: int = 1, later: int = 2) -> Outlook:
    return Outlook(wanted=wanted, at_first=at_first, later=later, opens=MONDAY)


def test_the_words_are_those_of_the_fixture() -> None:
    words, _, made_by = body(findings(report(2)), outlook(), LONGEST).rpartition("---\n")

    assert words == (FOLDER / "body.md").read_text()
    assert made_by == MADE_BY


def test_the_file_says_what_is_so_without_it() -> None:
    assert read_configuration({PATHS[0]: starter().encode()}) == Configuration()
    assert max(map(len, starter().splitlines())) <= WIDTH


@pytest.mark.parametrize("key", KEYS)
def test_each_key_of_it_can_be_had_by_taking_the_sign_away(key: str) -> None:
    field, row = ROWS[key]
    [line] = [each for each in starter().splitlines() if each.startswith(f"# {key}: ")]

    read = read_configuration({PATHS[0]: line.removeprefix("# ").encode()})

    assert line == f"# {key}: {row.default or row.example}"
    assert getattr(read, field) != () if not row.default else getattr(read, field) is not None


def test_of_a_long_answer_twenty_lines_are_shown_and_the_rest_is_counted() -> None:
    lines = findings(report(40)).splitlines()

    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "- … and 24 more lines of `condabot check`"


def test_nothing_in_the_answer_acts() -> None:
    found = findings(report(1, name="<b>@octocat</b>"))

    assert "<b>" not in found.replace("\\<b\\>", "")
    assert "@octocat" not in found.replace("\\@\u200b", "")


@pytest.mark.parametrize(
    ("wanted", "at_first", "later", "expected"),
    [
        pytest.param(1, 1, 2, "1 pull request is wanted by now; what of it solves is opened. It comes", id="one"),
        pytest.param(3, 1, 2, "In the first week they come 1 at a time, then at most 2 are open at once.", id="usual"),
        pytest.param(3, 4, 4, "Of them at most 4 are open at once.", id="one limit"),
        pytest.param(3, 0, 0, "Of them as many are open as there are.", id="no limit"),
    ],
)
def test_what_comes_next_is_said(wanted: int, at_first: int, later: int, expected: str) -> None:
    assert expected in body("", outlook(wanted, at_first, later), LONGEST)


def test_what_is_too_long_is_cut_between_lines() -> None:
    whole = body(findings(report(20)), outlook(), LONGEST)
    cut = body(findings(report(20)), outlook(), len(whole) - 10)

    assert len(cut) <= len(whole) - 10
    assert "To say no" in cut
    assert set(cut.splitlines()) <= set(whole.splitlines())
