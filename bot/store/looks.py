"""Changes of people that are to be looked at, until they were: pull requests, and heads of a merge queue.

Like a want it is level-triggered: a pull request is looked at as it is then, however often it was pushed to. A row
stays while somebody looks, so that a push meanwhile is one more look, and failures are counted. After five it is given
up: the next push asks again.
"""

from dataclasses import dataclass

from bot.store.database import Connection
from bot.store.repositories import InstalledRepository
from bot.store.wants import wait_after

ATTEMPTS = 5
SOONER = 10
"""So much sooner than to a scan it is come back to what failed: somebody looks at a pull request that has no check."""

WANT = """
INSERT INTO look (repository_id, number, head, base, wanted_at) VALUES (%s, %s, %s, %s, now())
ON CONFLICT (repository_id, number, head) DO UPDATE SET wanted_at = least(look.wanted_at, now()),
    base = excluded.base, next_try_at = NULL, failures = 0
"""
NEXT = """
SELECT look.repository_id, installation_id, look.number, look.head, look.base
FROM due_look JOIN look USING (repository_id, number, head)
ORDER BY looked_at, due_look.wanted_at, repository_id, number LIMIT 1 FOR UPDATE OF look SKIP LOCKED
"""
TAKE = "UPDATE look SET wanted_at = NULL WHERE (repository_id, number, head) = (%s, %s, %s)"
SERVED = "UPDATE installation SET looked_at = clock_timestamp() WHERE installation_id = %s"
DONE = "DELETE FROM look WHERE (repository_id, number, head) = (%s, %s, %s) AND wanted_at IS NULL"
FAILURES = "SELECT failures FROM look WHERE (repository_id, number, head) = (%s, %s, %s)"
AGAIN = """
UPDATE look SET failures = failures + %s, wanted_at = coalesce(wanted_at, now()),
    next_try_at = CASE WHEN wanted_at IS NULL THEN now() + make_interval(secs => %s) END
WHERE (repository_id, number, head) = (%s, %s, %s)
"""
FORGET_LOST = """
DELETE FROM look WHERE wanted_at IS NULL AND NOT EXISTS (
    SELECT FROM procrastinate_jobs WHERE task_name = 'look' AND status IN ('todo', 'doing')
    AND lock = 'pull:' || repository_id || ':' || CASE WHEN number > 0 THEN number::text ELSE head END
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is to be looked at: pull request `number`, or if that is 0 the commit `head`, which came after `base`."""

    repository: InstalledRepository
    number: int = 0
    head: str = ""
    base: str = ""

    @property
    def words(self) -> str:
        """What people call it."""
        return f"pull request #{self.number}" if self.number else f"merge group {self.head[:7]}"

    @property
    def lock(self) -> str:
        """The name under which one at a time looks at it; `due_look` knows it too."""
        return f"pull:{self.repository.repository_id}:{self.number or self.head}"

    @property
    def key(self) -> tuple[int, int, str]:
        """What tells it from every other."""
        return self.repository.repository_id, self.number, self.head


async def want_look(connection: Connection, look: Look) -> None:
    """Want *look* taken at a repository that is known; a person waits for it, so what failed before is forgotten."""
    await connection.execute(WANT, (*look.key, look.base))


async def take_look(connection: Connection) -> Look | None:
    """Return what is to be looked at next, which is not wanted any more: of the account that waits for longest."""
    row = await (await connection.execute(NEXT)).fetchone()
    if row is None:
        return None
    repository = InstalledRepository(installation_id=row[1], repository_id=row[0])
    look = Look(repository=repository, number=row[2], head=row[3], base=row[4])
    await connection.execute(TAKE, look.key)
    await connection.execute(SERVED, (repository.installation_id,))
    return look


async def look_done(connection: Connection, look: Look) -> None:
    """Forget what was looked at, unless it is wanted again already."""
    await connection.execute(DONE, look.key)


async def look_later(connection: Connection, look: Look, seconds: float) -> None:
    """Want again in so many *seconds* what could not be looked at now: nobody is to blame."""
    await connection.execute(AGAIN, (0, seconds, *look.key))


async def look_failed(connection: Connection, look: Look) -> float | None:
    """Want again what failed, later each time; return in how many seconds, None if it is given up."""
    row = await (await connection.execute(FAILURES, look.key)).fetchone()
    failures = row[0] if row else 0
    if failures + 1 >= ATTEMPTS:
        await look_done(connection, look)
        return None
    seconds = wait_after(failures).total_seconds() / SOONER
    await connection.execute(AGAIN, (1, seconds, *look.key))
    return seconds


async def forget_lost_looks(connection: Connection) -> None:
    """Forget what nobody wants and nobody looks at: the look killed its workers too often."""
    await connection.execute(FORGET_LOST)
