"""What the demo's servers have in common."""

import httpx
import pytest
from aiohttp import web

from bot.demo.localhost import LocalServer


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


def application() -> web.Application:
    served = web.Application()
    served.router.add_get("/", hello)
    return served


async def test_an_application_is_served_on_this_machine_for_as_long_as_it_is_wanted() -> None:
    server = LocalServer(application())
    assert server.url == ""

    async with server, httpx.AsyncClient() as client:
        assert server.url.startswith("http://127.0.0.1:")
        assert (await client.get(server.url)).text == "hello"

    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url)


async def test_a_port_may_be_chosen() -> None:
    async with LocalServer(application()) as first:
        port = int(first.url.rpartition(":")[2])

    second = LocalServer(application())
    await second.start(port)
    await second.stop()

    assert second.url == first.url
