"""An attempt: a choice of releases, tried wherever it is felt, and what became of it there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from bot.model.solve import NotSolved, Unsolvable
from bot.model.update import Release
from bot.planning.candidates import Candidate

Where = TypeVar("Where")
Solved = TypeVar("Solved")

Choice: TypeAlias = Mapping[Candidate, Release]
"""Which release each candidate is tried at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Generic[Where, Solved]):
    """A choice, tried on every unit that it touches, or up to one where it does not solve.

    For the sake of the `leading` candidates others may go further than was chosen, on the units that they share.
    """

    choice: Choice
    results: tuple[tuple[Where, Solved | Unsolvable | NotSolved], ...]
    leading: frozenset[Candidate] = frozenset()

    @property
    def solved(self) -> bool:
        """Whether it holds everywhere."""
        return not any(isinstance(result, Unsolvable | NotSolved) for _, result in self.results)

    @property
    def not_judged(self) -> tuple[str, ...]:
        """Why there was no verdict somewhere, each reason once."""
        return tuple(dict.fromkeys(result.reason for _, result in self.results if isinstance(result, NotSolved)))

    @property
    def failure(self) -> tuple[Where, str] | None:
        """Where it does not hold first, and what was said there; None if there is no such place."""
        return next(((where, result.text) for where, result in self.results if isinstance(result, Unsolvable)), None)

    def without_verdict(self, candidate: Candidate) -> str:
        """Return the sentence that nobody could tell whether *candidate* holds, and why."""
        return f"{candidate.name} {candidate.wanted.version} was not judged: {' '.join(self.not_judged)}"
