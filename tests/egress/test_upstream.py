"""What our policy lets pass goes on through the operator's own proxy; the policy stays ours."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import ClassVar
from urllib.parse import quote

import httpx
import pytest

from bot.egress import EgressPolicy, EgressProxy
from bot.egress.proxy import resolve
from bot.egress.upstream import NextProxies, NextProxy, is_loopback
from bot.model.manifest import Subdir
from bot.model.pypi_solve import PypiRequest
from bot.model.solve import NotSolved, SolveRequest, Unsolvable
from bot.networks import Upstream
from bot.relock import SolverPool
from bot.relock.pypi import UvLimits, UvResolver
from bot.settings import ChannelSettings, PypiSettings
from tests.certificates import Authority
from tests.corporate import Corporate
from tests.egress.test_proxy import Names, Origin, talk

HOST = "conda.example"


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as server:
        yield server


def policy(**more: object) -> EgressPolicy:
    return EgressPolicy(hosts=frozenset({HOST}), **more)  # type: ignore[arg-type]


async def test_a_tunnel_goes_on_by_the_name_of_the_host(origin: Origin) -> None:
    async with (
        Corporate({HOST: origin.port}) as corporate,
        EgressProxy(policy(), upstream=Upstream(https=f"http://127.0.0.1:{corporate.port}"), resolver=Names()) as proxy,
    ):
        answer = await talk(proxy, f"CONNECT {HOST}.:443 HTTP/1.1\r\n\r\nping".encode())

    assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n" + origin.answer
    assert corporate.heads == [f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n"]
    assert origin.received == [b"ping"]


async def test_plain_http_goes_on_with_its_whole_url(origin: Origin) -> None:
    trusting = policy(trusted=frozenset({f"http://{HOST}:8080"}))
    async with (
        Corporate({HOST: origin.port}) as corporate,
        EgressProxy(trusting, upstream=Upstream(http=f"http://127.0.0.1:{corporate.port}"), resolver=Names()) as proxy,
    ):
        head = f"GET http://{HOST}:8080/a?b=c HTTP/1.1\r\nHost: x\r\nProxy-Authorization: mine\r\n\r\n"
        answer = await talk(proxy, head.encode())

    assert answer == origin.answer
    assert corporate.heads == [f"GET http://{HOST}:8080/a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]


@pytest.mark.parametrize("is_known", [True, False], ids=["who we are", "a wrong password"])
async def test_it_is_told_who_we_are_and_nobody_else_is(origin: Origin, *, is_known: bool) -> None:
    word = f"{token_hex(8)}%@/:é"
    said = b64encode(f"me:{word}".encode()).decode()
    url = f"http://me:{quote(word if is_known else word[1:], safe='')}@127.0.0.1"
    async with (
        Corporate({HOST: origin.port}, wants=said) as corporate,
        EgressProxy(policy(), upstream=Upstream(https=f"{url}:{corporate.port}"), resolver=Names()) as proxy,
    ):
        answer = await talk(proxy, f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\nping".encode())

    assert answer.startswith(b"HTTP/1.1 200" if is_known else b"HTTP/1.1 403 Forbidden\r\n")
    assert (b"it answers 407" in answer) != is_known
    assert word[1:].encode() not in answer
    assert word not in repr(NextProxy.parse(f"{url}:1")) + repr(Upstream(https=url))


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        pytest.param("evil.example:443", b"may call", id="a host that is not allowed"),
        pytest.param(f"{HOST}:22", b"Only port 443", id="another port"),
        pytest.param("169.254.169.254:443", b"IP address", id="metadata"),
        pytest.param("127.0.0.1:443", b"IP address", id="this machine"),
    ],
)
async def test_the_policy_stays_ours(origin: Origin, target: str, sentence: bytes) -> None:
    names = {"evil.example": origin.port, HOST: origin.port, "169.254.169.254": origin.port}
    async with (
        Corporate(names) as corporate,
        EgressProxy(policy(), upstream=Upstream(https=f"http://127.0.0.1:{corporate.port}"), resolver=Names()) as proxy,
    ):
        answer = await talk(proxy, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert sentence in answer
    assert corporate.heads == []


async def test_a_name_that_is_private_here_is_not_called_there_either(origin: Origin) -> None:
    names = Names(conda_example=["1.1.1.1", "10.0.0.1"])
    async with (
        Corporate({HOST: origin.port}) as corporate,
        EgressProxy(policy(), upstream=Upstream(https=f"http://127.0.0.1:{corporate.port}"), resolver=names) as proxy,
    ):
        answer = await talk(proxy, f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())

    assert b"not a public address" in answer
    assert corporate.heads == []


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 503 No\r\n\r\n", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b""], ids=repr
)
async def test_what_opens_no_tunnel_is_no_tunnel(answer: bytes) -> None:
    async with (
        Origin(answer) as corporate,
        EgressProxy(policy(), upstream=Upstream(https=f"http://127.0.0.1:{corporate.port}"), resolver=Names()) as proxy,
    ):
        found = await talk(proxy, f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())

    assert found.startswith((b"HTTP/1.1 403 ", b"HTTP/1.1 502 "))


@pytest.mark.parametrize(
    ("no_proxy", "host", "port", "goes_on"),
    [
        ("", "conda.example", 443, True),
        ("*", "conda.example", 443, False),
        ("conda.example", "conda.example", 443, False),
        (".example", "conda.example", 443, False),
        ("example", "conda.example", 443, False),
        ("Example.", "conda.example", 443, False),
        (" a.example , conda.example:8443", "conda.example", 8443, False),
        ("conda.example:8443", "conda.example", 443, True),
        ("da.example", "conda.example", 443, True),
        ("", "localhost", 80, False),
        ("", "LocalHost.", 80, False),
        ("", "127.8.0.1", 80, False),
        ("", "::1", 80, False),
        ("", "10.0.0.1", 80, True),
    ],
)
@pytest.mark.parametrize("is_tunnel", [True, False], ids=["https", "http"])
def test_who_is_called_at_once(no_proxy: str, host: str, port: int, *, goes_on: bool, is_tunnel: bool) -> None:
    proxies = NextProxies(Upstream(https="http://a.example:1", http="http://b.example", no_proxy=no_proxy))

    found = proxies.of(host, port, is_tunnel=is_tunnel)

    assert (found is not None) == goes_on
    assert found is None or (found.host, found.port) == (("a.example", 1) if is_tunnel else ("b.example", 80))


def test_where_there_is_none_everything_is_called_at_once() -> None:
    assert NextProxies(Upstream()).of("conda.example", 443, is_tunnel=True) is None
    assert NextProxies(Upstream(https="https://a.example")).of("conda.example", 80, is_tunnel=False) is None


def test_a_name_is_not_this_machine() -> None:
    assert not is_loopback("localhost.example")


class TestCertificates:
    """The one authority of `SSL_CERT_FILE` is trusted by every client, through both proxies."""

    asked: ClassVar[list[bytes]] = []

    @asynccontextmanager
    async def chain(self, authority: Authority, origin_name: str, *, tls: bool) -> AsyncIterator[EgressProxy]:
        self.asked.clear()
        async with AsyncExitStack() as stack:
            server = await asyncio.start_server(self._hello, "127.0.0.1", 0, ssl=authority.server(origin_name))
            await stack.enter_async_context(server)
            names = {origin_name: server.sockets[0].getsockname()[1]}
            context = authority.server("localhost") if tls else None
            corporate = await stack.enter_async_context(Corporate(names, context=context))
            url = f"{'https' if tls else 'http'}://localhost:{corporate.port}"
            yield await stack.enter_async_context(
                EgressProxy(policy(), upstream=Upstream(https=url), resolver=Names() if not tls else resolve)
            )

    @pytest.mark.parametrize("tls", [False, True], ids=["a plain proxy", "a proxy behind TLS"])
    async def test_httpx(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, tls: bool) -> None:
        authority = Authority()
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.write(tmp_path)))
        async with self.chain(authority, HOST, tls=tls) as proxy, httpx.AsyncClient(proxy=proxy.url) as client:
            answer = await client.get(f"https://{HOST}/x")

        assert answer.text == "hello"

    async def test_py_rattler_in_a_solver_process(self, tmp_path: Path) -> None:
        authority = Authority()
        trusted = str(authority.write(tmp_path))
        channels = ChannelSettings(cache_dir=tmp_path / "cache", timeout=20)
        request = SolveRequest(
            channels=(f"https://{HOST}/a",), subdir=Subdir("linux-64"), specs=("tool",), virtual_packages=()
        )
        async with self.chain(authority, HOST, tls=False) as proxy:
            environment = {"https_proxy": proxy.url, "SSL_CERT_FILE": trusted}
            async with SolverPool(channels, processes=1, environment=environment) as pool:
                result = await pool.solve(request)

        assert isinstance(result, NotSolved)
        assert self.asked
        assert all(each.startswith(b"GET /a/") for each in self.asked)

    async def test_uv(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        authority = Authority()
        trusted = str(authority.write(tmp_path))
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        request = PypiRequest(
            requirements=("tool",),
            python="3.12",
            subdir=Subdir("linux-64"),
            virtual_packages=(),
            indexes=(f"https://{HOST}/simple",),
        )
        async with self.chain(authority, HOST, tls=False) as proxy, httpx.AsyncClient(proxy=proxy.url) as http:
            resolver = UvResolver(
                http,
                PypiSettings(cache_dir=tmp_path / "cache"),
                egress=policy(),
                environment={"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": trusted},
                limits=UvLimits(again=0),
            )
            result = await resolver.resolve(request)

        assert isinstance(result, Unsolvable | NotSolved)
        agents = [each for each in self.asked if b"user-agent: uv/" in each.lower()]
        assert [each.split()[1] for each in agents] == [b"/simple/tool/"]

    async def test_a_stranger_is_not_trusted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        authority = Authority()
        monkeypatch.setenv("SSL_CERT_FILE", str(Authority().write(tmp_path)))
        async with self.chain(authority, HOST, tls=False) as proxy, httpx.AsyncClient(proxy=proxy.url) as client:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.get(f"https://{HOST}/x")

    async def _hello(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
            await writer.drain()
        writer.close()
