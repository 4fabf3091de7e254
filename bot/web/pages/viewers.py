"""What somebody who signed in may see and do.

The operator sees everything. A person sees what GitHub shows them of the App's installations, repository by repository:
somebody who may read one repository of an account learns nothing of its others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from bot.github.people import People
from bot.store.database import Connection
from bot.store.overview import PAGE, Place, RepositoryRow, chosen_repositories, repositories


class Right(IntEnum):
    """What one may do with a repository."""

    NOTHING = 0
    SEE = 1
    WRITE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Repositories, and where the list goes on: empty at its end."""

    rows: Sequence[RepositoryRow]
    after: str = ""


class Viewer(Protocol):
    """Somebody who signed in."""

    @property
    def name(self) -> str:
        """Return who it is, for a reason of a scan."""
        ...

    @property
    def is_operator(self) -> bool:
        """Tell whether it is the operator."""
        ...

    async def accounts(self) -> frozenset[int] | None:
        """Return the installations that they see, None for all."""
        ...

    async def repositories(self, connection: Connection, installation_id: int, after: str) -> Listing:
        """Return what they see of an installation, from where *after* says."""
        ...

    async def right(self, repository: RepositoryRow) -> Right:
        """Return what they may do with *repository*."""
        ...


class Operator:
    """Whoever has the operator's token."""

    name = "the operator"
    is_operator = True

    async def accounts(self) -> frozenset[int] | None:
        """Return that all are seen."""
        return None

    async def repositories(self, connection: Connection, installation_id: int, after: str) -> Listing:
        """Return a page of the table; *after* is the id and the name of the last one."""
        identity, _, name = after.partition(":")
        place = Place(name=name, id=number(identity))
        rows = await repositories(connection, installation_id, after=place, limit=PAGE + 1)
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        return Listing(rows=rows[:PAGE], after=f"{last.id}:{last.full_name}" if last else "")

    async def right(self, repository: RepositoryRow) -> Right:
        """Return that everything may be done."""
        del repository
        return Right.WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom GitHub knows as `name`."""

    people: People
    token: str = field(repr=False)
    name: str
    is_operator: bool = False

    async def accounts(self) -> frozenset[int] | None:
        """Return the installations that GitHub lists for them."""
        return await self.people.installations(self.token)

    async def repositories(self, connection: Connection, installation_id: int, after: str) -> Listing:
        """Return those of a page of GitHub's that are known here; *after* is the page before."""
        page = number(after) + 1
        seen = await self.people.repositories(self.token, installation_id, page=page)
        rows = await chosen_repositories(connection, installation_id, tuple(seen.may_write))
        return Listing(rows=rows, after=str(page) if seen.more else "")

    async def right(self, repository: RepositoryRow) -> Right:
        """Return what GitHub lets them do; that anybody may read a public repository gives no right here."""
        if repository.installation_id not in await self.people.installations(self.token):
            return Right.NOTHING
        may_write = await self.people.may_write(self.token, repository.full_name, repository.id)
        if may_write is None:
            return Right.NOTHING
        return Right.WRITE if may_write else Right.SEE


LARGEST = 2**63 - 1


def number(text: str) -> int:
    """Return the number that a part of a URL says, 0 if it is none that the database knows."""
    digits = text.isascii() and text.isdecimal() and len(text) < len(str(LARGEST)) + 1
    return min(int(text), LARGEST) if digits else 0
