"""Pull requests of the bot, as deliveries tell of them, and what became of those of a day."""

from dataclasses import dataclass
from datetime import timedelta

from bot.store.database import Connection
from bot.store.repositories import InstalledRepository

OPENED = """
INSERT INTO pull (repository_id, number, installation_id)
SELECT repository_id, %s, installation_id FROM repository WHERE repository_id = %s
ON CONFLICT (repository_id, number) DO UPDATE SET ended = ''
"""
ENDED = "UPDATE pull SET ended = %s WHERE repository_id = %s AND number = %s AND ended = ''"
DAY = """
SELECT count(*), count(*) FILTER (WHERE ended = 'closed'),
    count(DISTINCT installation_id) FILTER (WHERE ended = 'closed')
FROM pull WHERE opened_at > greatest(now() - %s, (SELECT at FROM mark WHERE name = 'resumed'))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullsOfADay:
    """How many pull requests were opened, how many of them a person closed unmerged, and on how many accounts."""

    opened: int
    closed: int
    accounts: int


async def pull_opened(connection: Connection, repository: InstalledRepository, number: int) -> None:
    """Know of a pull request that is open."""
    await connection.execute(OPENED, (number, repository.repository_id))


async def pull_ended(connection: Connection, repository: InstalledRepository, number: int, ended: str) -> None:
    """Know that a pull request was `merged`, or `closed` by a person."""
    await connection.execute(ENDED, (ended, repository.repository_id, number))


async def pulls_of_a_day(connection: Connection, span: timedelta = timedelta(days=1)) -> PullsOfADay:
    """Count the pull requests opened within the last *span*, and not before a person last let writes go on."""
    row = await (await connection.execute(DAY, (span,))).fetchone()
    opened, closed, accounts = row or (0, 0, 0)
    return PullsOfADay(opened=opened, closed=closed, accounts=accounts)


async def forget_old_pulls(connection: Connection, *, days: int = 30) -> None:
    """Forget pull requests that were opened more than *days* ago."""
    await connection.execute("DELETE FROM pull WHERE opened_at < now() - make_interval(days => %s)", (days,))
