"""Pure programs that need a solver: they yield questions and are sent the answers.

`Program[T]` yields tuples of requests that may be solved at the same time, is sent their results in the same order,
and returns a T. Whoever drives it decides where and how many at once; a test drives it with a table.
"""

from collections.abc import Generator, Sequence
from typing import TypeAlias, TypeVar

from bot.model.pypi_solve import PypiRequest, PypiResult
from bot.model.solve import SolveRequest, SolveResult

T = TypeVar("T")
Program: TypeAlias = Generator[tuple[SolveRequest, ...], tuple[SolveResult, ...], T]
PypiProgram: TypeAlias = Generator[tuple[PypiRequest, ...], tuple[PypiResult, ...], T]
"""The same for programs that need a resolver of PyPI packages."""


def ask(request: SolveRequest) -> Program[SolveResult]:
    """Ask one question."""
    (result,) = yield (request,)
    return result


def together(programs: Sequence[Program[T]]) -> Program[tuple[T, ...]]:
    """Run *programs* side by side, their questions of each round in one batch; return what each returned."""
    returned: dict[int, T] = {}
    waiting: dict[int, tuple[SolveRequest, ...]] = {}
    for index, program in enumerate(programs):
        _advance(program, index, None, waiting, returned)
    while waiting:
        batch = dict(waiting)
        answers = iter((yield tuple(request for requests in batch.values() for request in requests)))
        for index, requests in batch.items():
            del waiting[index]
            _advance(programs[index], index, tuple(next(answers) for _ in requests), waiting, returned)
    return tuple(returned[index] for index in range(len(programs)))


def _advance(
    program: Program[T],
    index: int,
    answers: tuple[SolveResult, ...] | None,
    waiting: dict[int, tuple[SolveRequest, ...]],
    returned: dict[int, T],
) -> None:
    """Let *program* go on with *answers* (None starts it) until it asks again or returns."""
    try:
        waiting[index] = next(program) if answers is None else program.send(answers)
    except StopIteration as stop:
        returned[index] = stop.value
