"""Webhooks that do not get through are asked for again; whatever GitHub sends is taken in."""

import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from bot.composition.service import LISTING, SWEEPING
from bot.demo.github.hooks import FAILED_TO_CONNECT, DeliveryMode
from bot.demo.stage import Keys, Scenery, Stage, open_stage
from bot.handlers import requests_of
from bot.handlers.policy import WebhookPolicy
from bot.jobs.expand import expand
from bot.store.database import make_pool
from bot.updating.read.relevance import is_relevant
from tests.e2e.conftest import ENVIRONMENT_YML, Living, small_channel, titles

BOTH = {1: "Update alpha from 1.0 to 1.1", 2: "Update alpha from 1.0 to 2.0"}


def way(living: Living, mode: DeliveryMode) -> None:
    """From now on webhooks go the way of *mode*; those that are sent again get through."""
    living.stage.github.webhooks.mode = lambda delivery: DeliveryMode.NORMAL if delivery.redelivery else mode


async def test_a_webhook_that_was_lost_is_asked_for_again_and_served(living: Living) -> None:
    repository = living.stage.github.create_repository("acme/app", {"environment.yml": ENVIRONMENT_YML})
    way(living, DeliveryMode.LOST)
    await living.stage.github.install("acme", [repository])
    await living.stage.idle()
    before = titles(repository)

    await living.does(SWEEPING)

    assert (before, titles(repository)) == ({}, BOTH)
    attempts = [(each.guid, each.redelivery) for each in living.stage.github.deliveries if each.event == "installation"]
    [(first, _), (again, is_again)] = attempts
    assert (first, is_again) == (again, True)


async def test_what_got_through_or_was_asked_for_once_is_not_asked_for_again(living: Living) -> None:
    repository = living.stage.github.create_repository("acme/app", {"environment.yml": ENVIRONMENT_YML})
    await living.stage.github.install("acme", [repository])
    way(living, DeliveryMode.LOST)
    repository.commit("main", {"environment.yml": ENVIRONMENT_YML + "\n"}, message="A push that is lost")
    await living.stage.idle()
    for _ in range(3):
        await living.does(SWEEPING)
        await living.passes(timedelta(minutes=10))

    again = [each.guid for each in living.stage.github.deliveries if each.redelivery]
    lost = {each.guid for each in living.stage.github.deliveries if each.status_code == FAILED_TO_CONNECT[1]}
    assert sorted(again) == sorted(lost)
    assert len(lost) > 0


async def test_a_push_that_comes_again_is_looked_at_again(living: Living) -> None:
    repository = living.stage.github.create_repository("acme/app", {"environment.yml": ENVIRONMENT_YML})
    await living.stage.github.install("acme", [repository])
    await living.pushed(repository, {"environment.yml": ENVIRONMENT_YML + "\n"})
    told = [each for each in living.stage.github.deliveries if each.event == "push"]
    push = next(each for each in told if each.payload["ref"] == "refs/heads/main")
    asked = len(living.stage.github.requests)

    await living.stage.github.redeliver(push.id)
    await living.stage.idle()

    assert "git/get-tree" in living.asked_since(asked)


async def test_an_installation_that_github_never_told_of_is_found_by_listing(living: Living) -> None:
    repository = living.stage.github.create_repository("acme/app", {"environment.yml": ENVIRONMENT_YML})
    way(living, DeliveryMode.DROPPED)
    await living.stage.github.install("acme", [repository])
    await living.does(SWEEPING)  # the first one lists, too: how long nobody looked is not known

    assert titles(repository) == BOTH
    second = living.stage.github.create_repository("globex/app", {"environment.yml": ENVIRONMENT_YML})
    await living.stage.github.install("globex", [second])
    await living.does(SWEEPING)
    before = titles(second)
    await living.does(LISTING)
    assert (before, titles(second)) == ({}, BOTH)


# -- GitHub's own examples


@pytest.fixture
async def stage(tmp_path: Path, database: str, keys: Keys) -> AsyncIterator[Stage]:
    scenery = Scenery(channel=small_channel(), database_url=database, keys=keys)
    async with open_stage(tmp_path, scenery, works=False) as stage:
        yield stage


@pytest.fixture(scope="session")
def payloads(pytestconfig: pytest.Config) -> list[tuple[str, dict[str, Any]]]:
    """The examples of npm's `@octokit/webhooks-examples`, which `make verify` fetches: events with their payloads."""
    path: str | None = pytestconfig.getoption("--payloads")
    if path is None:
        pytest.skip("no file of example payloads was given (--payloads)")
    return [(event["name"], each) for event in json.loads(Path(path).read_bytes()) for each in event["examples"]]


@pytest.mark.verify
async def test_every_example_of_githubs_payloads_is_taken_in_with_its_ids_and_understood(
    payloads: list[tuple[str, dict[str, Any]]], stage: Stage
) -> None:
    statuses = [await deliver(stage, str(number), *each) for number, each in enumerate(payloads)]
    async with make_pool(stage.conninfo, size=2) as pool:
        policy = WebhookPolicy(is_relevant=is_relevant, branch_prefix="condabot/", bot="condabot[bot]")
        await expand(pool, partial(requests_of, policy=policy))

    assert len(payloads) >= 329
    assert set(statuses) == {202}
    with psycopg.connect(stage.conninfo) as connection:
        stored = connection.execute("SELECT guid, installation_id, repository_id FROM delivery").fetchall()
        refused = connection.execute("SELECT event, sentence FROM delivery WHERE state = 'refused'").fetchall()
    assert set(stored) == {
        (str(number), id_in(payload, "installation"), id_in(payload, "repository"))
        for number, (_, payload) in enumerate(payloads)
    }
    assert refused == []


def id_in(payload: dict[str, Any], of: str) -> int | None:
    found: int | None = (payload.get(of) or {}).get("id")
    return found


async def deliver(stage: Stage, guid: str, event: str, payload: dict[str, Any]) -> int:
    app = stage.settings.app
    assert app is not None
    body = json.dumps(payload).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": "sha256=" + hmac.new(app.webhook_secrets[0].encode(), body, "sha256").hexdigest(),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stage.url}/webhook", data=body, headers=headers) as answer,
    ):
        return answer.status
