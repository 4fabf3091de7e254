"""Whatever a target answers, or does not, comes to a sentence that names it; none of our secrets is in it."""

import secrets
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from aiohttp import web

from bot.credentials import Basic, Bearer
from bot.demo.localhost import LocalServer
from bot.errors import HandOverFailed
from bot.handover.calling import LONGEST_ANSWER, LONGEST_WORDS, Caller
from bot.model.bundle import TargetKind
from bot.targets import Target
from tests.handover.parcels import target

SETTING = "CONDABOT_TARGETS_FILE"
SECRET = secrets.token_hex(20)
ANSWERS: dict[str, Callable[[web.Request], web.Response]] = {
    "echo": lambda request: web.Response(status=400, text=f"you said {request.headers['Authorization']}"),
    "acts": lambda _: web.Response(status=500, text="\x1b[2J\nsecond line"),
    "talks": lambda _: web.Response(status=500, text="x" * 10_000),
    "elsewhere": lambda _: web.Response(status=307, headers={"Location": "/echo"}),
    "unknown": lambda _: web.Response(status=401),
    "busy": lambda _: web.Response(status=429),
    "endless": lambda _: web.Response(text="x" * (LONGEST_ANSWER + 1)),
}


async def answer(request: web.Request) -> web.Response:
    return ANSWERS[request.path.strip("/")](request)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_get("/{name}", answer)
    async with LocalServer(application) as server:
        yield server.url


async def said(found: Target, path: str) -> str:
    """Return the sentence that a call ends with."""
    async with httpx.AsyncClient(timeout=10) as http:
        with pytest.raises(HandOverFailed) as failed:
            await Caller(found, http)("GET", path, passing={200})
    return str(failed.value)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("echo", "it answered 400; you said Bearer ***"),
        ("acts", "it answered 500; \\x1b[2J second line"),
        ("talks", f"it answered 500; {'x' * LONGEST_WORDS}"),
        (
            "elsewhere",
            f"it answered 307; it leads elsewhere, where nothing is sent: {SETTING} has to name the URL itself",
        ),
        (
            "unknown",
            "it answered 401; it does not know us: what CONDABOT_TARGETS_FILE says of us is not, or no longer, right",
        ),
        ("busy", "it answered 429; it asks us to come less often"),
        ("endless", "its answer has no end"),
    ],
)
async def test_an_answer_that_is_none_is_told(url: str, path: str, sentence: str) -> None:
    assert (
        await said(target(TargetKind.CONDA_STORE, url, proof=Bearer(SECRET)), path) == f"team (conda-store): {sentence}"
    )


async def test_a_password_is_not_repeated_in_any_form(url: str) -> None:
    basic = target(TargetKind.CONDA_STORE, url, proof=Basic("bot", SECRET))

    assert await said(basic, "echo") == "team (conda-store): it answered 400; you said Basic ***"


async def test_a_target_that_is_not_there_is_told() -> None:
    async with LocalServer(web.Application()) as server:
        gone = server.url

    assert await said(target(TargetKind.CONDA_STORE, gone), "x") == "team (conda-store): it cannot be reached"


async def test_a_host_that_may_not_be_called_is_told() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ProxyError("403 Forbidden", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:
        with pytest.raises(HandOverFailed, match=r"store\.example may not be called: CONDABOT_EGRESS_HOSTS"):
            await Caller(target(TargetKind.CONDA_STORE, "https://store.example"), http)("GET", "x", passing={200})
