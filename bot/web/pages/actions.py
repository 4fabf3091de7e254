"""The buttons: each only writes down what a person wants, and whoever works finds it there."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from aiohttp import web

from bot.store.database import Connection, transacted
from bot.store.overview import RepositoryRow
from bot.store.proposals import wake_proposals
from bot.store.wants import Priority, Want, want
from bot.web.pages.desk import Desk, Visit
from bot.web.pages.rendering import redirect
from bot.web.pages.viewers import Right

log = logging.getLogger(__name__)

Deed: TypeAlias = Callable[[Connection, int, str], Awaitable[None]]
"""What a button does to a repository, by its id, for somebody."""

TICK = "UPDATE repository SET ticked = %s WHERE repository_id = %s"
PAUSE = "UPDATE repository SET paused = %s WHERE repository_id = %s"
PAUSE_ACCOUNT = "UPDATE installation SET paused = %s WHERE installation_id = %s"


async def scan(connection: Connection, repository_id: int, who: str) -> None:
    """Have a repository looked at soon, and proposals tried again that rest."""
    await wake_proposals(connection, (repository_id,))
    await want(connection, (repository_id,), Want(priority=Priority.PERSON, reason=f"{who} asked for it"))


async def tick(connection: Connection, repository_id: int, who: str) -> None:
    """Ask for a repository, of whatever kind it is."""
    await connection.execute(TICK, (True, repository_id))
    await scan(connection, repository_id, who)


async def untick(connection: Connection, repository_id: int, who: str) -> None:
    """Ask for it no more."""
    del who
    await connection.execute(TICK, (False, repository_id))


async def pause(connection: Connection, repository_id: int, who: str) -> None:
    """Leave a repository alone."""
    del who
    await connection.execute(PAUSE, (True, repository_id))


async def resume(connection: Connection, repository_id: int, who: str) -> None:
    """Go on with it."""
    await connection.execute(PAUSE, (False, repository_id))
    await scan(connection, repository_id, who)


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {"scan": scan, "tick": tick, "untick": untick, "pause": pause, "resume": resume}
)


def offered(found: RepositoryRow, right: Right) -> tuple[tuple[str, str], ...]:
    """Return the buttons that make sense for a repository, with their words."""
    if right < Right.WRITE:
        return ()
    going = (("resume", "Go on"),) if found.paused else (("scan", "Look at it now"), ("pause", "Pause"))
    ticking = ("untick", "Ask for it no more") if found.ticked else ("tick", "Ask for it")
    return (*going, ticking)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """The routes."""

    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        deeds = "|".join(DEEDS)
        return [
            web.post(rf"/repositories/{{repository:\d+}}/{{deed:{deeds}}}", self.desk.button(self.press)),
            web.post(
                r"/installations/{installation:\d+}/{deed:pause|resume}", self.desk.button(self.pause, operator=True)
            ),
        ]

    async def press(self, visit: Visit) -> web.StreamResponse:
        """Do what the button of a repository says, for who may write there."""
        found, _ = await self.desk.seen(visit, least=Right.WRITE)
        deed = visit.request.match_info["deed"]
        do = DEEDS[deed]
        await transacted(self.desk.setup.pool, lambda connection: do(connection, found.id, visit.viewer.name))
        log.info("%s pressed %s for %s", visit.viewer.name, deed, found.name)
        return redirect(f"/repositories/{found.id}")

    async def pause(self, visit: Visit) -> web.StreamResponse:
        """Pause an account, or go on with it, for the operator."""
        identity = visit.number("installation")
        paused = visit.request.match_info["deed"] == "pause"
        async with self.desk.setup.pool.connection() as connection:
            await connection.execute(PAUSE_ACCOUNT, (paused, identity))
        return redirect(f"/installations/{identity}")
