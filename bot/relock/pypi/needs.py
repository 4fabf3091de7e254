"""What chosen wheels need, as a lock states it; and where indexes keep their files, which has to be learned first."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final, TypeAlias

import httpx

from bot.datasources.index_client import IndexClient
from bot.datasources.pypi import PypiDatasource
from bot.datasources.wheels import WheelReader
from bot.egress import EgressPolicy, default_index_url, resolve_index
from bot.errors import ChannelError, EgressRefused, SolverFailed, SpecError
from bot.model.manifest import PackageName
from bot.model.package import Channel, CoreMetadata, PypiFile, PypiPackage
from bot.model.update import Lookup, Releases
from bot.relock.pypi.requirements import as_locked
from bot.relock.pypi.uv_run import Wheel
from bot.relock.pypi.wheels import file_name
from bot.settings import PypiSettings

AT_ONCE: Final = 8
MOST_REMEMBERED: Final = 5_000


Learned: TypeAlias = Callable[[str], Awaitable[None]]
"""Told the URL of a file whose host is now read from, before it is: a proxy elsewhere may have to let that pass."""


async def nobody(_url: str) -> None:
    """Tell nobody: whoever lets calls pass shares the policy."""


class WheelNeeds:
    """Reads what wheels need, once each: a wheel never changes. Safe for concurrent use.

    *learned* is told of every host of files that *egress* learns here.
    """

    def __init__(
        self, http: httpx.AsyncClient, settings: PypiSettings, egress: EgressPolicy, learned: Learned = nobody
    ) -> None:
        self._settings = settings
        self._egress = egress
        self._tell = learned
        self._datasource = PypiDatasource(http, settings, check_url=egress.check_index_url)
        self._http = http
        self._known: dict[Wheel, CoreMetadata] = {}
        self._learned: set[str] = set()

    async def learn_file_hosts(self, indexes: Iterable[str], names: Iterable[PackageName]) -> None:
        """Let files be read where *indexes*, which may be called, say on the pages of *names* that they keep them."""
        if self._settings.offline or self._egress.allow_any_https:
            return
        unknown = [index for index in map(resolve_index, indexes) if index.url not in self._learned]
        session = self._datasource.new_session()
        for index in unknown:
            for lookup in (await session.releases([index], [], tuple(names))).values():
                for file in _files(lookup):
                    self._learned.add(index.url)
                    await self._let_read(file.url)

    async def packages(self, wheels: Iterable[Wheel], origins: Mapping[PackageName, str]) -> tuple[PypiPackage, ...]:
        """Return *wheels* as a lock has them; *origins* are the URLs of their indexes.

        Raises:
            ChannelError: what one of them needs cannot be had, or is nothing that could be read.
            SolverFailed: a lock must not name one of them; the message is a sentence.

        """
        session, turns = self._datasource.new_session(), asyncio.Semaphore(AT_ONCE)
        reader = WheelReader(IndexClient(self._http, self._settings, check_url=self._egress.check_file_url))

        async def package(wheel: Wheel) -> PypiPackage:
            origin = origins[wheel.name]
            index = resolve_index(origin)
            self._refuse_a_mirror(wheel.url, index)
            async with turns:
                if wheel not in self._known:
                    self._remember(wheel, await self._read(wheel, index, session, reader))
            return _package(wheel, origin, self._known[wheel])

        return tuple(await asyncio.gather(*map(package, wheels)))

    async def about(self, file: PypiFile) -> CoreMetadata:
        """Return what the wheel *file*, which an index names on its page, says of itself in its own words.

        Raises:
            ChannelError: there are no metadata to be had, or they are not what the index vouched for.

        """
        await self._let_read(file.url)
        reader = WheelReader(IndexClient(self._http, self._settings, check_url=self._egress.check_file_url))
        return await reader.core_metadata(resolve_index(self._settings.index_url or default_index_url()), file)

    def _remember(self, wheel: Wheel, metadata: CoreMetadata) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[wheel] = metadata

    async def _read(self, wheel: Wheel, index: Channel, session: PypiDatasource, reader: WheelReader) -> CoreMetadata:
        await self._let_read(wheel.url)
        lookups = await session.releases([index], [], [wheel.name])
        listed = (file for file in _files(lookups[wheel.name]) if file.url == wheel.url)
        known = next(listed, None)
        sums = known.metadata_sha256 if known else None
        file = PypiFile(name=file_name(wheel.url), url=wheel.url, sha256=wheel.sha256, metadata_sha256=sums)
        metadata = await reader.core_metadata(index, file)
        try:
            return await asyncio.to_thread(as_locked, metadata)
        except SpecError as error:
            sentence = f"{wheel.name} {wheel.version} says that it needs something that nobody can read."
            raise ChannelError(sentence, channel=index.url) from error

    async def _let_read(self, url: str) -> None:
        with suppress(EgressRefused):  # it stays refused, and whoever reads it hears why
            if self._egress.allow_files_at(url):
                await self._tell(url)

    def _refuse_a_mirror(self, url: str, index: Channel) -> None:
        """A lock is for everybody: what only a mirror has is not for it."""
        mirrors = self._settings.mirrors
        hosts = {
            httpx.URL(place).netloc for each in mirrors for place in (each.url, *each.also) if place != each.canonical
        }
        is_canonical = any(url.startswith(f"{each.canonical}/") for each in mirrors)
        if httpx.URL(url).netloc in hosts and not is_canonical:
            raise SolverFailed(f"The mirror of index {index.name} names files of its own, which a lock must not name.")


def _files(lookup: Lookup) -> Iterable[PypiFile]:
    releases = lookup.releases if isinstance(lookup, Releases) else ()
    return (file for release in releases for file in release.files)


def _package(wheel: Wheel, origin: str, metadata: CoreMetadata) -> PypiPackage:
    is_default = resolve_index(origin) == resolve_index(default_index_url())
    return PypiPackage(
        name=wheel.name,
        version=wheel.version,
        url=wheel.url,
        sha256=wheel.sha256,
        index=None if is_default else origin,
        requires_dist=metadata.requires_dist,
        requires_python=metadata.requires_python or None,
    )
