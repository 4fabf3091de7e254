"""What goes wrong with one file or one plan is said of it, and keeps nothing from the others; a defect of ours too."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from bot.lockfiles import problem_of
from bot.model.report import Problem

T = TypeVar("T")


async def contained(path: str, work: Callable[[], Awaitable[T]]) -> T | Problem:
    """Return what *work*, which is about the file at *path*, comes to, or what is said of its failure.

    It is called here, so that nothing is left that never began where all is called off.
    """
    try:
        return await work()
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is said, and the other files go on
        return problem_of(path, error)


def parted(outcomes: Iterable[T | Problem]) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    """Return what came of the work in *outcomes*, and what is said of work that failed."""
    every = tuple(outcomes)
    return (
        tuple(each for each in every if not isinstance(each, Problem)),
        tuple(each for each in every if isinstance(each, Problem)),
    )
