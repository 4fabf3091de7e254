"""Why something is not newer, in a clause: the shortest form of the sentence that is still true."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.model.report import DependencyStatus
from bot.model.update import Blocker, HeldBack
from bot.rendering.sizes import counted

SEPARATOR: Final = "; "
QUOTE: Final = '"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A reason in few words; if it `continues`, its subject is the newest version: `is 3 days old`."""

    words: str
    continues: bool = False

    def about(self, newest: str | None) -> str:
        """Return what is said of *newest*, which is not taken."""
        separator = " " if self.continues else ": " if self.words else ""
        return f"{'' if self.continues else 'not '}{newest}{separator}{self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """What is known of the sentences of a report: the lines that keep a release out, by the sentence."""

    blockers: Mapping[str, tuple[Blocker, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, held_back: Iterable[HeldBack]) -> "Reasons":
        """Return what *held_back* say."""
        return cls(blockers={each.sentence: each.blockers for each in held_back if each.blockers})

    def clause(self, status: DependencyStatus) -> Clause:
        """Return why *status* is not at its newest version, without what its row says already; empty without a reason.

        Of several lines that keep it out, each of which does so alone, the first is named. What somebody is quoted
        with is never cut.
        """
        if blockers := self.blockers.get(status.reason):
            return _blocked(blockers, status)
        whole = _continuing(status.reason, status)
        first, *others = whole.words.split(SEPARATOR)
        is_cut = bool(others) and first.count(QUOTE) % 2 == 0
        return replace(whole, words=f"{first}{_others(len(others), 'reason')}") if is_cut else whole


def _blocked(blockers: Sequence[Blocker], status: DependencyStatus) -> Clause:
    first = blockers[0]
    place = f"line {first.line}" if first.manifest == status.manifest else f"{first.manifest}:{first.line}"
    written = f"{place} asks for {first.name} {first.spec}".rstrip() + _others(len(blockers) - 1, "line")
    quote = _continuing(first.requirement, status)
    if not quote.words:
        return Clause(words=f"does not solve while {written}", continues=True)
    return replace(quote, words=f"{quote.words}, {written}")


def _continuing(sentence: str, status: DependencyStatus) -> Clause:
    subject = f"{status.name} {status.newest} "
    return Clause(words=sentence.removeprefix(subject), continues=sentence.startswith(subject))


def _others(count: int, noun: str) -> str:
    return f" (and {counted(count, f'more {noun}')})" if count else ""
