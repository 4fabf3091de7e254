"""Drives the pure programs of planning with a real solver."""

import asyncio

from bot.planning.steps import Steps, T
from bot.updating.ports import Solver


async def drive(program: Steps[T], solver: Solver) -> T:
    """Answer the questions of *program* with *solver*, those of one round at the same time; return its result."""
    try:
        requests = next(program)
        while True:
            results = await asyncio.gather(*(solver.solve(request) for request in requests))
            requests = program.send(tuple(results))
    except StopIteration as stop:
        result: T = stop.value
        return result
