"""A proxy as companies have it: it wants to know who we are, and looks up names by itself."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Self


class Corporate:
    """The proxy; `names` are the ports on this machine of the hosts that it knows, `heads` what it was asked."""

    def __init__(self, names: Mapping[str, int], *, wants: str = "", context: ssl.SSLContext | None = None) -> None:
        self.heads: list[str] = []
        self._names = names
        self._wants = wants
        self._context = context
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for each in self._serving:
            each.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._talk(reader, writer))
        self._serving.add(task)
        try:
            await asyncio.gather(task, return_exceptions=True)
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        method, target, _ = head.split(" ", 2)
        host = target.removeprefix("http://").split("/")[0].rsplit(":", 1)[0]
        if self._wants and f"Proxy-Authorization: Basic {self._wants}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        elif host not in self._names:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        else:
            await self._pass(method, head, (reader, writer), self._names[host])

    async def _pass(
        self, method: str, head: str, client: tuple[asyncio.StreamReader, asyncio.StreamWriter], port: int
    ) -> None:
        server = await asyncio.open_connection("127.0.0.1", port)
        if method == "CONNECT":
            client[1].write(b"HTTP/1.1 200 OK\r\nVia: 1.1 corporate\r\n\r\n")
        else:
            server[1].write(head.encode())
        try:
            await asyncio.gather(_pump(client[0], server[1]), _pump(server[0], client[1]))
        finally:
            server[1].close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        if writer.can_write_eof():
            writer.write_eof()
        else:
            writer.close()
