"""How a request says who we are; a bucket checks the signature as Amazon writes that it does."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

import httpx
import pytest
from aiohttp import web

from bot.credentials import CondaToken, Credential, S3Key
from bot.demo.localhost import LocalServer
from bot.egress.proofs import prove, without_token
from tests.egress.test_keeper import keeping, place

NOW = datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC)
UNSIGNED = "UNSIGNED-PAYLOAD"


def key(endpoint: str, session_token: str = "") -> Credential:
    proof = S3Key(
        endpoint=endpoint,
        region="eu-central-1",
        access_key_id="ID",
        secret_access_key="word",  # noqa: S106 -- of no one
        session_token=session_token,
    )
    return Credential(prefix="s3://bucket/channel", proof=proof, setting="TEST")


def signature(request: web.Request, secret: str) -> str:
    """Return the signature that *request* must have (AWS Signature Version 4), from what it says itself."""
    said = request.headers["Authorization"]
    scope, names = said.split("Credential=ID/")[1].split(",")[0], said.split("SignedHeaders=")[1].split(",")[0]
    fields = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names.split(";"))
    path = quote(request.path, safe="/-_.~")
    canonical = "\n".join([request.method, path, "", fields, names, request.headers["x-amz-content-sha256"]])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    day, region, service, end = scope.split("/")
    signing = f"AWS4{secret}".encode()
    for part in (day, region, service, end):
        signing = hmac.digest(signing, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest])
    return hmac.new(signing, text.encode(), "sha256").hexdigest()


@pytest.fixture
async def bucket() -> AsyncIterator[LocalServer]:
    async def answer(request: web.Request) -> web.Response:
        is_right = request.headers.get("Authorization", "").endswith(f"Signature={signature(request, 'word')}")
        assert {"host", "x-amz-content-sha256", "x-amz-date"} <= set(
            request.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        )
        return web.Response(status=200 if is_right else 403, text=request.path)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    async with LocalServer(application) as server:
        yield server


@pytest.mark.parametrize("session_token", ["", "session"])
@pytest.mark.parametrize("name", ["noarch/repodata.json", "noarch/x-1%2B2!3-0.conda", "a~b_c%20d"])
async def test_a_bucket_opens(bucket: LocalServer, name: str, session_token: str) -> None:
    async with keeping(key(bucket.url, session_token)) as keeper, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{place(keeper, 's3://bucket/channel')}/{name}")

    assert answer.status_code == 200
    assert answer.text.startswith("/bucket/channel/")


def test_the_moment_is_in_utc() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))

    fields = prove(key("https://s3.example"), "GET", "s3://bucket/channel/x", elsewhere).fields

    assert fields["x-amz-date"] == "20261130T235958Z"
    assert "/20261130/eu-central-1/s3/aws4_request" in fields["Authorization"]


def test_what_is_really_asked_for_is_not_printed() -> None:
    token = Credential(prefix="https://h.example", proof=CondaToken("a b"), setting="TEST")

    proven = prove(token, "GET", "https://h.example/x/y", NOW)

    assert proven.url == "https://h.example/t/a%20b/x/y"
    assert "a%20b" not in repr(proven)
    assert without_token(proven.url, token) == "https://h.example/x/y"
    assert without_token("https://h.example/t/other/x", token) == "https://h.example/t/other/x"
    assert without_token("https://h.example/t/a%20b/x", key("https://s3.example")) == "https://h.example/t/a%20b/x"
