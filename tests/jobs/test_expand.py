"""What deliveries ask for is written down: all of it, once, and a bad one harms no other."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest

from bot.errors import BadInput
from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.expand import Expander, apply, expand
from bot.jobs.requests import (
    ForgetInstallation,
    ForgetRepository,
    KnowInstallation,
    KnowRepositories,
    ListInstallation,
    PushRequest,
    Request,
    ScanRequest,
    SuspendInstallation,
)
from bot.store.database import Connection, Pool
from bot.store.deliveries import Delivery, store_delivery
from bot.store.installations import InstallationFacts, installation_facts, take_unlisted
from bot.store.proposals import FAILURES_BEFORE_REST, FailedProposal, proposal_failed, resting_proposals
from bot.store.repositories import RepositoryFacts
from bot.store.wants import Want, scan_done
from tests.turns import DAY, INSTALL, OTHER, PERSON, PUSH, REPOSITORY, THIRD, asked, known, rows, taken

POLICY = WebhookPolicy(is_relevant=lambda path: path == "pixi.toml", branch_prefix="condabot/", bot="condabot[bot]")
REAL: Expander = partial(requests_of, policy=POLICY)
APP = RepositoryFacts(id=70, node_id="R_70", full_name="acme/app")
ACME = InstallationFacts(id=7, account="acme", permissions={"checks": "write"})


def push(repository: int = 70) -> bytes:
    commits = [{"added": [], "removed": [], "modified": ["pixi.toml"]}]
    where = {"repository": {"id": repository, "default_branch": "main"}, "installation": {"id": 7}}
    return json.dumps({"ref": "refs/heads/main", "commits": commits, **where}).encode()


async def delivered(pool: Pool, guid: str = "g", body: bytes = b"", event: str = "push") -> None:
    async with pool.connection() as connection:
        await store_delivery(connection, Delivery(guid=guid, event=event, body=body or push()))


async def turns(pool: Pool) -> list[int]:
    async with pool.connection() as connection:
        return await taken(connection)


async def test_a_delivery_is_expanded_once_and_once_more_when_it_is_pressed_again(pool: Pool) -> None:
    for _ in range(2):
        await delivered(pool)
    assert (await expand(pool, REAL), await turns(pool)) == (1, [70])
    assert (await expand(pool, REAL), await turns(pool)) == (0, [])
    await delivered(pool)
    assert (await expand(pool, REAL), await turns(pool)) == (1, [70])


def defective(event: str, body: bytes) -> tuple[Request, ...]:
    if body == b"{}":
        raise ZeroDivisionError
    return REAL(event, body)


ODD = json.dumps({"action": "created", "installation": {"id": 8, "account": {"login": "a\0b"}}}).encode()


@pytest.mark.parametrize(
    ("event", "body", "sentence"),
    [
        pytest.param("push", b"{", "not a payload of push: Input data was truncated", id="no JSON"),
        pytest.param("push", b"{}", "a defect of condabot: ZeroDivisionError", id="what a defect of ours stumbles on"),
        pytest.param("installation", ODD, "it cannot be stored: DataError", id="a name that no database can hold"),
    ],
)
async def test_a_poisoned_delivery_among_two_hundred_is_refused_alone(
    pool: Pool, event: str, body: bytes, sentence: str
) -> None:
    for number in range(200):
        await delivered(pool, f"g{number}", push(number + 1))
        if number == 100:
            await delivered(pool, "odd", body, event)
    assert await expand(pool, defective) == 201
    assert await rows(pool, "SELECT guid, sentence FROM delivery WHERE state <> 'expanded'") == [("odd", sentence)]
    assert sorted(await turns(pool)) == list(range(1, 201))


async def test_what_is_broken_off_before_it_is_committed_is_expanded_later(pool: Pool) -> None:
    def stopped(event: str, body: bytes) -> tuple[Request, ...]:
        if b'"id": 71' in body:
            raise asyncio.CancelledError
        return REAL(event, body)

    for number in (70, 71):
        await delivered(pool, str(number), push(number))
    with pytest.raises(asyncio.CancelledError):
        await expand(pool, stopped)
    assert await turns(pool) == []
    assert await expand(pool, REAL) == 2
    assert sorted(await turns(pool)) == [70, 71]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is asked of the database from now on."""
    found: list[object] = []
    execute: Callable[..., Any] = psycopg.AsyncCursor.execute

    async def counted(self: object, query: object, *values: object, **options: object) -> object:
        found.append(query)
        return await execute(self, query, *values, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    return found


MANY = """
INSERT INTO delivery (guid, event, body, state)
SELECT number::text, 'push', convert_to(replace(%s, '"id": 70', '"id": ' || 1 + number %% 1000), 'UTF8'), 'new'
FROM generate_series(1, 10000) AS number
"""


async def test_ten_thousand_pushes_to_a_thousand_repositories_are_a_thousand_wants_in_few_statements(
    pool: Pool, statements: list[object]
) -> None:
    async with pool.connection() as connection:
        await connection.execute(MANY, (push().decode(),))
    statements.clear()
    assert await expand(pool, REAL) == 10_000
    assert len(statements) <= 10_000 // 200 * 10
    assert len(await turns(pool)) == 1000


async def known_facts(connection: Connection) -> list[tuple[Any, ...]]:
    return list(await asked(connection, "SELECT repository_id, full_name, archived FROM repository ORDER BY 1"))


async def test_what_became_of_installations_and_repositories_is_known_in_the_order_it_came(pool: Pool) -> None:
    async with pool.connection() as connection:
        await apply(connection, [KnowInstallation(facts=ACME), ListInstallation(installation_id=7)])
        assert await installation_facts(connection, 7) == ACME
        assert await take_unlisted(connection) == (7,)
        await apply(connection, [KnowRepositories(installation_id=7, repositories=(APP,), why=INSTALL)])
        assert await known_facts(connection) == [(70, "acme/app", False)]
        assert await taken(connection) == [70]
        await apply(connection, [ScanRequest(repository=OTHER, why=PUSH), ForgetRepository(repository=OTHER)])
        assert await taken(connection) == []
        await apply(connection, [ForgetRepository(repository=OTHER), ScanRequest(repository=OTHER, why=PUSH)])
        assert await taken(connection) == [71]
        await apply(connection, [ScanRequest(repository=THIRD, why=PUSH), ForgetInstallation(installation_id=7)])
        assert await known_facts(connection) == [(80, "", False)]


async def test_what_waits_while_an_installation_is_suspended_is_looked_at_once_it_is_let_in(pool: Pool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY, OTHER)
        await apply(connection, [SuspendInstallation(installation_id=7), ScanRequest(repository=REPOSITORY, why=DAY)])
        assert await taken(connection) == []
        await apply(connection, [KnowInstallation(facts=ACME, why=INSTALL)])
        assert sorted(await taken(connection)) == [70, 71]


@pytest.mark.parametrize(("path", "expected"), [("deps/a.txt", [70]), ("src/a.py", [])])
async def test_a_push_of_files_that_one_repository_alone_names_matters_there_alone(
    pool: Pool, path: str, expected: list[int]
) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY, OTHER)
        await scan_done(connection, 70, paths=("deps/*.txt",))
        for repository in (REPOSITORY, OTHER, THIRD):
            await apply(connection, [PushRequest(repository=repository, paths=("README.md", path), why=PUSH)])
        assert await taken(connection) == expected


@pytest.mark.parametrize(("why", "wakes"), [(PERSON, True), (PUSH, True), (INSTALL, False), (DAY, False)])
async def test_proposals_that_rest_are_woken_by_a_person_and_by_a_push(pool: Pool, why: Want, *, wakes: bool) -> None:
    async with pool.connection() as connection:
        await known(connection, REPOSITORY)
        for _ in range(FAILURES_BEFORE_REST):
            await proposal_failed(connection, 70, FailedProposal(key="numpy", sentence="no"))
        await apply(connection, [ScanRequest(repository=REPOSITORY, why=why)])
        assert await resting_proposals(connection, 70) == ({} if wakes else {"numpy": "no"})


async def test_a_delivery_that_asks_for_nothing_is_expanded(pool: Pool) -> None:
    await delivered(
        pool, "push", json.dumps({"ref": "refs/heads/x", "repository": {"id": 1, "default_branch": ""}}).encode()
    )
    await delivered(pool, "other", b"{}", "star")
    assert await expand(pool, REAL) == 2
    assert await rows(pool, "SELECT DISTINCT state FROM delivery") == [("expanded",)]


def test_a_body_that_cannot_be_read_is_bad_input() -> None:
    with pytest.raises(BadInput):
        REAL("push", b"{")
