"""Advisories wake repositories: every hour it is seen what is said anew, and who holds what it is about is wanted.

The first sight is a baseline and wakes nobody. Who holds a package is told by its name, in any spelling; what a channel
calls otherwise than PyPI does, and what only lines of pip ask for, is found by the daily look. A scan judges by itself:
one too many finds nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.model.manifest import PackageName
from bot.store.advisories import see_advisories, who_holds
from bot.store.database import Connection, Pool, transacted
from bot.store.wants import Priority, Want, want

BATCH: Final = 5_000
"""Repositories that are woken at once; all others are looked at within a day."""

MOST_PROJECTS: Final = 500
"""Projects with something new that are looked for: more are no news, but another database."""


class Advisories(Protocol):
    """Knows advisories."""

    async def hashes(self) -> Mapping[PackageName, bytes]:
        """Return what is said of each project, as a hash that changes with it.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heeded:
    """What a look at the advisories came to: projects of which something else is said, repositories wanted."""

    changed: int = 0
    woken: int = 0

    def __str__(self) -> str:
        return f"{self.changed} projects changed, {self.woken} repositories woken"


async def heed_advisories(pool: Pool, advisories: Advisories) -> Heeded:
    """See what advisories say anew, and have whom that concerns looked at.

    Raises:
        BadInput, ChannelError: the advisories are not to be had.

    """
    hashes = await advisories.hashes()

    async def see(connection: Connection) -> Heeded:
        changed = await see_advisories(connection, hashes)
        return Heeded(changed=len(changed), woken=await _wake(connection, changed[:MOST_PROJECTS]))

    return await transacted(pool, see)


async def _wake(connection: Connection, projects: Sequence[str]) -> int:
    concerned: defaultdict[int, list[str]] = defaultdict(list)
    for project in projects:
        for repository_id in await who_holds(connection, [*_spellings(project)], limit=BATCH - len(concerned)):
            concerned[repository_id].append(project)
    reasons: defaultdict[str, list[int]] = defaultdict(list)
    for repository_id, names in concerned.items():
        reasons[_reason(names)].append(repository_id)
    for reason, repository_ids in reasons.items():
        await want(connection, repository_ids, Want(priority=Priority.RELEASE, reason=reason))
    return len(concerned)


def _spellings(project: str) -> Iterator[str]:
    """Yield what a channel may call *project*, which is one of PyPI or a repository."""
    name = project.rpartition("/")[2].lower()
    yield from {name, *(name.replace("-", each) for each in "_.")}


def _reason(projects: Sequence[str]) -> str:
    first, *others = projects
    more = f" and {len(others)} more" if others else ""
    return f"an advisory about {first}{more}"
