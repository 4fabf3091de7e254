"""Look before you make: nothing that is there is made a second time, also when the answer to making it was lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.clock import Clock
from bot.errors import AnswerLost

T = TypeVar("T")

SETTLING = 2.0
"""Seconds after which GitHub's lists show what was just made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensured(Generic[T]):
    """What is there now; `created` if it was not before."""

    it: T
    created: bool


async def ensured(
    look: Callable[[], Awaitable[T | None]], make: Callable[[], Awaitable[T]], *, clock: Clock
) -> Ensured[T]:
    """Return what *look* finds or else *make* makes; after a lost answer it looks, and makes once more if need be.

    Raises:
        AnswerLost: two answers were lost; whoever comes next looks first.

    """
    if (found := await look()) is not None:
        return Ensured(it=found, created=False)
    try:
        return Ensured(it=await make(), created=True)
    except AnswerLost:
        await clock.sleep(SETTLING)
        if (made := await look()) is not None:
            return Ensured(it=made, created=True)
        return Ensured(it=await make(), created=True)
