"""What the pages are made of, and what they ask of others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.clock import Clock
from bot.github.people import People
from bot.store.database import Connection, Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Locking:
    """A repository whose lock holds a package."""

    repository_id: int
    full_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """How many repositories lock what was asked for, and some of them."""

    count: int
    some: Sequence[Locking] = ()


class LockIndex(Protocol):
    """Knows who locks a package."""

    async def who_locks(self, connection: Connection, asked: str, *, limit: int) -> Locked:
        """Return who locks *asked*: a name, a name with a version range, or a SHA-256.

        Raises:
            BadInput: it is none of these.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSetup:
    """What the pages are made of. `reading` is a pool of their own: a slow page makes no delivery wait.

    `url` is the address at which people reach them; without `people` only the operator signs in, without a token only
    people. `locks` is None where nobody keeps who locks what.
    """

    pool: Pool
    reading: Pool
    clock: Clock
    webhook_secrets: tuple[str, ...] = field(repr=False)
    operator_token: str = field(default="", repr=False)
    people: People | None = None
    url: str = ""
    github: str = "https://github.com"
    locks: LockIndex | None = None
