"""What GitHub says that there is, compared with the tables: so that losing the database, or a webhook, loses nothing.

Events only make it quicker. Every installation is listed when a coordinator starts, and each hour.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus

from bot.errors import GitHubError
from bot.github.auth import GitHubApp
from bot.github.installations import Installation, ListedRepository, installation_by_id, installations, repositories
from bot.store.database import Connection, Pool, transacted
from bot.store.installations import (
    InstallationFacts,
    known_installations,
    mark_listed,
    relist_all,
    relist_later,
    see_installation,
    take_unlisted,
)
from bot.store.repositories import (
    RepositoryFacts,
    forget_installation,
    forget_repositories,
    repositories_of,
    scanned_before,
    see_repositories,
)
from bot.store.wants import Priority, Want, want

log = logging.getLogger(__name__)

AN_OUTAGE = timedelta(hours=3)
"""Whoever has listed nothing for so long may have missed pushes, too."""

LATER = timedelta(minutes=5)
FOUND = Want(priority=Priority.INSTALL, reason="the App is installed on the repository")
MISSED = Want(priority=Priority.PUSH, reason="a push that nobody told of")


async def list_installations(pool: Pool, app: GitHubApp) -> None:
    """Know the installations that GitHub lists and no others; have the repositories of each listed soon.

    Raises:
        GitHubError: GitHub did not answer, or refused.

    """
    found = [installation_facts(each) async for each in installations(app)]
    async with pool.connection() as connection:
        for facts in found:
            await see_installation(connection, facts)
        for gone in await known_installations(connection) - {facts.id for facts in found}:
            await forget_installation(connection, gone)
        await relist_all(connection)


async def list_repositories(pool: Pool, app: GitHubApp) -> None:
    """List the repositories of those installations whose time it is; one that GitHub does not list now is due later."""
    async with pool.connection() as connection:
        unlisted = await take_unlisted(connection)
    for installation_id in unlisted:
        try:
            await _list(pool, app, installation_id)
        except GitHubError as error:
            log.warning("installation %s could not be listed: %s", installation_id, error)
            async with pool.connection() as connection:
                if error.status == HTTPStatus.NOT_FOUND:
                    await forget_installation(connection, installation_id)
                else:
                    await relist_later(connection, installation_id, LATER)


async def _list(pool: Pool, app: GitHubApp, installation_id: int) -> None:
    facts = installation_facts(await installation_by_id(app, installation_id))
    listed = [] if facts.suspended else [each async for each in repositories(app, installation_id)]

    async def remember(connection: Connection) -> None:
        await see_installation(connection, facts)
        if not facts.suspended:
            await _compare(connection, installation_id, listed)

    await transacted(pool, remember)


async def _compare(connection: Connection, installation_id: int, listed: Sequence[ListedRepository]) -> None:
    """Know the repositories *listed* and no others of the installation; want those that are new, or were missed."""
    known, found = await repositories_of(connection, installation_id), {each.id for each in listed}
    await forget_repositories(connection, known - found)
    await see_repositories(connection, installation_id, tuple(map(repository_facts, listed)))
    await want(connection, found - known, FOUND)
    away = await mark_listed(connection, installation_id)
    if away is None or away > AN_OUTAGE:
        pushed = {each.id: each.pushed_at for each in listed if each.pushed_at and each.id in known}
        await want(connection, await scanned_before(connection, pushed), MISSED)


def installation_facts(listed: Installation) -> InstallationFacts:
    """Return what is remembered of an installation."""
    return InstallationFacts(
        id=listed.id,
        account=listed.account,
        page=listed.page,
        everything=listed.everything,
        suspended=listed.suspended,
        permissions=listed.permissions,
    )


def repository_facts(listed: ListedRepository) -> RepositoryFacts:
    """Return what is remembered of a repository. A disabled one is as good as archived."""
    return RepositoryFacts(
        id=listed.id,
        node_id=listed.node_id,
        full_name=listed.full_name,
        archived=listed.archived or listed.disabled,
        fork=listed.fork or listed.template,
    )
