"""Who is behind the proxy reaches allowed hosts at checked addresses, and nothing else. Real sockets on loopback."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Self

import httpx
import pytest

from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.egress import EgressPolicy, EgressProxy
from bot.egress.proxy import LONGEST_HEAD, resolve
from bot.model.manifest import Subdir
from bot.model.solve import NotSolved, Solution, SolveRequest
from bot.relock import SolverPool
from tests.channels import ALIAS, served, settings_for


class Names:
    """A resolver that knows only what it was told, and how often it was asked."""

    def __init__(self, **addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        try:
            return self._addresses[host.replace(".", "_")]
        except KeyError as error:
            raise OSError(f"no such host {host}") from error


class Origin:
    """A server that answers each connection with `answer`, and keeps what it was sent."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") -> None:
        self.answer = answer
        self.received: list[bytes] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.received.append(await reader.read(4096))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as server:
        yield server


def trusting(origin: Origin, scheme: str = "http") -> EgressPolicy:
    return EgressPolicy(trusted=frozenset({f"{scheme}://mirror:{origin.port}"}))


async def talk(proxy: EgressProxy, content: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
    writer.write(content)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_tunnel_carries_bytes_both_ways(origin: Origin) -> None:
    async with EgressProxy(trusting(origin, "https"), resolver=Names(mirror=["127.0.0.1"])) as proxy:
        answer = await talk(proxy, f"CONNECT Mirror.:{origin.port} HTTP/1.1\r\n\r\nping".encode())

    assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n" + origin.answer
    assert origin.received == [b"ping"]


async def test_plain_http_is_forwarded_to_a_trusted_origin_without_proxy_fields(origin: Origin) -> None:
    async with EgressProxy(trusting(origin), resolver=Names(mirror=["127.0.0.1"])) as proxy:
        head = f"GET http://mirror:{origin.port}/a/b?c=d HTTP/1.1\r\nHost: mirror\r\nProxy-Authorization: x\r\n"
        answer = await talk(proxy, f"{head}Connection: keep-alive\r\n\r\n".encode())

    assert answer == origin.answer
    assert origin.received == [b"GET /a/b?c=d HTTP/1.1\r\nHost: mirror\r\nConnection: close\r\n\r\n"]


async def test_httpx_goes_through_it(origin: Origin) -> None:
    async with (
        EgressProxy(trusting(origin), resolver=Names(mirror=["127.0.0.1"])) as proxy,
        httpx.AsyncClient(proxy=proxy.url) as client,
    ):
        answer = await client.get(f"http://mirror:{origin.port}")

    assert answer.text == "hi"
    assert origin.received[0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("request_line", "sentence"),
    [
        pytest.param("CONNECT conda.anaconda.org:22", b"Only port 443", id="another port"),
        pytest.param("CONNECT evil.example:443", b"may call", id="a host that is not allowed"),
        pytest.param("CONNECT 127.0.0.1:443", b"IP address", id="an address"),
        pytest.param("CONNECT [::1]:443", b"IP address", id="an IPv6 address"),
        pytest.param("CONNECT 2130706433:443", b"IP address", id="an address in disguise"),
        pytest.param("CONNECT rebound:443", b"not a public host name", id="a name without a dot"),
        pytest.param("CONNECT conda.anaconda.org", b"a host and a port", id="no port"),
        pytest.param("GET http://169.254.169.254/latest/", b"port 443", id="metadata"),
        pytest.param("GET https://conda.anaconda.org/x", b"reached by CONNECT", id="https without a tunnel"),
        pytest.param("GET /x", b"http(s) URL", id="no proxy request"),
        pytest.param("nonsense", b"http(s) URL", id="no request"),
    ],
)
async def test_what_the_policy_refuses_is_answered_403_and_never_looked_up(request_line: str, sentence: bytes) -> None:
    names = Names()
    async with EgressProxy(EgressPolicy(), resolver=names) as proxy:
        answer = await talk(proxy, f"{request_line} HTTP/1.1\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert sentence in answer
    assert names.asked == []


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["127.0.0.1"], id="a public name of a private address"),
        pytest.param(["1.1.1.1", "10.0.0.1"], id="one private address among public ones"),
        pytest.param(["::ffff:169.254.169.254"], id="metadata mapped into IPv6"),
    ],
)
async def test_every_address_of_a_name_is_checked_and_it_is_looked_up_once(addresses: list[str]) -> None:
    names = Names(conda_anaconda_org=addresses)
    async with EgressProxy(EgressPolicy(), resolver=names) as proxy:
        answer = await talk(proxy, b"CONNECT conda.anaconda.org:443 HTTP/1.1\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"not a public address" in answer
    assert names.asked == ["conda.anaconda.org"]


async def test_a_redirect_to_a_private_address_ends_at_the_proxy() -> None:
    redirect = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n"
    async with (
        Origin(redirect) as origin,
        EgressProxy(trusting(origin), resolver=Names(mirror=["127.0.0.1"])) as proxy,
        httpx.AsyncClient(proxy=proxy.url, follow_redirects=True) as client,
    ):
        answer = await client.get(f"http://mirror:{origin.port}/x")

    assert answer.status_code == httpx.codes.FORBIDDEN


async def test_the_next_address_is_tried_when_one_does_not_answer(origin: Origin) -> None:
    names = Names(mirror=["::1", "127.0.0.1"])
    async with EgressProxy(trusting(origin, "https"), resolver=names) as proxy:
        answer = await talk(proxy, f"CONNECT mirror:{origin.port} HTTP/1.1\r\n\r\nping".encode())

    assert answer.endswith(origin.answer)


async def test_a_host_that_is_not_known_is_a_bad_gateway() -> None:
    async with EgressProxy(EgressPolicy(), resolver=Names()) as proxy:
        answer = await talk(proxy, b"CONNECT conda.anaconda.org:443 HTTP/1.1\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")


async def test_a_head_that_does_not_end_is_refused() -> None:
    async with EgressProxy(EgressPolicy(), resolver=Names()) as proxy:
        answer = await talk(proxy, b"CONNECT " + b"a" * 2 * LONGEST_HEAD)

    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")


async def test_more_connections_than_allowed_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.egress.proxy.MOST_CONNECTIONS", 0)
    async with EgressProxy(EgressPolicy(), resolver=Names()) as proxy:
        assert await talk(proxy, b"") == b""


async def test_closing_cuts_what_is_open_and_it_has_no_address_then() -> None:
    proxy = EgressProxy(EgressPolicy(), resolver=Names())
    async with proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
        writer.write(b"CONNECT")
        await asyncio.to_thread(lambda: None)

    assert await reader.read() == b""
    assert proxy.url == ""
    writer.close()


async def test_the_systems_resolver_names_each_address_once() -> None:
    assert await resolve("127.0.0.1", 80) == ("127.0.0.1",)


@pytest.mark.parametrize("is_trusted", [True, False], ids=["trusted", "refused"])
async def test_the_solver_lives_behind_it(tmp_path: Path, *, is_trusted: bool) -> None:
    async with served(a=(record("tool", "1"),)) as demo:
        policy = EgressPolicy(trusted=frozenset({demo.url} if is_trusted else ()))
        result = await _solve_behind(policy, demo, tmp_path)
        requests = len(demo["a"].requests)

    if is_trusted:
        assert isinstance(result, Solution)
    else:
        assert isinstance(result, NotSolved)
        assert result.reason.startswith(f"Channel {ALIAS}/a answered 403")
        assert requests == 0


async def _solve_behind(policy: EgressPolicy, demo: DemoChannel, cache_dir: Path) -> object:
    request = SolveRequest(channels=(f"{ALIAS}/a",), subdir=Subdir("linux-64"), specs=("tool",), virtual_packages=())
    async with (
        EgressProxy(policy) as proxy,
        SolverPool(settings_for(demo, cache_dir), processes=1, environment={"http_proxy": proxy.url}) as pool,
    ):
        return await pool.solve(request)
