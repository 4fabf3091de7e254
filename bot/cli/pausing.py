"""What `condabot pause` and `condabot resume` have in common: whom they name, and the database they say it to."""

import asyncio
from collections.abc import Awaitable, Callable

import click
import psycopg

from bot.cli.options import settings
from bot.errors import BadInput
from bot.store.database import Connection, server
from bot.store.halts import pause_account, pause_repository
from bot.store.migrate import migrate

whom = click.argument("name", required=False, default="", metavar="[OWNER[/REPO]]")


def said(say: Callable[[Connection], Awaitable[str]]) -> str:
    """Return what *say* comes to, on the App's database, all or nothing."""
    found = settings()
    with server(found.database_url, found.data_dir) as conninfo:
        migrate(conninfo)
        return asyncio.run(_say(conninfo, say))


async def _say(conninfo: str, say: Callable[[Connection], Awaitable[str]]) -> str:
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        return await say(connection)


async def paused_or_not(connection: Connection, name: str, *, paused: bool) -> None:
    """Pause the account or the repository called *name*, or go on with it.

    Raises:
        BadInput: the App is not installed there.

    """
    pause = pause_repository if "/" in name else pause_account
    if not await pause(connection, name, paused=paused):
        raise BadInput(f"the App knows no {'repository' if '/' in name else 'account'} {name!r}")
