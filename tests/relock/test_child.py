"""The child's side of the conversation, without a process around it."""

import io
from pathlib import Path

import pytest

from bot.children.bounds import MEBIBYTE
from bot.children.frames import LENGTH_BYTES, frame
from bot.demo.channel import record
from bot.model.manifest import Subdir
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.relock import child
from bot.relock.protocol import Answer, Hello, Question, decode, encode
from bot.settings import ChannelSettings
from tests.channels import ALIAS, served, settings_for

REQUEST = SolveRequest(channels=(f"{ALIAS}/a",), subdir=Subdir("linux-64"), specs=("tool",), virtual_packages=())


class Pipe(io.BytesIO):
    """What was written to it can be read as frames."""

    def answers(self) -> list[Answer]:
        content, found = self.getvalue(), []
        while content:
            end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "big")
            found.append(decode(content[LENGTH_BYTES:end], Answer))
            content = content[end:]
        return found


@pytest.fixture
def unbounded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep this process's own memory out of it; return the bounds that were asked for."""
    bounds: list[int] = []
    monkeypatch.setattr(child, "bound_memory", bounds.append)
    return bounds


async def test_it_answers_each_question_until_the_pipe_ends(tmp_path: Path, unbounded: list[int]) -> None:
    async with served(a=(record("tool", "1"),)) as demo:
        hello = Hello(channels=settings_for(demo, tmp_path), memory=MEBIBYTE)
        questions = [Question.of(REQUEST, generation=number) for number in (0, 1, 0, 2, 3)]
        pipe = Pipe()
        await child._serve(io.BytesIO(b"".join(frame(encode(each)) for each in (hello, *questions))), pipe)

    results = [each.result for each in pipe.answers()]
    assert all(isinstance(each, Solution) for each in results)
    assert len(results) == len(questions)
    assert unbounded == [MEBIBYTE]


async def test_a_generation_keeps_its_view_while_two_take_turns(tmp_path: Path) -> None:
    solver = child.Solver(ChannelSettings(cache_dir=tmp_path))
    first, second = solver._view(1), solver._view(2)

    assert solver._view(1) is first
    solver._view(3)
    assert solver._view(1) is first
    assert solver._view(2) is not second


async def test_a_defect_is_a_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def broken(*_: object) -> SolveResult:
        raise KeyError("oh")

    monkeypatch.setattr(child, "solve", broken)
    result = await child.Solver(ChannelSettings(cache_dir=tmp_path)).answer(Question.of(REQUEST, generation=0))

    assert result == NotSolved(reason="The solver failed on this environment: KeyError: 'oh'")


@pytest.mark.parametrize(
    "result",
    [Solution(records=()), Unsolvable(text="no"), NotSolved(reason="no")],
    ids=["solution", "unsolvable", "not solved"],
)
def test_results_are_the_same_on_both_sides(result: SolveResult) -> None:
    assert decode(encode(Answer.of(result, held=7)), Answer) == Answer.of(result, held=7)
    assert Answer.of(result, held=7).result == result


def test_an_answer_without_a_result_is_no_verdict() -> None:
    assert Answer(held=0).result == NotSolved(reason="The solver gave no answer.")


def test_settings_cross_the_border_whole(tmp_path: Path) -> None:
    hello = Hello(channels=ChannelSettings(cache_dir=tmp_path), memory=1)

    assert decode(encode(hello), Hello) == hello


def test_nothing_else_crosses_it() -> None:
    with pytest.raises(NotImplementedError, match="object does not cross"):
        encode(object())
    with pytest.raises(NotImplementedError, match="complex does not cross"):
        decode(b"1", complex)
