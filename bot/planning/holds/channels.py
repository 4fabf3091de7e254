"""Channels that did not answer: what they would have is unknown, never absent."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.planning.holds.hold import Hold, HoldRule, HoldScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A dependency of an environment that could not be judged; `reason` is a sentence about the channel.

    `dependency` tells lines apart (a path and a line number, or a name).
    """

    reason: str
    environment: str
    dependency: str


def unknown_channels(unjudged: Iterable[Unjudged]) -> tuple[Hold, ...]:
    """Return one hold for each reason, with what it concerns counted and what to do about it, in order."""
    by_reason: dict[str, list[Unjudged]] = {}
    for each in unjudged:
        by_reason.setdefault(each.reason, []).append(each)
    return tuple(_unknown(reason, concerned) for reason, concerned in by_reason.items())


def _unknown(reason: str, concerned: Iterable[Unjudged]) -> Hold:
    what, _, fix = reason.rstrip(".").partition(": ")
    dependencies = _counted(len({each.dependency for each in concerned}), "dependency", "dependencies")
    environments = _counted(len({each.environment for each in concerned}), "environment", "environments")
    advice = f". Fix: {fix}" if fix else ""
    sentence = f"{what}: {dependencies} in {environments} not judged{advice}"
    return Hold(rule=HoldRule.CHANNEL_UNKNOWN, sentence=sentence, scope=HoldScope.ALL)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
