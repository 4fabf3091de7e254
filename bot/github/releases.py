"""What upstream repositories say of their latest releases: a request for each, remembered for all of an account.

https://docs.github.com/en/rest/releases/releases#list-releases. A token that is for one repository reads public ones
too; what is private nowhere shows. Nothing is worth an error here: a body has a fold less.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bot.errors import GitHubError, GitHubUnavailable
from bot.github.client import Client
from bot.github.people import web_address
from bot.github.recent import Recent
from bot.model.project import UpstreamRelease

AT_ONCE: Final = 40
"""Releases that are asked for, the latest."""

LONGEST_NOTES: Final = 16_000
ROOM: Final = 200_000
"""Characters of notes that are kept of a repository; beyond that its tags alone."""

KEPT: Final = timedelta(hours=6)
MOST_REPOSITORIES: Final = 200
LOW: Final = 500
"""Requests of an hour that are left to what must be done."""

_PATH = re.compile(r"/([A-Za-z0-9-]{1,39})/([A-Za-z0-9._-]{1,100})")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class _Release(msgspec.Struct):
    tag_name: str
    body: str | None = None
    draft: bool = False
    prerelease: bool = False


class Releases:
    """The releases of repositories that were asked for lately, by the account that asked."""

    def __init__(self) -> None:
        self._known: Recent[tuple[str, str], tuple[datetime, tuple[UpstreamRelease, ...]]] = Recent(MOST_REPOSITORIES)

    async def of(self, client: Client, repositories: Iterable[str]) -> Mapping[str, tuple[UpstreamRelease, ...]]:
        """Return the latest releases of those of *repositories*, URLs, that are of the GitHub of *client*."""
        found = {url: await self._of(client, url) for url in repositories if _is_at(client, url)}
        return {url: releases for url, releases in found.items() if releases}

    async def _of(self, client: Client, url: str) -> tuple[UpstreamRelease, ...]:
        key, now = (client.repository.owner, url), client.api.clock.now()
        if key in self._known and now - self._known[key][0] < KEPT:
            return self._known[key][1]
        primary = client.api.heard.primary
        if primary and primary.remaining < LOW:
            return ()
        try:
            found = await _asked(client, url)
        except GitHubUnavailable:  # whatever must be done next says so
            return ()
        self._known[key] = now, found
        return found


async def _asked(client: Client, url: str) -> tuple[UpstreamRelease, ...]:
    owner, name = urlsplit(url).path.strip("/").split("/")
    try:
        answer = await client.get_unkept(
            "/repos/{owner}/{repo}/releases{?per_page}", list[_Release], owner=owner, repo=name, per_page=AT_ONCE
        )
    except GitHubUnavailable:
        raise
    except GitHubError:
        return ()
    return tuple(_published(answer))


def _published(releases: Iterable[_Release]) -> Iterator[UpstreamRelease]:
    room = ROOM
    for each in releases:
        if not each.draft:
            notes = (each.body or "")[: min(LONGEST_NOTES, room)]
            room -= len(notes)
            yield UpstreamRelease(tag=each.tag_name, notes=notes, is_prerelease=each.prerelease)


def _is_at(client: Client, url: str) -> bool:
    """Tell whether *url* is a repository of the client's GitHub. One on this machine stands for github.com."""
    parts, here = urlsplit(url), urlsplit(web_address(client.api.base_url)).hostname or ""
    known = "github.com" if here in _LOOPBACK else here
    return parts.scheme == "https" and parts.netloc == known and _PATH.fullmatch(parts.path) is not None
