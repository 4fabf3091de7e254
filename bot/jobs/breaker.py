"""The breaker: when what the bot writes is not what people want, it stops writing anywhere until a person looks.

It trips on a lock of ours that holds what its channel does not offer, and when people close a fifth of a day's pull
requests unmerged. Neither is to be anybody's lever: only records that the bot itself brought count as its own, and
closed pull requests only where there are many, on several accounts. `condabot resume` lets writes go on.
"""

import logging

from bot import metrics
from bot.metrics import PullState
from bot.store.database import Connection
from bot.store.halts import Cause, halt
from bot.store.pulls import PullsOfADay, pull_ended, pull_opened, pulls_of_a_day
from bot.store.repositories import InstalledRepository

log = logging.getLogger(__name__)

MOST_CLOSED = 0.2
"""The part of a day's pull requests that people may close unmerged."""

FEWEST_CLOSED = 10
"""Fewer say nothing: two who close one each of five are nobody's outage."""

FEWEST_ACCOUNTS = 3
"""One account that closes everything has a reason of its own, or wants to stop everybody else's updates."""


async def lock_rejected(connection: Connection, repository: InstalledRepository, sentence: str) -> None:
    """Stop all writes: what the bot would have committed to *repository* is not what its channel offers."""
    metrics.lock_rejected()
    words = f"a lock for repository {repository.repository_id} was rejected: {sentence}"
    if await halt(connection, Cause.REJECTED_LOCK, words):
        log.error("the breaker stops all writes: %s", words)


async def pull_became(connection: Connection, repository: InstalledRepository, number: int, state: PullState) -> None:
    """Count what became of a pull request, and stop all writes if too many of the day's were closed."""
    metrics.pull_became(state)
    if state is PullState.OPENED:
        await pull_opened(connection, repository, number)
        return
    await pull_ended(connection, repository, number, state)
    sentence = too_many_closed(await pulls_of_a_day(connection)) if state is PullState.CLOSED else ""
    if sentence and await halt(connection, Cause.CLOSED_UNMERGED, sentence):
        log.error("the breaker stops all writes: %s", sentence)


def too_many_closed(day: PullsOfADay) -> str:
    """Return in a sentence that people do not want what they get, empty if they may well do."""
    if day.closed < FEWEST_CLOSED or day.accounts < FEWEST_ACCOUNTS or day.closed < MOST_CLOSED * day.opened:
        return ""
    return f"of {day.opened} pull requests opened within a day, {day.closed} were closed unmerged"
