"""What goes wrong with one file or one plan is said of it, and keeps nothing from the others; a defect of ours too."""

from collections.abc import Awaitable
from typing import TypeVar

from bot.lockfiles import problem_of
from bot.model.report import Problem

T = TypeVar("T")


async def contained(path: str, work: Awaitable[T]) -> T | Problem:
    """Return what *work*, which is about the file at *path*, comes to, or what is said of its failure."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is said, and the other files go on
        return problem_of(path, error)
