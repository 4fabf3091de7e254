"""What is said where not even an easier question has a solution."""

from dataclasses import dataclass, field

import pytest

from bot.model.solve import Solution, SolveRequest, SolveResult, Unsolvable
from bot.planning.baseline import question, specs
from bot.updating.survey.easier import at_less
from tests.planning.toy import LINUX, NOW, asks_for, record, unit


@dataclass(slots=True)
class Answers:
    """A solver that answers in turn and keeps what it was asked."""

    results: list[SolveResult]
    asked: list[SolveRequest] = field(default_factory=list)

    async def solve(self, request: SolveRequest) -> SolveResult:
        self.asked.append(request)
        return self.results.pop(0)


NO, OTHER = Unsolvable(text=""), Unsolvable(text="no anvil")
FOUND = Solution(records=(record("a", "1.0"),))


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        pytest.param("__cuda 11.4", [NO, FOUND], FOUND, id="less-is-enough"),
        pytest.param("__cuda 11.4", [NO, NO, NO, OTHER], OTHER, id="the-driver-is-not-what-is-wrong"),
        pytest.param("no anvil", [NO, NO, NO], Unsolvable(text="no anvil"), id="it-was-not-about-the-driver"),
    ],
)
async def test_the_words_are_about_what_is_wrong(text: str, answers: list[SolveResult], expected: SolveResult) -> None:
    asked = unit(asks_for("a", "*"), subdir=LINUX)
    request = question(asked, specs=specs(asked), newest_record=NOW)
    solver = Answers(list(answers))

    assert await at_less(Unsolvable(text=text), asked, solver, (request, request)) == expected
    assert (solver.results, solver.asked[-1].is_doubtful) == ([], expected is not OTHER)
