"""What became of single proposals: which could not be published, and what was pushed.

A proposal that fails again and again rests, so that its failure costs neither requests nor pushes; it is tried again
when what it proposes has changed its key, or a person asks.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.store.database import Connection

FAILURES_BEFORE_REST = 5
"""A proposal that failed this often rests."""

FAIL = """
INSERT INTO proposal (repository_id, key, failures, sentence)
SELECT repository_id, %(key)s, 1, %(sentence)s FROM repository WHERE repository_id = %(id)s
ON CONFLICT (repository_id, key) DO UPDATE
SET failures = proposal.failures + 1, sentence = excluded.sentence, failed_at = now()
"""
RESTING = "SELECT key, sentence FROM proposal WHERE repository_id = %s AND failures >= %s"
PUSHED = "INSERT INTO push (repository_id, key) SELECT repository_id, %s FROM repository WHERE repository_id = %s"
SINCE = "SELECT pushed_at FROM push WHERE repository_id = %s AND pushed_at > now() - %s ORDER BY pushed_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedProposal:
    """A proposal, by the key of its plan, and why it could not be published."""

    key: str
    sentence: str


async def proposal_failed(connection: Connection, repository_id: int, failed: FailedProposal) -> None:
    """Count a failure of a proposal."""
    await connection.execute(FAIL, {"id": repository_id, "key": failed.key, "sentence": failed.sentence})


async def proposal_pushed(connection: Connection, repository_id: int, key: str) -> None:
    """Count a push of a proposal, whatever became of the steps after it."""
    await connection.execute(PUSHED, (key, repository_id))


async def proposal_published(connection: Connection, repository_id: int, key: str) -> None:
    """Forget the failures of a proposal: its pull request stands."""
    await connection.execute("DELETE FROM proposal WHERE repository_id = %s AND key = %s", (repository_id, key))


async def wake_proposals(connection: Connection, repository_ids: Collection[int]) -> None:
    """Have proposals that rest tried again: somebody asks for it."""
    await connection.execute("DELETE FROM proposal WHERE repository_id = ANY(%s)", (list(repository_ids),))


async def resting_proposals(connection: Connection, repository_id: int) -> Mapping[str, str]:
    """Return the keys of the proposals that rest, and why each does."""
    cursor = await connection.execute(RESTING, (repository_id, FAILURES_BEFORE_REST))
    return MappingProxyType(dict(await cursor.fetchall()))


async def pushed_within(connection: Connection, repository_id: int, span: timedelta) -> tuple[datetime, ...]:
    """Return when the bot pushed to a repository within the last *span*, the first time first."""
    cursor = await connection.execute(SINCE, (repository_id, span))
    return tuple([pushed_at for (pushed_at,) in await cursor.fetchall()])


async def forget_old_pushes(connection: Connection, *, days: int = 30) -> None:
    """Forget pushes of more than *days* ago."""
    await connection.execute("DELETE FROM push WHERE pushed_at < now() - make_interval(days => %s)", (days,))
