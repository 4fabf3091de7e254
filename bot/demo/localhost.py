"""A server on the loopback interface alone: what the demo's servers have in common."""

from typing import Final, Self

from aiohttp import web

LOCALHOST: Final = "127.0.0.1"


class LocalServer:
    """Serves *application*: `await start()`, then `url`, and `await stop()` in the end; or `async with` it."""

    def __init__(self, application: web.Application) -> None:
        self._runner = web.AppRunner(application, access_log=None)
        self._url = ""

    async def start(self, port: int = 0) -> None:
        """Listen on *port* or, if that is 0, on a free one."""
        await self._runner.setup()
        await web.TCPSite(self._runner, LOCALHOST, port).start()
        self._url = f"http://{LOCALHOST}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening; what is served keeps its data."""
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The URL below which everything is, without a slash at its end; empty before `start`."""
        return self._url
