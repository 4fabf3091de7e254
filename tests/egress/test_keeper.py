"""What an operator says to one place is heard there and nowhere else. Real HTTP on localhost."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import pytest
from aiohttp import web

from bot.credentials import Basic, Bearer, CondaToken, Credential, Proof
from bot.demo.localhost import LocalServer
from bot.egress import EgressPolicy
from bot.egress.keeper import CredentialKeeper
from tests.doors import Door, Opens, anybody, basic, bearer, conda_token, secret

TOKEN = secret()
NOW = datetime(2026, 11, 30, tzinfo=UTC)
OPEN = EgressPolicy(hosts=frozenset())


def credential(prefix: str, proof: Proof, *installations: int) -> Credential:
    return Credential(
        prefix=prefix, proof=proof, setting="TEST", installations=frozenset(installations) if installations else None
    )


@asynccontextmanager
async def keeping(
    *credentials: Credential, trusted: Iterable[str] = (), seconds: float = 60
) -> AsyncIterator[CredentialKeeper]:
    policy = EgressPolicy(trusted=frozenset(trusted))
    async with (
        httpx.AsyncClient(trust_env=False, timeout=seconds) as http,
        CredentialKeeper(credentials, http, check_url=policy.check_file_url, now=lambda: NOW) as keeper,
    ):
        yield keeper


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield http


@pytest.fixture
async def shop() -> AsyncIterator[LocalServer]:
    """Has everything, for everybody."""

    async def answer(request: web.Request) -> web.Response:
        text = f"this is {request.path}"
        return web.Response(text=text, headers={"ETag": '"1"', "Set-Cookie": "a=b", "WWW-Authenticate": "Basic"})

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    async with LocalServer(application) as server:
        yield server


def place(keeper: CredentialKeeper, url: str, installation: int | None = None) -> str:
    found = keeper.grant(installation).stand_in(url)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("opens", "proof"),
    [
        pytest.param(bearer("abc"), Bearer("abc"), id="a bearer token"),
        pytest.param(bearer("abc", "token"), Bearer("abc", "token"), id="a token"),
        pytest.param(basic("é:u", TOKEN), Basic("é:u", TOKEN), id="user and password"),
        pytest.param(conda_token(quote(TOKEN, safe="")), CondaToken(TOKEN), id="a conda token"),
    ],
)
async def test_the_door_opens(shop: LocalServer, client: httpx.AsyncClient, opens: Opens, proof: Proof) -> None:
    async with Door(shop.url, opens) as door, keeping(credential(f"{door.url}/private", proof)) as keeper:
        answer = await client.get(f"{place(keeper, f'{door.url}/private')}/noarch/repodata.json")

    assert (answer.status_code, answer.text) == (200, "this is /private/noarch/repodata.json")
    assert door.strangers == []


async def test_only_what_is_needed_goes_in_and_comes_out(shop: LocalServer, client: httpx.AsyncClient) -> None:
    async with (
        Door(shop.url, bearer("abc")) as door,
        keeping(credential(f"{door.url}/private", Bearer("abc"))) as keeper,
    ):
        url = f"{place(keeper, f'{door.url}/private')}/x"
        fields = {"Authorization": "Bearer mine", "Cookie": "c=d", "Range": "bytes=0-1", "X-Own": "e"}
        await client.get(url, headers=fields)
        answer = await client.get(url, headers=fields)

    assert sorted(set(door.heard[-1].fields) - {"Host", "Connection"}) == [
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Range",
        "User-Agent",
    ]
    assert door.heard[-1].fields["Authorization"] == "Bearer abc"
    assert {"set-cookie", "www-authenticate"}.isdisjoint(answer.headers)
    assert answer.headers["etag"] == '"1"'


async def test_an_answer_that_compares_is_handed_on(client: httpx.AsyncClient) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=304 if request.headers.get("If-None-Match") == '"1"' else 500)

    application = web.Application()
    application.router.add_get("/x", answer)
    async with LocalServer(application) as server, keeping(credential(server.url, Bearer("abc"))) as keeper:
        found = await client.get(f"{place(keeper, server.url)}/x", headers={"If-None-Match": '"1"'})

    assert found.status_code == 304


class TestPrefixes:
    @pytest.mark.parametrize(
        "url",
        [
            pytest.param("https://conda.example/private2", id="another segment"),
            pytest.param("https://conda.example/priv", id="half a segment"),
            pytest.param("https://conda.example", id="above it"),
            pytest.param("http://conda.example/private", id="another scheme"),
            pytest.param("https://conda.example:8443/private", id="another port"),
            pytest.param("https://conda.example.evil.example/private", id="another host"),
            pytest.param("https://evil.example/https://conda.example/private", id="in a path"),
        ],
    )
    async def test_nothing_stands_for_what_is_elsewhere(self, url: str) -> None:
        async with keeping(credential("https://conda.example/private", Bearer("abc"))) as keeper:
            assert keeper.grant(None).stand_in(url) is None

    async def test_the_longest_prefix_wins(self, shop: LocalServer, client: httpx.AsyncClient) -> None:
        async with (
            Door(shop.url, anybody) as door,
            keeping(
                credential(door.url, Bearer("all")),
                credential(f"{door.url}/a/b", Bearer("inner")),
                credential(f"{door.url}/a", Bearer("outer")),
            ) as keeper,
        ):
            base = place(keeper, door.url)
            for path in ("/a/b/x", "/a/bc", "/x"):
                await client.get(base + path)

        assert [each.fields["Authorization"] for each in door.heard] == ["Bearer inner", "Bearer outer", "Bearer all"]

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            pytest.param("/private/../other", 400, id="goes up"),
            pytest.param("/private/./x", 400, id="stays"),
            pytest.param("/private/%2e%2E/other", 400, id="goes up in disguise"),
            pytest.param("/private/..%2fother", 400, id="a slash in disguise"),
            pytest.param("/private/..%5cother", 400, id="a backslash in disguise"),
            pytest.param("/private//x", 400, id="an empty segment"),
            pytest.param("/private/x?y=1", 400, id="a query"),
            pytest.param("/private/..", 400, id="goes up at the end"),
            pytest.param("/other", 404, id="beside the prefix"),
            pytest.param("/private2", 404, id="another segment"),
            pytest.param("/private/x-1.0%2B1!é".encode().decode("latin-1"), 400, id="not ASCII"),
            pytest.param("/private/x-1.0%2B1!2", 200, id="what versions hold"),
        ],
    )
    async def test_paths(self, shop: LocalServer, path: str, status: int) -> None:
        async with Door(shop.url, anybody) as door, keeping(credential(f"{door.url}/private", Bearer("abc"))) as keeper:
            base = place(keeper, f"{door.url}/private").removesuffix("/private")
            found = await raw(keeper.url, f"GET {base.removeprefix(keeper.url)}{path}")

        assert found == status
        assert len(door.heard) == (status == 200)

    @pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 400), ("DELETE", 400)])
    async def test_files_are_read_and_nothing_else(
        self, shop: LocalServer, client: httpx.AsyncClient, method: str, status: int
    ) -> None:
        async with Door(shop.url, anybody) as door, keeping(credential(door.url, Bearer("abc"))) as keeper:
            found = await client.request(method, f"{place(keeper, door.url)}/x")

        assert (found.status_code, len(door.heard)) == (status, status == 200)

    async def test_who_has_no_key_reads_nothing(self, shop: LocalServer, client: httpx.AsyncClient) -> None:
        async with Door(shop.url, anybody) as door, keeping(credential(door.url, Bearer("abc"))) as keeper:
            keeper.grant(None)
            answers = [await client.get(keeper.url + path) for path in ("/", "/x", "/x/0/y", "/x/1/y")]

        assert {each.status_code for each in answers} <= {400, 404}
        assert door.heard == []


class TestInstallations:
    async def test_one_does_not_read_with_the_credentials_of_another(
        self, shop: LocalServer, client: httpx.AsyncClient
    ) -> None:
        async with (
            Door(shop.url, anybody) as door,
            keeping(credential(f"{door.url}/a", Bearer("a"), 1), credential(f"{door.url}/b", Bearer("b"), 2)) as keeper,
        ):
            own, other = keeper.grant(1), keeper.grant(2)
            crossed = await client.get(f"{own.base}/0/b")

            assert other.stand_in(f"{door.url}/a") is None
        assert (crossed.status_code, door.heard) == (404, [])

    async def test_each_has_a_key_of_its_own_also_for_what_all_may_read(self) -> None:
        async with keeping(credential("https://conda.example", Bearer("a"))) as keeper:
            assert keeper.grant(1) == keeper.grant(1)
            assert keeper.grant(1).base != keeper.grant(2).base

    async def test_those_without_credentials_are_one(self) -> None:
        async with keeping(credential("https://conda.example", Bearer("a"), 1)) as keeper:
            assert keeper.grant(2) == keeper.grant(3)
            assert keeper.grant(2).credentials == ()


class TestRedirects:
    async def test_one_to_another_origin_is_followed_by_nobody_in_particular(
        self, shop: LocalServer, client: httpx.AsyncClient
    ) -> None:
        async with AsyncExitStack() as stack:
            elsewhere = await stack.enter_async_context(Door(shop.url, anybody))
            door = await stack.enter_async_context(Door(shop.url, bearer("abc")))
            door.redirects["/private/x"] = f"{elsewhere.url}/cdn/x?signature=1"
            keeper = await stack.enter_async_context(
                keeping(credential(f"{door.url}/private", Bearer("abc")), trusted=[elsewhere.url])
            )
            answer = await client.get(f"{place(keeper, f'{door.url}/private')}/x")

        assert answer.text == "this is /cdn/x"
        assert "Authorization" not in elsewhere.heard[0].fields
        assert "Referer" not in elsewhere.heard[0].fields
        assert elsewhere.heard[0].path == "/cdn/x?signature=1"

    async def test_one_to_another_place_of_the_same_host_is_too(
        self, shop: LocalServer, client: httpx.AsyncClient
    ) -> None:
        async with (
            Door(shop.url, anybody, redirects={"/private/x": "/public/x"}) as door,
            keeping(credential(f"{door.url}/private", Bearer("abc")), trusted=[door.url]) as keeper,
        ):
            await client.get(f"{place(keeper, f'{door.url}/private')}/x")

        assert [(each.path, each.fields.get("Authorization")) for each in door.heard] == [
            ("/private/x", "Bearer abc"),
            ("/public/x", None),
        ]

    async def test_one_below_the_prefix_is_for_the_client_to_follow(
        self, shop: LocalServer, client: httpx.AsyncClient
    ) -> None:
        token = CondaToken("abc")
        async with (
            Door(shop.url, conda_token("abc"), redirects={"/private/X/": "/t/abc/private/x/"}) as door,
            keeping(credential(f"{door.url}/private", token)) as keeper,
        ):
            base = place(keeper, f"{door.url}/private")
            answer = await client.get(f"{base}/X/")

        assert (answer.status_code, answer.headers["location"]) == (302, f"{base}/x/")
        assert answer.text == "", "the body may name the place as we asked for it, with the token"

    @pytest.mark.parametrize(
        ("target", "status"),
        [
            pytest.param("http://169.254.169.254/latest", 403, id="metadata"),
            pytest.param("http://127.0.0.1:1/x", 403, id="this machine"),
            pytest.param("https://unknown.example/x", 403, id="a host that may not be called"),
            pytest.param("file:///etc/passwd", 403, id="a file"),
            pytest.param("https://user:word@files.example/x", 403, id="credentials of its own"),
            pytest.param("https://prefix.dev/x?back=abc-def", 403, id="what we said"),
            pytest.param("https://[::1", 502, id="no URL"),
            pytest.param("/private/loop", 502, id="itself"),
        ],
    )
    async def test_where_none_may_lead(
        self, shop: LocalServer, client: httpx.AsyncClient, target: str, status: int
    ) -> None:
        async with (
            Door(
                shop.url, anybody, redirects={"/private/x": target, "/private/loop": "/other", "/other": "/other"}
            ) as door,
            keeping(credential(f"{door.url}/private", Bearer("abc-def")), trusted=[door.url]) as keeper,
        ):
            name = "loop" if target == "/private/loop" else "x"
            answer = await client.get(f"{place(keeper, f'{door.url}/private')}/{name}")

        assert answer.status_code == status
        assert "abc-def" not in answer.text


class TestTrouble:
    async def test_a_server_that_is_not_there(self, client: httpx.AsyncClient, unused_tcp_port: int) -> None:
        prefix = f"http://127.0.0.1:{unused_tcp_port}/private"
        async with keeping(credential(prefix, CondaToken("abc-def"))) as keeper:
            answer = await client.get(f"{place(keeper, prefix)}/x")

        assert (answer.status_code, answer.text) == (502, f"{prefix} cannot be reached.")

    async def test_one_that_does_not_answer(self, client: httpx.AsyncClient) -> None:
        may_answer = asyncio.Event()

        async def answer(_: web.Request) -> web.Response:
            await may_answer.wait()
            return web.Response()

        application = web.Application()
        application.router.add_get("/x", answer)
        async with (
            LocalServer(application) as server,
            keeping(credential(server.url, Bearer("abc")), seconds=0.1) as keeper,
        ):
            found = await client.get(f"{place(keeper, server.url)}/x")
            may_answer.set()

        assert (found.status_code, found.text) == (504, f"{server.url} did not answer in time.")

    async def test_an_answer_that_breaks_off_does_not_look_whole(self, client: httpx.AsyncClient) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, keeping(credential(url, Bearer("abc"))) as keeper:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(f"{place(keeper, url)}/x")


async def raw(origin: str, request_line: str) -> int:
    """Return the status of a request that no client would normalise."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(origin.rsplit(":", 1)[1]))
    writer.write(f"{request_line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status
