"""Whether locks are in step, in words and for other programs: `condabot check --locked`."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from bot.model.lock_verdict import LockStanding, LockVerdict, Reason
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import Line, Tone, Width, some, wrapped

FORMAT_VERSION: Final = 1
MOST_REASONS: Final = 10
REASON: Final = 4
WORDS: Final = {
    LockStanding.IN_STEP: "is in step",
    LockStanding.OUT_OF_STEP: "is not in step with its manifest",
    LockStanding.CONFLICTED: "has a merge conflict",
    LockStanding.ORPHANED: "has no manifest",
    LockStanding.NOT_JUDGED: "is not judged in full",
    LockStanding.UNREADABLE: "cannot be read",
}
TONES: Final = {LockStanding.IN_STEP: Tone.PLAIN, LockStanding.NOT_JUDGED: Tone.HELD}
NO_LOCK: Final = "No lockfile that condabot reads is here."


def verdict_lines(verdicts: Iterable[LockVerdict], width: Width, *, everything: bool) -> Iterator[Line]:
    """Yield a line for each lock, and below it why; the same reason in several places once."""
    found = tuple(verdicts)
    if not found:
        yield from wrapped(NO_LOCK, width)
    for verdict in found:
        tone = TONES.get(verdict.standing, Tone.PROBLEM)
        yield from wrapped(f"{verdict.path} {WORDS[verdict.standing]}{_extent(verdict)}", width, tone)
        told = _told(verdict.reasons)
        shown = told if everything else told[:MOST_REASONS]
        for words in shown:
            yield from wrapped(words, width, indent=REASON)
        if more := len(told) - len(shown):
            yield from wrapped(f"and {counted(more, 'more reason')} (`--all` shows them)", width, indent=REASON)


def verdicts_document(verdicts: Iterable[LockVerdict], problems: Iterable[Any]) -> dict[str, Any]:
    """Return *verdicts* as a document of JSON types. Fields are added under the same version, never changed."""
    return {
        "version": FORMAT_VERSION,
        "locks": [
            {"path": each.path, "standing": each.standing, "reasons": [*map(_document, each.reasons)]}
            for each in verdicts
        ],
        "problems": [{"path": each.path, "line": each.line, "reason": each.sentence} for each in problems],
    }


def _document(reason: Reason) -> dict[str, Any]:
    return {
        "path": reason.manifest,
        "line": reason.line,
        "environment": reason.environment,
        "platform": reason.platform,
        "reason": reason.sentence,
    }


def _extent(verdict: LockVerdict) -> str:
    environments = counted(len({name for name, _ in verdict.judged}), "environment")
    platforms = counted(len({platform for _, platform in verdict.judged}), "platform")
    return f" ({environments}, {platforms})" if verdict.judged else ""


def _told(reasons: Iterable[Reason]) -> list[str]:
    places: dict[str, list[Reason]] = {}
    for each in reasons:
        places.setdefault(_sentence(each), []).append(each)
    return [f"{sentence}{_where(found)}" for sentence, found in places.items()]


def _sentence(reason: Reason) -> str:
    place = f"{reason.manifest}:{reason.line}" if reason.line else ""
    return reason.sentence if not place or reason.sentence.startswith(place) else f"{place} {reason.sentence}"


def _where(reasons: Iterable[Reason]) -> str:
    found = tuple(reasons)
    environments = some(each.environment for each in found if each.environment)
    platforms = some(each.platform for each in found if each.platform)
    both = " on ".join(filter(None, (environments, platforms)))
    return f" ({both})" if both else ""
