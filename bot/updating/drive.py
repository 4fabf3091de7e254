"""Drives the pure programs of planning with a real solver."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
T = TypeVar("T")


async def drive(
    program: Generator[tuple[Question, ...], tuple[Answer, ...], T], solve: Callable[[Question], Awaitable[Answer]]
) -> T:
    """Answer the questions of *program* with *solve*, those of one round at the same time; return its result."""
    try:
        questions = next(program)
        while True:
            answers = await asyncio.gather(*map(solve, questions))
            questions = program.send(tuple(answers))
    except StopIteration as stop:
        result: T = stop.value
        return result
