"""Who locks a package: what an operator types, and the repositories whose locks hold it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import SpecError
from bot.store.database import Connection
from bot.store.locked import who_locks, who_locks_file
from bot.store.overview import RepositoryRow, repositories_of_ids

SHA256 = re.compile(r"[0-9a-fA-F]{64}")
ASKED = re.compile(r"(?P<name>[\w.-]+)\s*(?P<versions>.*)", re.ASCII)
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """How many repositories lock what was asked for, and the first of them."""

    count: int = 0
    first: Sequence[RepositoryRow] = ()


async def locked_by(connection: Connection, asked: str) -> Locked:
    """Return who locks *asked*: a name, a name with versions (`numpy >=2,<2.1`), or a file by its SHA-256.

    Raises:
        SpecError: it is none of these.

    """
    if SHA256.fullmatch(asked):
        found = await who_locks_file(connection, asked.lower(), limit=SHOWN)
    elif parts := ASKED.fullmatch(asked):
        found = await who_locks(connection, parts["name"].lower(), parts["versions"] or "*", limit=SHOWN)
    else:
        raise SpecError("neither a name, nor a name with versions, nor a SHA-256")
    return Locked(count=found.count, first=await repositories_of_ids(connection, found.first))
