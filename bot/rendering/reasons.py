"""Why something is not newer, in a clause: the shortest form of the sentence that is still true."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.model.report import DependencyStatus
from bot.model.update import Blocker, HeldBack
from bot.rendering.sizes import counted

SEPARATOR: Final = "; "
QUOTE: Final = '"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What is known of the sentences of a report: the lines that keep a release out, by the sentence."""

    blockers: Mapping[str, tuple[Blocker, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, held_back: Iterable[HeldBack]) -> "Reasons":
        """Return what *held_back* say."""
        return cls(blockers={each.sentence: each.blockers for each in held_back if each.blockers})

    def clause(self, status: DependencyStatus) -> str:
        """Return why *status* is not at its newest version, without what its row says already; empty without a reason.

        Of several lines that keep it out, each of which does so alone, the first is named. What somebody is quoted
        with is never cut.
        """
        if blockers := self.blockers.get(status.reason):
            return f"{_blocked(blockers[0], status)}{_others(len(blockers) - 1, 'line')}"
        words = _without_subject(status.reason, status)
        first, *others = words.split(SEPARATOR)
        return words if first.count(QUOTE) % 2 else f"{first}{_others(len(others), 'reason')}"


def _blocked(blocker: Blocker, status: DependencyStatus) -> str:
    is_here = blocker.manifest == status.manifest
    place = f"line {blocker.line}" if is_here else f"{blocker.manifest}:{blocker.line}"
    written = f"{place} asks for {blocker.name} {blocker.spec}".rstrip()
    quote = _without_subject(blocker.requirement, status)
    return f"{quote}, {written}" if quote else written


def _without_subject(sentence: str, status: DependencyStatus) -> str:
    return sentence.removeprefix(f"{status.name} {status.newest} ")


def _others(count: int, noun: str) -> str:
    return f" (and {counted(count, f'more {noun}')})" if count else ""
