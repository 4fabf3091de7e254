"""Channels on localhost for tests of what reads channels: demo channels as mirrors, and one that never answers."""

import asyncio
from pathlib import Path
from typing import Self

from bot.demo.channel import ChannelData, Record
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.model.package import Channel
from bot.settings import ChannelSettings, Mirror

ALIAS = "https://conda.anaconda.org"


def channel(name: str) -> Channel:
    return Channel(name=name, url=f"{ALIAS}/{name}")


def served(**channels: tuple[Record, ...]) -> DemoChannel:
    """Return a server of the channels by name, each with its records."""
    return DemoChannel(*(ServedChannel.of(name, ChannelData.of(*records)) for name, records in channels.items()))


def settings_for(server: DemoChannel, cache_dir: Path, *more: Mirror, offline: bool = False) -> ChannelSettings:
    """Return settings in which *server* is a mirror of all its channels."""
    mirrors = [Mirror(canonical=name, url=url) for name, urls in server.mirrors.items() for url in urls]
    return ChannelSettings(mirrors=(*mirrors, *more), cache_dir=cache_dir, offline=offline, timeout=20)


class SilentChannel:
    """A server that takes requests and never answers; `asked` is set once it got one."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._listen, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in self._writers:
            writer.close()
        if self._server is not None:
            self._server.close()

    def as_mirror_of(self, name: str) -> Mirror:
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return Mirror(canonical=f"{ALIAS}/{name}", url=f"http://127.0.0.1:{port}/{name}")

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        await reader.read()
