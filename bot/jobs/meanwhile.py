"""The configuration that goes on while the one on the default branch is wrong: the last valid one of its history."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from bot.errors import BadInput, GitHubError, GitHubUnavailable
from bot.github.client import Client
from bot.github.history import Version, versions
from bot.github.model import Oid, TreeEntry
from bot.updating.read.relevance import is_configured

log = logging.getLogger(__name__)


def configuration_of(tree: Iterable[TreeEntry]) -> tuple[TreeEntry, ...]:
    """Return the files of *tree* that are condabot's configuration."""
    return tuple(each for each in tree if is_configured((each.path,)))


def with_configuration(tree: Iterable[TreeEntry], configuration: Iterable[TreeEntry]) -> tuple[TreeEntry, ...]:
    """Return *tree* with *configuration* in place of its own."""
    return (*(each for each in tree if not is_configured((each.path,))), *configuration)


async def last_valid(
    client: Client,
    head: Oid,
    tree: Sequence[TreeEntry],
    give: Callable[[Sequence[TreeEntry]], Awaitable[tuple[BadInput, ...]]],
) -> Version | None:
    """Have *give* try *tree*, that of *head*, with one earlier configuration after the other until one is valid.

    That one is given then, and returned. None where none of the latest 20 is: before there was any nobody asked for
    anything, so what was usual then does not go on.
    """
    for now in configuration_of(tree):
        for version in await _earlier(client, head, now):
            if not await give(with_configuration(tree, (version.entry,))):
                return version
    return None


async def _earlier(client: Client, head: Oid, now: TreeEntry) -> Sequence[Version]:
    """Return the versions before *now*; none where GitHub does not tell them: that is no reason to stop."""
    try:
        return [each for each in await versions(client, head, now.path) if each.entry.oid != now.oid]
    except GitHubUnavailable:
        raise
    except GitHubError as error:
        log.warning("the history of a configuration could not be read: %s", error)
        return ()
