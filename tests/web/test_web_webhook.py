"""What the webhook believes, stores and answers."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator

import psycopg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Service, build_app
from bot.web import health
from bot.web.webhook import LARGEST_BODY, Webhook
from tests.web.conftest import OLD_SECRET, SECRET, Running, push, signature

BODY = push()
DEEP = b"[" * 200_000


def sha1(body: bytes) -> str:
    return "sha1=" + hmac.new(SECRET.encode(), body, "sha1").hexdigest()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param(signature(BODY), 202, id="GitHub's"),
        pytest.param(signature(BODY, OLD_SECRET), 202, id="by the secret before"),
        pytest.param(None, 401, id="none"),
        pytest.param("", 401, id="empty"),
        pytest.param("sha256=", 401, id="without digits"),
        pytest.param(signature(BODY)[:-1], 401, id="one digit short"),
        pytest.param(signature(BODY).upper(), 401, id="in capitals"),
        pytest.param(signature(BODY).removeprefix("sha256="), 401, id="without its prefix"),
        pytest.param(signature(BODY, "x" * 40), 401, id="by another secret"),
        pytest.param(signature(BODY, ""), 401, id="by no secret"),
        pytest.param(signature(BODY + b" "), 401, id="of a body that is a byte longer"),
        pytest.param("sha256=" + "é" * 64, 401, id="in other letters"),
        pytest.param(sha1(BODY), 401, id="SHA-1"),
    ],
)
async def test_only_githubs_signature_is_believed(running: Running, given: str | None, status: int) -> None:
    assert await running.deliver(BODY, X_Hub_Signature_256=given) == status
    assert running.count() == (status == 202)


async def test_the_old_header_alone_is_not_enough(running: Running) -> None:
    assert await running.deliver(BODY, X_Hub_Signature_256=None, X_Hub_Signature=sha1(BODY)) == 401


@pytest.mark.parametrize("body", [DEEP, b"{", b"\xff"], ids=["deep", "half", "binary"])
async def test_an_unsigned_body_is_not_even_parsed(running: Running, body: bytes) -> None:
    assert await running.deliver(body, X_Hub_Signature_256=signature(b"")) == 401


@pytest.mark.parametrize(
    "body",
    [DEEP, b'{"x":' + DEEP + b"]" * 200_000 + b"}", b"{", b"", b"[]", b"null", b'{"repository": 1}'],
    ids=["deep", "deep where it is skipped", "half", "empty", "a list", "null", "another shape"],
)
async def test_a_signed_body_that_is_no_payload_is_a_bad_request(running: Running, body: bytes) -> None:
    assert await running.deliver(body) == 400
    assert running.count("SELECT count(*) FROM delivery") == 0


@pytest.mark.parametrize("guid", [None, "", "g" * 101, "é"])
async def test_a_delivery_without_its_id_is_a_bad_request(running: Running, guid: str | None) -> None:
    assert await running.deliver(BODY, X_GitHub_Delivery=guid) == 400


@pytest.mark.parametrize("event", [None, "", "Push", "e" * 101, "é"])
async def test_a_delivery_without_its_event_is_a_bad_request(running: Running, event: str | None) -> None:
    assert await running.deliver(BODY, X_GitHub_Event=event) == 400


@pytest.mark.parametrize("event", ["ping", "star", "label"])
async def test_of_events_of_no_interest_only_the_ids_are_stored(running: Running, event: str) -> None:
    assert await running.deliver(BODY, X_GitHub_Event=event, X_GitHub_Delivery="one") == 202
    assert await running.deliver(b"{}", X_GitHub_Event=event, X_GitHub_Delivery="two") == 202
    stored = running.rows("SELECT event, installation_id, repository_id, body, state FROM delivery ORDER BY guid")
    assert stored == [(event, 7, 70, None, "ignored"), (event, None, None, None, "ignored")]


async def test_events_of_interest_are_stored_as_they_came(running: Running) -> None:
    assert await running.deliver(BODY, X_GitHub_Delivery="one") == 202
    stored = running.rows("SELECT guid, event, installation_id, repository_id, body, state FROM delivery")
    assert stored == [("one", "push", 7, 70, BODY, "new")]


IDS = [0, -1, 2**63, 10**30, 1.5, "70", True, None, [], {}]


@pytest.mark.parametrize("odd", IDS)
@pytest.mark.parametrize("of", ["repository", "installation"])
async def test_an_id_that_is_none_of_githubs_is_a_bad_request(running: Running, of: str, odd: object) -> None:
    body = json.dumps({"repository": {"id": 1}, "installation": {"id": 1}} | {of: {"id": odd}}).encode()
    assert await running.deliver(body) == 400
    assert running.count("SELECT count(*) FROM delivery") == 0


async def test_the_largest_id_there_can_be_is_stored(running: Running) -> None:
    assert await running.deliver(push(2**63 - 1)) == 202
    assert running.rows("SELECT repository_id FROM delivery") == [(2**63 - 1,)]


async def test_a_payload_as_large_as_github_sends_is_read(running: Running) -> None:
    body = BODY + b" " * (LARGEST_BODY - len(BODY))
    assert await running.deliver(body) == 202


async def test_a_body_larger_than_github_sends_is_refused_by_its_length(running: Running) -> None:
    assert await running.deliver(b" " * (LARGEST_BODY + 1)) == 413


async def test_a_body_without_length_is_cut_off(running: Running) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(27):
            yield b" " * 1_000_000

    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature(b"")}
    async with running.client.post("/webhook", data=chunks(), headers=headers) as response:
        assert response.status == 413


async def test_a_delivery_that_comes_twice_waits_once(running: Running) -> None:
    for _ in range(2):
        assert await running.deliver(BODY, X_GitHub_Delivery="one") == 202
    assert running.count() == 1


async def test_a_delivery_that_is_pressed_again_after_it_was_expanded_waits_again(running: Running) -> None:
    assert await running.deliver(BODY, X_GitHub_Delivery="one") == 202
    running.rows("UPDATE delivery SET state = 'expanded', body = NULL RETURNING 1")
    assert await running.deliver(BODY, X_GitHub_Delivery="one") == 202
    assert running.rows("SELECT guid, body, state FROM delivery") == [("one", BODY, "new")]


async def test_a_hundred_deliveries_at_once_are_all_stored_and_nothing_else_is_done(running: Running) -> None:
    statuses = await asyncio.gather(*(running.deliver(BODY) for _ in range(100)))
    assert set(statuses) == {202}
    assert running.count() == 100
    assert running.count("SELECT count(*) FROM repository") == 0
    assert running.count("SELECT count(*) FROM procrastinate_jobs") == 0


async def test_a_delivery_is_stored_though_the_database_was_away_meanwhile(running: Running) -> None:
    assert await running.deliver(push()) == 202
    running.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )

    assert await running.deliver(push()) == 202
    assert running.count() == 2


async def test_a_delivery_that_could_not_be_stored_is_a_failure_that_github_shows(running: Running) -> None:
    """Whoever presses "Redeliver" then is heard."""
    with psycopg.connect(running.database, autocommit=True) as connection:
        connection.execute("ALTER TABLE delivery RENAME TO away")
        assert await running.deliver(BODY, X_GitHub_Delivery="one") == 500
        connection.execute("ALTER TABLE away RENAME TO delivery")
    assert await running.deliver(BODY, X_GitHub_Delivery="one") == 202
    assert running.count() == 1


async def test_a_body_that_does_not_come_is_not_waited_for(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.web.webhook.SECONDS_TO_READ", 0)

    async def silence() -> AsyncIterator[bytes]:
        yield b" "
        await asyncio.Event().wait()

    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": signature(b"")}
    async with running.client.post("/webhook", data=silence(), headers=headers) as response:
        assert response.status == 408


async def test_the_service_says_whether_it_is_alive_and_ready(running: Running) -> None:
    for path in ("/health", "/ready"):
        async with running.client.get(path) as response:
            assert response.status == 200


async def test_without_its_database_the_service_is_alive_but_not_ready(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    service = Service(conninfo=database, webhook_secrets=(SECRET,))
    async with TestClient(TestServer(build_app(service))) as client:
        with psycopg.connect(database, autocommit=True) as connection:
            name = connection.info.dbname
        with psycopg.connect(database, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            async with client.get("/health") as alive, client.get("/ready") as ready:
                assert (alive.status, ready.status) == (200, 503)
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


def test_secrets_do_not_show() -> None:
    service = Service(conninfo="postgresql://u:hunter2@db/x", webhook_secrets=(SECRET,))
    assert SECRET not in repr(service)
    assert "hunter2" not in repr(service)
    assert Webhook.__dataclass_fields__["secrets"].repr is False
