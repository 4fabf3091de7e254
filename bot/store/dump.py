"""What cannot be found out again, as lines of JSON: when releases were seen first, what people ticked and paused.

Installations, repositories, permissions, what repositories ask for and lock, pull requests, budgets: all of that is
read again from GitHub and from channels. docs/operating.md describes the file.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, Final, TypeAlias

import msgspec
import psycopg

from bot.errors import BadInput
from bot.store.migrate import migrate

FORMAT: Final = "condabot-dump"
VERSION: Final = 1
AT_ONCE: Final = 2_000
"""Lines that are read from and written to the database at once."""


class Header(msgspec.Struct, frozen=True, kw_only=True, tag="dump"):
    """The first line."""

    format: str
    version: int


class Account(msgspec.Struct, frozen=True, kw_only=True, tag="installation"):
    """An installation that is paused."""

    installation_id: int
    account: str
    paused: bool


class Chosen(msgspec.Struct, frozen=True, kw_only=True, tag="repository"):
    """A repository that is ticked or paused."""

    repository_id: int
    installation_id: int
    full_name: str
    ticked: bool
    paused: bool


class Subdir(msgspec.Struct, frozen=True, kw_only=True, tag="subdir"):
    """A subdir of a channel that was seen; the names that follow are its own."""

    channel: str
    subdir: str
    form: str


class Name(msgspec.Struct, frozen=True, kw_only=True, tag="name"):
    """A name in a subdir: the hash of its records, and since when; none if it was there at first."""

    channel: str
    subdir: str
    name: str
    hash: bytes
    changed_at: datetime | None


class Halted(msgspec.Struct, frozen=True, kw_only=True, tag="halt"):
    """Why nothing is written anywhere."""

    cause: str
    sentence: str
    at: datetime


class End(msgspec.Struct, frozen=True, kw_only=True, tag="end"):
    """The last line: how many there are between the first and this one."""

    lines: int


Line: TypeAlias = Account | Chosen | Halted | Subdir | Name
_ANY: Final = msgspec.json.Decoder(Header | Account | Chosen | Halted | Subdir | Name | End)

READ: Final = (
    (Account, "SELECT installation_id, account, paused FROM installation WHERE paused ORDER BY installation_id"),
    (
        Chosen,
        """SELECT repository_id, installation_id, full_name, ticked, paused FROM repository
        WHERE ticked OR paused ORDER BY repository_id""",
    ),
    (Halted, "SELECT cause, sentence, at FROM halt ORDER BY cause"),
    (
        Subdir,
        """SELECT url AS channel, subdir, form FROM channel_subdir JOIN channel USING (channel_id)
        WHERE form IS NOT NULL ORDER BY url, subdir""",
    ),
    (
        Name,
        """SELECT url AS channel, subdir, name, hash, changed_at
        FROM channel_hash JOIN channel_subdir USING (subdir_id) JOIN channel USING (channel_id)
        WHERE form IS NOT NULL ORDER BY url, subdir, name""",
    ),
)

INSTALLED = "INSERT INTO installation (installation_id, account) VALUES (%s, %s) ON CONFLICT DO NOTHING"
PAUSE = "UPDATE installation SET paused = %s WHERE installation_id = %s"
CHOOSE = """
INSERT INTO repository (repository_id, installation_id, full_name, ticked, paused)
VALUES (%(repository_id)s, %(installation_id)s, %(full_name)s, %(ticked)s, %(paused)s)
ON CONFLICT (repository_id) DO UPDATE SET ticked = excluded.ticked, paused = excluded.paused
"""
HALT = """
INSERT INTO halt (cause, sentence, at) VALUES (%(cause)s, %(sentence)s, %(at)s) ON CONFLICT DO NOTHING
"""
CHANNEL = "INSERT INTO channel (url) VALUES (%(channel)s) ON CONFLICT DO NOTHING"
SUBDIR = """
INSERT INTO channel_subdir AS known (channel_id, subdir, form)
SELECT channel_id, %(subdir)s, %(form)s FROM channel WHERE url = %(channel)s
ON CONFLICT (channel_id, subdir) DO UPDATE SET form = coalesce(known.form, excluded.form)
"""
NAME = """
INSERT INTO channel_hash AS known (subdir_id, name, hash, changed_at)
SELECT subdir_id, %(name)s, %(hash)s, %(changed_at)s FROM channel JOIN channel_subdir USING (channel_id)
WHERE url = %(channel)s AND subdir = %(subdir)s
ON CONFLICT (subdir_id, name) DO UPDATE SET changed_at = least(known.changed_at, excluded.changed_at)
WHERE known.hash = excluded.hash
"""
"""What the watcher has seen meanwhile is newer and stays. What it saw for the first time only since is older than that.

A hash that differs from what the channel has now is found by the next poll, which wakes whoever asks for the name.
"""


def dump(conninfo: str, output: IO[bytes]) -> int:
    """Write the file to *output*, from one state of the database, and return how many lines it has between its ends."""
    count = 0
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        _write(output, Header(format=FORMAT, version=VERSION))
        for each in _lines(connection):
            _write(output, each)
            count += 1
        _write(output, End(lines=count))
    return count


def restore(conninfo: str, source: IO[bytes], *, name: str) -> int:
    """Bring what *source*, called *name*, has into the database, all or nothing; twice is as good as once.

    Raises:
        BadInput: it is no such file, of a newer version, or not whole.

    """
    migrate(conninfo)
    with psycopg.connect(conninfo) as connection:
        lines = _read(source, name)
        count = 0
        while piece := list(islice(lines, AT_ONCE)):
            _store(connection, piece)
            count += len(piece)
    return count


def _lines(connection: psycopg.Connection) -> Iterator[Line]:
    for kind, query in READ:
        with connection.cursor(name=f"dump_{kind.__name__.lower()}") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(query)
            names = [column.name for column in cursor.description or ()]
            for row in cursor:
                yield kind(**dict(zip(names, row, strict=True)))


def _write(output: IO[bytes], line: Header | Line | End) -> None:
    output.write(msgspec.json.encode(line) + b"\n")


def _read(source: IO[bytes], name: str) -> Iterator[Line]:
    """Return the lines between the first and the last, which are checked."""
    count = -1
    for number, text in enumerate(source, 1):
        try:
            line = _ANY.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"this is no line of a dump: {error}", path=name, line=number) from error
        if number == 1:
            _check_first(line, name)
        elif isinstance(line, End) and line.lines == count:
            return
        elif isinstance(line, Header | End):
            raise BadInput("this is no line of a dump: lines are missing or too many", path=name, line=number)
        else:
            yield line
        count += 1
    raise BadInput("the dump is not whole: its last line is missing", path=name)


def _check_first(line: Header | Line | End, name: str) -> None:
    if not isinstance(line, Header) or line.format != FORMAT:
        raise BadInput("is no dump of condabot's database", path=name, line=1)
    if line.version != VERSION:
        raise BadInput(f"is a dump of version {line.version}; this release reads {VERSION}", path=name, line=1)


def _store(connection: psycopg.Connection, lines: Iterable[Line]) -> None:
    names: list[dict[str, object]] = []
    with connection.cursor() as cursor:
        for each in lines:
            match each:
                case Name():
                    names.append(msgspec.structs.asdict(each))
                case Halted():
                    cursor.execute(HALT, msgspec.structs.asdict(each))
                case Subdir():
                    cursor.execute(CHANNEL, {"channel": each.channel})
                    cursor.execute(SUBDIR, msgspec.structs.asdict(each))
                case Account():
                    cursor.execute(INSTALLED, (each.installation_id, each.account))
                    cursor.execute(PAUSE, (each.paused, each.installation_id))
                case Chosen():
                    cursor.execute(INSTALLED, (each.installation_id, ""))
                    cursor.execute(CHOOSE, msgspec.structs.asdict(each))
        cursor.executemany(NAME, names)
