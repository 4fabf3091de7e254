"""One view of conda channels through py-rattler's Gateway: repodata as it was when this view first read it.

Rules:
1. Every view keeps in memory what it has read; views share the cache on disk. For news, make a new view.
2. A channel that does not answer, or lists nothing, raises `ChannelError` with a sentence that names its canonical URL
   and never a mirror, a header or a credential. It is never taken for a channel that lacks a package.
3. The bytes may come from a mirror; what comes out names the canonical URLs only.
4. Channels are asked one by one and their own `channel_relations` (CEP 42) are not followed: which channels are asked,
   and in what order, is for the manifest and the egress policy to say.
5. No credentials are known here, and none are looked for: py-rattler's own middleware would ask the user's keyring and
   netrc. What needs them has a mirror on loopback that adds them (`bot.egress.keeper`), and a cache on disk that only
   those share who may read it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import rattler
from rattler.exceptions import GatewayError, ParseSubdirError
from rattler.networking.middleware import MirrorMiddleware

from bot import __version__
from bot.datasources.mirrors import canonical_url
from bot.datasources.refusals import NEEDS_CREDENTIALS, credentials_advice
from bot.egress import CONDA_DEFAULTS
from bot.errors import BadInput, ChannelError
from bot.settings import ChannelSettings, Mirror

NOARCH = "noarch"
_MAY_BE_EMPTY = frozenset(each.url for each in CONDA_DEFAULTS if each.may_be_empty)
_STATUS = re.compile(r"\((\d{3}) ")
_ADVICE = {
    "404": "it has no noarch subdir, so it is no channel: is the name right?",
    "429": "it asks us to come less often",
}
_CAUSES = (
    ("operation timed out", "did not answer in time"),
    ("dns error", "cannot be reached: its host name is not known"),
    ("no usable repodata cache", "is not in the cache, and condabot is offline"),
    ("error sending request", "cannot be reached"),
    ("failed to parse", "answered with something that is not repodata"),
)


class Repodata:
    """A view of channels, which are named by their canonical URLs. Safe for concurrent use.

    `seen` are single records that somebody looked for, by their canonical URLs.
    """

    def __init__(self, settings: ChannelSettings) -> None:
        self.mirrors = settings.mirrors
        self.gateway = _gateway(settings, settings.cache_dir)
        self._settings = settings
        self._private = _gateway(settings, settings.private.cache_dir) if settings.private.cache_dir else self.gateway
        self.seen: dict[str, rattler.RepoDataRecord] = {}
        self._names: dict[tuple[str, str], frozenset[str]] = {}

    def is_private(self, channel: str) -> bool:
        """Tell whether *channel* is only read with credentials."""
        return self._settings.private.covers(channel)

    def gateway_of(self, channel: str) -> rattler.Gateway:
        """Return what reads *channel*."""
        return self._private if self.is_private(channel) else self.gateway

    async def records(
        self, channel: str, subdirs: Iterable[str], specs: Iterable[str | rattler.MatchSpec]
    ) -> list[rattler.RepoDataRecord]:
        """Return the records of *channel* in *subdirs* and noarch that match any of *specs*.

        Raises:
            ChannelError: the channel did not answer.

        """
        try:
            found = await self.gateway_of(channel).query(
                [rattler.Channel(channel)],
                [to_subdir(subdir) for subdir in _with_noarch(subdirs)],
                specs,
                recursive=False,
                channel_relations="disabled",
            )
        except GatewayError as error:
            raise self.problem(error, [channel]) from error
        return [record for batch in found for record in batch]

    async def names(self, channel: str, subdir: str) -> frozenset[str]:
        """Return the names of all packages of *channel* in *subdir* alone; empty if it has no such subdir.

        Raises:
            ChannelError: the channel did not answer.

        """
        key = (channel, subdir)
        if key not in self._names:
            try:
                found = await self.gateway_of(channel).names(
                    [rattler.Channel(channel)], [to_subdir(subdir)], channel_relations="disabled"
                )
            except GatewayError as error:
                raise self.problem(error, [channel]) from error
            self._names[key] = frozenset(name.normalized for name in found)
        return self._names[key]

    async def require_content(self, channel: str, subdirs: Iterable[str]) -> None:
        """Pass if *channel* lists any package in *subdirs* or noarch, or is one that may be without any.

        One that lists none is broken or in the middle of an update. Were it taken for empty, the next channel could
        claim its names (threats: dependency confusion).

        Raises:
            ChannelError: the channel did not answer, or lists no package.

        """
        asked = _with_noarch(subdirs)
        if channel not in _MAY_BE_EMPTY and not any([await self.names(channel, subdir) for subdir in asked]):
            raise ChannelError(f"Channel {channel} lists no package at all in {', '.join(asked)}.", channel=channel)

    def problem(self, error: GatewayError, channels: Sequence[str]) -> ChannelError:
        """Say what *error* of the Gateway means, for whichever of *channels* it is about."""
        text = str(error)
        canonical = canonical_url(text.partition("for url (")[2] or text, self.mirrors)
        channel = next((each for each in channels if f"{each}/" in canonical), channels[0])
        sentence = f"Channel {channel} {self._reason(text, channel)}"
        return ChannelError(sentence if sentence.endswith("?") else f"{sentence}.", channel=channel)

    def _reason(self, text: str, channel: str) -> str:
        status = int(found[1]) if (found := _STATUS.search(text)) else 0
        if status in NEEDS_CREDENTIALS:
            return f"answered {status}: {credentials_advice(status, channel, self.mirrors, self._settings.private)}"
        return _reason(text)


def to_subdir(subdir: str) -> rattler.Subdir:
    """Return *subdir* in py-rattler's type.

    Raises:
        BadInput: it is no conda platform.

    """
    try:
        return rattler.Subdir(subdir)
    except ParseSubdirError as error:
        raise BadInput(f"{subdir!r} is not a conda platform; those look like linux-64") from error


def first_seen(record: rattler.RepoDataRecord) -> datetime | None:
    """Return when *record* came up: when its channel indexed it or, if it does not say, when it was built (UTC)."""
    moment: datetime | None = record.indexed_timestamp or record.timestamp
    return moment


def channel_client(mirrors: Iterable[Mirror], timeout: int | None = None) -> rattler.Client:
    """Return what asks channels, by their *mirrors* where they have some; an answer may take *timeout* seconds."""
    urls: dict[str, list[str]] = {}
    for each in mirrors:  # with slashes, as py-rattler compares texts: `/channel` is no mirror of `/channel2`
        urls.setdefault(f"{each.canonical}/", []).append(f"{each.url}/")
    return rattler.Client(
        [MirrorMiddleware(urls)] if urls else [], user_agent=f"condabot/{__version__}", timeout=timeout
    )


def _gateway(settings: ChannelSettings, cache_dir: Path) -> rattler.Gateway:
    client = channel_client(settings.mirrors, settings.timeout)
    source = rattler.SourceConfig(cache_action="force-cache-only" if settings.offline else "cache-or-fetch")
    return rattler.Gateway(cache_dir=cache_dir / "repodata", default_config=source, client=client)


def _with_noarch(subdirs: Iterable[str]) -> list[str]:
    """Return *subdirs* and noarch: a Gateway reports a missing channel only when it is asked for noarch."""
    return list(dict.fromkeys([*subdirs, NOARCH]))


def _reason(text: str) -> str:
    if status := _STATUS.search(text):
        advice = _ADVICE.get(status[1], "that is its own trouble; it is asked again next time")
        return f"answered {status[1]}: {advice}"
    return next((reason for cause, reason in _CAUSES if cause in text), "did not answer with repodata")
