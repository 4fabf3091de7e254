"""What people asked for in pull requests, until it was done: each asked for once, by what it was asked with.

A row stays while it is carried out, and failures are counted. After three it is given up; who asked may ask again.
"""

from dataclasses import dataclass

from bot.model.command import Command, Verb
from bot.store.database import Connection
from bot.store.repositories import InstalledRepository
from bot.store.wants import wait_after

RELOCK = "relock:"
"""What the button of a check is called, before the number of its pull request: of a fork's, GitHub names none."""

ATTEMPTS = 3
SOONER = 10
"""So much sooner than to a scan it is come back to what failed: somebody waits."""

MOST_WAITING = 50
"""Commands of one repository that wait at once: anybody may write a comment, and each is looked into."""

WANT = """
INSERT INTO command (repository_id, number, source, verb, argument, login, user_id, wanted_at)
SELECT %(repository)s, %(number)s, %(source)s, %(verb)s, %(argument)s, %(login)s, %(user)s, now()
WHERE (SELECT count(*) FROM command WHERE repository_id = %(repository)s) < %(most)s
ON CONFLICT (repository_id, number, source) DO UPDATE SET wanted_at = least(command.wanted_at, now()),
    verb = excluded.verb, argument = excluded.argument, login = excluded.login, user_id = excluded.user_id,
    next_try_at = NULL, failures = 0
"""
NEXT = """
SELECT repository_id, installation_id, number, source, verb, argument, login, user_id
FROM due_command JOIN command USING (repository_id, number, source)
ORDER BY looked_at, due_command.wanted_at, repository_id, number, source LIMIT 1 FOR UPDATE OF command SKIP LOCKED
"""
TAKE = "UPDATE command SET wanted_at = NULL WHERE (repository_id, number, source) = (%s, %s, %s)"
SERVED = "UPDATE installation SET looked_at = clock_timestamp() WHERE installation_id = %s"
DONE = "DELETE FROM command WHERE (repository_id, number, source) = (%s, %s, %s) AND wanted_at IS NULL"
FAILURES = "SELECT failures FROM command WHERE (repository_id, number, source) = (%s, %s, %s)"
AGAIN = """
UPDATE command SET failures = failures + %s, wanted_at = coalesce(wanted_at, now()),
    next_try_at = CASE WHEN wanted_at IS NULL THEN now() + make_interval(secs => %s) END
WHERE (repository_id, number, source) = (%s, %s, %s)
"""
FORGET_LOST = """
DELETE FROM command WHERE wanted_at IS NULL AND NOT EXISTS (
    SELECT FROM procrastinate_jobs WHERE task_name = 'command' AND status IN ('todo', 'doing')
    AND queueing_lock = 'command:' || repository_id || ':' || number || ':' || source
)
"""

COMMENT = "comment-"
BUTTON = "button-"
BOX = "box"
CONFLICT = "conflict-"
"""What commands are given with: a comment or a check by its number, the box of a body, a commit with markers in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullCommand:
    """What is asked for in pull request `number`, with `source`, by the account `login`: without one by ourselves."""

    repository: InstalledRepository
    number: int
    source: str
    command: Command
    login: str = ""
    user_id: int = 0

    @property
    def words(self) -> str:
        """What people call it."""
        return f"{self.command.verb} in pull request #{self.number}"

    @property
    def comment_id(self) -> int | None:
        """The comment that it was given with, if it was."""
        return int(self.source.removeprefix(COMMENT)) if self.source.startswith(COMMENT) else None

    @property
    def lock(self) -> str:
        """The name under which one at a time is at a pull request; `due_command` and `due_look` know it too."""
        return f"pull:{self.repository.repository_id}:{self.number}"

    @property
    def queueing_lock(self) -> str:
        """The name under which it waits in the queue once."""
        return f"command:{self.repository.repository_id}:{self.number}:{self.source}"

    @property
    def key(self) -> tuple[int, int, str]:
        """What tells it from every other."""
        return self.repository.repository_id, self.number, self.source


async def want_command(connection: Connection, command: PullCommand) -> None:
    """Want *command* carried out at a repository that is known; where very many wait it is not taken note of."""
    values = {
        "repository": command.repository.repository_id,
        "number": command.number,
        "source": command.source,
        "verb": str(command.command.verb),
        "argument": command.command.argument,
        "login": command.login,
        "user": command.user_id,
        "most": MOST_WAITING,
    }
    await connection.execute(WANT, values)


async def take_command(connection: Connection) -> PullCommand | None:
    """Return what is to be carried out next, which is not wanted any more: of the account that waits for longest."""
    row = await (await connection.execute(NEXT)).fetchone()
    if row is None:
        return None
    found = PullCommand(
        repository=InstalledRepository(installation_id=row[1], repository_id=row[0]),
        number=row[2],
        source=row[3],
        command=Command(verb=Verb(row[4]), argument=row[5]),
        login=row[6],
        user_id=row[7],
    )
    await connection.execute(TAKE, found.key)
    await connection.execute(SERVED, (found.repository.installation_id,))
    return found


async def command_done(connection: Connection, command: PullCommand) -> None:
    """Forget what was carried out, unless it is wanted again already."""
    await connection.execute(DONE, command.key)


async def command_later(connection: Connection, command: PullCommand, seconds: float) -> None:
    """Want again in so many *seconds* what could not be done now: nobody is to blame."""
    await connection.execute(AGAIN, (0, seconds, *command.key))


async def command_failed(connection: Connection, command: PullCommand) -> float | None:
    """Want again what failed, later each time; return in how many seconds, None if it is given up."""
    row = await (await connection.execute(FAILURES, command.key)).fetchone()
    failures = row[0] if row else 0
    if failures + 1 >= ATTEMPTS:
        await command_done(connection, command)
        return None
    seconds = wait_after(failures).total_seconds() / SOONER
    await connection.execute(AGAIN, (1, seconds, *command.key))
    return seconds


async def forget_lost_commands(connection: Connection) -> None:
    """Forget what nobody wants and nobody is at: it killed its workers too often."""
    await connection.execute(FORGET_LOST)
