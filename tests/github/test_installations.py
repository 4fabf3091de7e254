"""What the App learns without being told: where it is installed, on what, and which webhooks did not arrive."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.errors import GitHubError
from bot.github.auth import AppSigner, GitHubApp
from bot.github.deliveries import HookDelivery, failed_deliveries, redeliver
from bot.github.installations import ListedRepository, installation_by_id, installations, repositories
from bot.github.permissions import LIST
from tests.clocks import START, ManualClock
from tests.github.conftest import World, local

BASE = "https://github.example/api/v3"
Answer = Callable[[httpx.Request], httpx.Response]


def scripted(signer: AppSigner, answer: Answer) -> GitHubApp:
    """Return the App at a GitHub that is the function *answer*."""
    clock = ManualClock()
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return GitHubApp(signer=signer, http=http, base_url=BASE, clock=clock, budgets=local(clock))


async def test_installations_are_listed_with_what_they_were_given(world: World) -> None:
    found = [each async for each in installations(world.app)]
    assert [(each.id, each.account, each.suspended) for each in found] == [(world.installation.id, "acme", False)]
    alone = await installation_by_id(world.app, world.installation.id)
    assert replace(found[0], permissions=alone.permissions) == alone
    assert found[0].permissions.items() <= alone.permissions.items()  # GitHub describes fewer of them in its lists
    assert found[0].permissions["contents"] == "write"
    assert not found[0].everything


async def test_an_installation_that_is_gone_is_not_found(world: World) -> None:
    with pytest.raises(GitHubError) as caught:
        await installation_by_id(world.app, 4711)
    assert caught.value.status == 404


async def test_a_suspended_installation_and_one_of_an_enterprise_are_known_as_such(signer: AppSigner) -> None:
    common = {"repository_selection": "all", "permissions": {}, "html_url": "https://github.example/x"}
    answer = [
        {**common, "id": 1, "account": {"login": "acme"}, "suspended_at": "2026-08-01T12:00:00Z"},
        {**common, "id": 2, "account": {"slug": "acme-inc"}, "suspended_at": None},
        {**common, "id": 3, "account": None},
    ]
    app = scripted(signer, lambda _: httpx.Response(200, json=answer))
    found = [each async for each in installations(app)]
    assert [(each.account, each.suspended, each.everything) for each in found] == [
        ("acme", True, True),
        ("acme-inc", False, True),
        ("", False, True),
    ]


async def test_repositories_are_listed_page_by_page_with_a_token_that_sees_names_only(world: World) -> None:
    others = [world.github.create_repository(f"acme/other{number}") for number in range(101)]
    world.github.create_repository("acme/unseen")
    installation = await world.github.install("acme", [world.repository, *others])

    found = [each async for each in repositories(world.app, installation.id)]

    assert [each.full_name for each in found] == ["acme/app", *(f"acme/other{number}" for number in range(101))]
    assert found[0] == ListedRepository(
        id=world.repository.id,
        node_id=world.repository.node_id,
        full_name="acme/app",
        archived=False,
        fork=False,
        template=False,
        disabled=False,
        default_branch="main",
        pushed_at=found[0].pushed_at,
    )
    assert world.asked()[-3:] == [
        "apps/create-installation-access-token",
        "apps/list-repos-accessible-to-installation",
        "apps/list-repos-accessible-to-installation",
    ]
    assert dict(LIST) == {"metadata": "read"}


def attempt(number: int, guid: str, minutes: int, status: int) -> dict[str, object]:
    moment = datetime(2026, 8, 1, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    return {"id": number, "guid": guid, "event": "push", "delivered_at": moment.isoformat(), "status_code": status}


async def test_webhooks_of_which_no_attempt_succeeded_are_found_back_to_a_moment(signer: AppSigner) -> None:
    """Newest first, over pages: redelivered in vain, redelivered well, never answered, too old."""
    pages = [
        [attempt(9, "late", 9, 0), attempt(8, "twice", 8, 502), attempt(7, "healed", 7, 200)],
        [attempt(6, "twice", 6, 500), attempt(5, "healed", 5, 500), attempt(4, "good", 4, 202)],
        [attempt(3, "early", 3, 504), attempt(2, "old", -1, 500)],
        [attempt(1, "older", -2, 500)],
    ]
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        cursor = int(request.url.params.get("cursor", "0"))
        asked.append(request.url.query.decode())
        more = f'<{BASE}/app/hook/deliveries?per_page=100&cursor={cursor + 1}>; rel="next"'
        return httpx.Response(200, json=pages[cursor], headers={"link": more})

    found = await failed_deliveries(scripted(signer, answer), START)

    assert [(each.guid, each.id) for each in found] == [("early", 3), ("twice", 8), ("late", 9)]
    assert found[0] == HookDelivery(id=3, guid="early", event="push", delivered_at=START + timedelta(minutes=3))
    assert asked == ["per_page=100", "per_page=100&cursor=1", "per_page=100&cursor=2"]


async def test_a_webhook_is_asked_for_again(signer: AppSigner) -> None:
    asked: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.path))
        return httpx.Response(202, json={})

    await redeliver(scripted(signer, answer), 9)
    assert asked == [("POST", "/api/v3/app/hook/deliveries/9/attempts")]
