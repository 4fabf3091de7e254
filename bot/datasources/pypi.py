"""Which releases of a PyPI project there are, by the simple index in its JSON form (PEP 691).

A name belongs to the first index that HAS it (threats: dependency confusion). An index that does not answer for a name
leaves it unknown, whatever later indexes say: unknown is never absent. Which python a release asks for stays with its
files; `bot.planning` judges it, so that a release that is too new for an environment's python is not passed over in
silence.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import httpx

from bot.datasources.exchange import CheckUrl
from bot.datasources.index_client import IndexClient
from bot.datasources.mirrors import canonical_url
from bot.datasources.simple import installable, read_project
from bot.errors import BadInput, ChannelError
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import Absent, Lookup, Release, Releases, Unknown
from bot.settings import PypiSettings

AT_ONCE = 8


class PypiDatasource:
    """One view of package indexes: what was read once stays as it was. `new_session` is how a scan gets fresh pages.

    *check_url* says of every URL whether it may be called, redirects included.
    """

    def __init__(self, http: httpx.AsyncClient, settings: PypiSettings, *, check_url: CheckUrl) -> None:
        self._http = http
        self._settings = settings
        self._check_url = check_url
        self._client = IndexClient(http, settings, check_url=check_url)
        self._known: dict[tuple[str, PackageName], tuple[Release, ...] | None] = {}

    def new_session(self) -> "PypiDatasource":
        """Return a datasource that asks indexes afresh; this one still sees what it saw."""
        return PypiDatasource(self._http, self._settings, check_url=self._check_url)

    async def releases(
        self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        """Return for each of *names* what the first of *indexes* that has it offers, ascending by PEP 440.

        `Release.subdirs` are those of *subdirs* that have a wheel; yanked files and versions are left out.
        """
        turns = asyncio.Semaphore(AT_ONCE)

        async def look_up(name: PackageName) -> Lookup:
            async with turns:
                return await self._from_first(indexes, subdirs, name)

        return dict(zip(names, await asyncio.gather(*map(look_up, names)), strict=True))

    async def _from_first(self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], name: PackageName) -> Lookup:
        for index in indexes:
            try:
                found = await self._offer(index, name)
            except ChannelError as error:
                return Unknown(reason=str(error), channel=index)
            if found:
                return Releases(channel=index, releases=installable(found, subdirs))
            if found is not None:
                return Absent(reason=f"Index {index.name} has the project {name}, but no release of it.")
        asked = ", ".join(index.name for index in indexes)
        return Absent(reason=f"No project is called {name} in {asked}." if asked else "There is no index to ask.")

    async def _offer(self, index: Channel, name: PackageName) -> tuple[Release, ...] | None:
        """Return what *index* has of *name*, None if it does not have that project. It is remembered."""
        key = (index.url, name)
        if key not in self._known:
            self._known[key] = await self._read(index, name)
        return self._known[key]

    async def _read(self, index: Channel, name: PackageName) -> tuple[Release, ...] | None:
        page = await self._client.project(index, name)
        if page.body is None:
            return None
        try:
            releases = await asyncio.to_thread(read_project, page.body, name, page.base_url)
        except BadInput as error:
            raise ChannelError(f"Index {index.name} answered with {error}.", channel=index.url) from error
        return tuple(self._canonical(each) for each in releases)

    def _canonical(self, release: Release) -> Release:
        """Return *release* with the canonical URLs of its files, which a page may name relatively to a mirror."""
        mirrors = self._settings.mirrors
        return replace(
            release, files=tuple(replace(each, url=canonical_url(each.url, mirrors)) for each in release.files)
        )
