"""What conda packages are called on PyPI, looked up as pixi does (its crate `pypi_mapping`).

Of a record the first that knows it speaks: the manifest's own names for its channel, the mapping by the hash of the
package, for conda-forge the mapping by its name, and at last its own name. A manifest may replace the mapping for a
channel, or say that none of its packages is one of PyPI. The mapping is parselmouth's
(https://github.com/prefix-dev/parselmouth). What does not answer leaves a record unknown; nothing is guessed.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence

import httpx
import msgspec

from bot.datasources.exchange import CheckUrl, Exchange, Source
from bot.datasources.page_cache import PageCache
from bot.datasources.pages import Pages
from bot.errors import BadInput, ChannelError
from bot.model.manifest import MappingMode, PackageName
from bot.model.package import Record
from bot.model.pypi_names import ChannelRule, FoundPurls, NameMap
from bot.settings import PypiSettings
from bot.versioning.purls import PurlSource, channel_url, is_of_conda_forge, purls_of, read_name_map, same_name_purls

AT_ONCE = 8
MOST_PACKAGES = 5_000
LARGEST_ANSWER = 1_000_000
LARGEST_MAP = 32_000_000
_SHA256 = re.compile("[0-9a-f]{64}")


class _Answer(msgspec.Struct, frozen=True):
    """What the mapping says of a package, as far as it is read here."""

    pypi_normalized_names: list[str] | None = None


class PurlDatasource:
    """One view of the mapping: what was heard once stays as it was. `new_session` is how a scan asks afresh.

    *check_url* says of every URL whether it may be called, redirects included.
    """

    def __init__(self, http: httpx.AsyncClient, settings: PypiSettings, *, check_url: CheckUrl) -> None:
        self._http = http
        self._settings = settings
        self._check_url = check_url
        exchange = Exchange(
            http,
            check_url=check_url,
            timeout=settings.timeout,
            mirrors=settings.mirrors,
            private=settings.private,
        )
        cache = PageCache(settings.cache_dir / "pypi-names", settings.private)
        self._pages = Pages(exchange, cache, offline=settings.offline, accept="application/json")
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._reading = asyncio.Lock()
        self._maps: dict[str, NameMap | ChannelError] = {}
        self._packages: dict[str, Sequence[str] | None] = {}
        self._asked = 0

    def new_session(self) -> "PurlDatasource":
        """Return a datasource that asks afresh; this one still knows what it heard."""
        return PurlDatasource(self._http, self._settings, check_url=self._check_url)

    async def purls(self, records: Iterable[Record], rules: Mapping[str, ChannelRule]) -> FoundPurls:
        """Return the package URLs of *records*; *rules* are the manifest's own, by the URL of the channel.

        Where there is no mapping to ask, nothing is stated of a record that only it could know.
        """
        wanted = {record.url: record for record in records}
        answers = await asyncio.gather(*(self._settled(record, rules) for record in wanted.values()))
        found = dict(zip(wanted, answers, strict=True))
        return FoundPurls(
            purls={url: answer for url, answer in found.items() if isinstance(answer, tuple)},
            unknown={url: str(answer) for url, answer in found.items() if isinstance(answer, ChannelError)},
        )

    async def _settled(self, record: Record, rules: Mapping[str, ChannelRule]) -> tuple[str, ...] | ChannelError | None:
        try:
            return await self._purls(record, rules.get(channel_url(record), ChannelRule()))
        except ChannelError as error:
            return error

    async def _purls(self, record: Record, rule: ChannelRule) -> tuple[str, ...] | None:
        """Return the package URLs of *record*, None if nobody knows it."""
        if rule.mode is MappingMode.NONE:
            return ()
        if (own := await self._own(record.name, rule)) is not None:
            return purls_of(own, PurlSource.PROJECT)
        if rule.mode is MappingMode.OVERLAY:
            if self._settings.mapping_url is None:
                return None
            if (found := await self._by_mapping(record, self._settings.mapping_url)) is not None:
                return found
        if is_of_conda_forge(record.url) if rule.same_name is None else rule.same_name:
            return same_name_purls(record)
        return () if rule.mode is MappingMode.REPLACE else None

    async def _own(self, name: PackageName, rule: ChannelRule) -> tuple[str, ...] | None:
        if name in rule.names or rule.url is None:
            return rule.names.get(name)
        return (await self._map(rule.url)).get(name)

    async def _by_mapping(self, record: Record, mapping_url: str) -> tuple[str, ...] | None:
        if record.sha256 and _SHA256.fullmatch(record.sha256):
            found = await self._by_hash(f"{mapping_url}/hash-v0/{record.sha256}", _source(mapping_url), record.name)
            if found is not None:
                return purls_of(found, PurlSource.HASH)
        if not is_of_conda_forge(record.url):
            return None
        names = (await self._map(f"{mapping_url}/compressed-v0/compressed_mapping.json")).get(record.name)
        return None if names is None else purls_of(names, PurlSource.COMPRESSED)

    async def _by_hash(self, url: str, source: Source, name: PackageName) -> Sequence[str] | None:
        """Return the names at *url*, None if the mapping does not have that package. It is remembered."""
        if url not in self._packages:
            async with self._turns:
                self._packages[url] = await self._ask(url, source, name)
        return self._packages[url]

    async def _ask(self, url: str, source: Source, name: PackageName) -> Sequence[str] | None:
        self._asked += 1
        if self._asked > MOST_PACKAGES:
            source.fail(f"is asked for no more than {MOST_PACKAGES} packages at a time")
        page = await self._pages.get(source, url, what=name, largest=LARGEST_ANSWER)
        if page.body is None:
            return None
        try:
            return msgspec.json.decode(page.body, type=_Answer).pypi_normalized_names or ()
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise source.problem(f"answered with something else than the names of {name}") from error

    async def _map(self, url: str) -> NameMap:
        """Return the map of names at *url*. It is remembered, and so is that there is none."""
        async with self._reading:
            if url not in self._maps:
                self._maps[url] = await self._read_map(url)
        found = self._maps[url]
        if isinstance(found, ChannelError):
            raise found
        return found

    async def _read_map(self, url: str) -> NameMap | ChannelError:
        source = _source(url)
        try:
            page = await self._pages.get(source, url, what="them", largest=LARGEST_MAP)
            return source.problem("is not there") if page.body is None else read_name_map(page.body)
        except BadInput as error:
            return source.problem(error.message)
        except ChannelError as error:
            return error


def _source(url: str) -> Source:
    return Source(words=f"The map of PyPI names at {url}", url=url)
