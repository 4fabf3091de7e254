"""Small repositories, each with what is right for it (`fixtures/cases`): what condabot makes of them is that.

A case that awaits something must not be right yet, so that whoever mends it takes the word away.
"""

from pathlib import Path

import pytest

from fixtures.case import Case, outcome_of, read_cases
from fixtures.expectation import differences, read_expected
from tests.oracle.watch import watched

CASES = read_cases(Path(__file__).parent.parent.parent / "fixtures" / "cases")


@pytest.fixture(autouse=True)
def locks_in_step(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pixi would say against the locks of a case is part of its outcome: a case may await that they are right."""
    return watched(monkeypatch)


def test_there_are_cases() -> None:
    assert len(CASES) > 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_is_right_for_a_case_is_what_comes_of_it(case: Case, locks_in_step: list[str]) -> None:
    expected = read_expected(case)
    assert expected is not None, "every case says what is right for it, in expected.toml"

    try:
        found = (*differences(expected, await outcome_of(case)), *locks_in_step)
    except Exception as error:
        if not expected.awaits:
            raise
        found = (repr(error),)

    if expected.awaits:
        assert found, f"it is right now: take `awaits = {expected.awaits!r}` out of its expected.toml"
    else:
        assert found == ()
