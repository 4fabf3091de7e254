"""Why something is not newer, in a clause."""

import pytest

from bot.model.report import Standing
from bot.model.update import HeldBack
from bot.rendering.reasons import Reasons
from tests.rendering.test_check import NARWHALS, NUMBA, blocked, status

NEWEST = ("1.8.0", "1.9.0", "1.8.0")


@pytest.mark.parametrize(
    ("held", "about"),
    [
        pytest.param(
            blocked(NARWHALS),
            "1.9.0 needs narwhals >=2.0.1, line 31 asks for narwhals 1.*",
            id="a line of the same file that keeps it out, and what the release needs",
        ),
        pytest.param(
            blocked(NUMBA, NARWHALS),
            "1.9.0 does not solve while ci/environment.yml:9 asks for numba 0.63.* (and 1 more line)",
            id="a line of another file, and there are more",
        ),
        pytest.param(
            blocked(), "1.9.0 does not solve in 'docs' on linux-64: a long explanation (and 1 more reason)", id="cut"
        ),
    ],
)
def test_of_what_does_not_solve_the_first_line_that_keeps_it_out_is_named(held: HeldBack, about: str) -> None:
    line = status("scikit-learn", 16, Standing.HELD_BACK, NEWEST, held.sentence)

    assert Reasons.of([held]).clause(line).about("1.9.0") == about


@pytest.mark.parametrize(
    ("reason", "about"),
    [
        pytest.param("scikit-learn 1.9.0 is 3 days old: due", "1.9.0 is 3 days old: due", id="about the release"),
        pytest.param("ignore: asked for", "not 1.9.0: ignore: asked for", id="about something else"),
        pytest.param('its comment says "a; b"', 'not 1.9.0: its comment says "a; b"', id="a quotation is not cut"),
        pytest.param("", "not 1.9.0", id="nothing is known"),
    ],
)
def test_the_row_is_not_repeated(reason: str, about: str) -> None:
    line = status("scikit-learn", 16, Standing.HELD_BACK, NEWEST, reason)

    assert Reasons().clause(line).about("1.9.0") == about
