"""Faults strike where, when and how they are told to."""

import asyncio

import httpx
import pytest

from bot.demo.github.faults import Fault, FaultKind, Faults, chaos, every, share
from bot.demo.github.hooks import Delivery, DeliveryMode, unreliable
from bot.demo.github.limits import SecondaryLimits
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import GraphQL, MovableClock, Receiver

HERE = "/repos/acme/app"
JSON = ("content-type", "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        pytest.param(FaultKind.SECONDARY_LIMIT_403, 403, ("retry-after", "7"), id="secondary limit as 403"),
        pytest.param(FaultKind.SECONDARY_LIMIT_429, 429, ("retry-after", "7"), id="secondary limit as 429"),
        pytest.param(FaultKind.PRIMARY_LIMIT, 403, ("x-ratelimit-remaining", "0"), id="primary limit"),
        pytest.param(FaultKind.BAD_GATEWAY, 502, ("content-type", "text/html"), id="an HTML page"),
        pytest.param(FaultKind.SECONDARY_LIMIT_UNTIMED, 403, ("x-ratelimit-remaining", "4999"), id="no retry-after"),
        pytest.param(FaultKind.UNAUTHORIZED, 401, JSON, id="bad credentials"),
        pytest.param(FaultKind.NO_PERMISSION, 403, ("x-accepted-github-permissions", "contents=write"), id="denied"),
        pytest.param(FaultKind.RULE_VIOLATION, 422, JSON, id="a ruleset"),
        pytest.param(FaultKind.NOT_FOUND, 404, JSON, id="not found"),
        pytest.param(FaultKind.UNPROCESSABLE, 422, JSON, id="unprocessable"),
        pytest.param(FaultKind.UNAVAILABLE, 503, JSON, id="unavailable"),
        pytest.param(FaultKind.GATEWAY_TIMEOUT, 504, JSON, id="too slow"),
        pytest.param(FaultKind.GARBAGE, 200, JSON, id="garbage called JSON"),
        pytest.param(FaultKind.WRONG_SHAPE, 200, JSON, id="JSON of another shape"),
        pytest.param(FaultKind.SERVER_ERROR, 500, JSON, id="an error"),
    ],
)
async def test_a_fault_strikes_once_and_nothing_is_done(
    github: FakeGitHub, api: httpx.AsyncClient, kind: FaultKind, status: int, header: tuple[str, str]
) -> None:
    github.faults.add(Fault(kind=kind, operation="git/create-blob", retry_after=7))
    body = {"content": "x"}

    assert (await api.get(HERE)).status_code == 200
    struck = await api.post(f"{HERE}/git/blobs", json=body)
    after = await api.post(f"{HERE}/git/blobs", json=body)

    assert (struck.status_code, struck.headers[header[0]]) == (status, header[1])
    assert after.status_code == 201
    assert [record.is_write for record in github.requests[-2:]] == [False, True]


async def test_a_connection_breaks_before_or_after_the_deed(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository
) -> None:
    body = {"ref": "refs/heads/new", "sha": repository.head("main")}
    github.faults.add(Fault(kind=FaultKind.RESET_BEFORE, operation="git/create-ref"))
    with pytest.raises(httpx.TransportError):
        await api.post(f"{HERE}/git/refs", json=body)
    assert repository.head("new") is None

    github.faults.add(Fault(kind=FaultKind.RESET_AFTER, operation="git/create-ref"))
    with pytest.raises(httpx.TransportError):
        await api.post(f"{HERE}/git/refs", json=body)
    assert repository.head("new") == repository.head("main")


def test_faults_wait_strike_and_are_forgotten() -> None:
    faults = Faults()
    faults.add(Fault(kind=FaultKind.SERVER_ERROR, operation="pulls/*", skip=1, times=2))

    struck = [
        faults.strike(name, write=False) is not None
        for name in ("git/get-ref", "pulls/get", "pulls/list", "pulls/get", "pulls/get")
    ]

    assert struck == [False, False, True, True, False]
    assert not faults.pending
    faults.add(Fault(kind=FaultKind.SERVER_ERROR))
    assert faults.pending
    faults.clear()
    assert faults.strike("pulls/get", write=False) is None


async def test_graphql_meets_limits_with_status_200(github: FakeGitHub, graphql: GraphQL) -> None:
    github.faults.add(Fault(kind=FaultKind.PRIMARY_LIMIT, operation="graphql"))

    limited = await graphql("{ viewer { login } }")

    assert limited["errors"][0]["type"] == "RATE_LIMITED"
    assert (await graphql("{ viewer { login } }"))["data"]["viewer"]["login"] == "condabot"


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        (FaultKind.NO_PERMISSION, "FORBIDDEN"),
        (FaultKind.NOT_FOUND, "NOT_FOUND"),
        (FaultKind.UNPROCESSABLE, "UNPROCESSABLE"),
        (FaultKind.RULE_VIOLATION, "UNPROCESSABLE"),
    ],
)
async def test_graphql_refuses_with_status_200(
    github: FakeGitHub, graphql: GraphQL, kind: FaultKind, type_: str
) -> None:
    github.faults.add(Fault(kind=kind, operation="graphql"))

    assert (await graphql("{ viewer { login } }"))["errors"][0]["type"] == type_


async def test_an_answer_may_break_off_within_its_body(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository
) -> None:
    github.faults.add(Fault(kind=FaultKind.HALF_ANSWER, operation="git/create-ref"))

    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        await api.post(f"{HERE}/git/refs", json={"ref": "refs/heads/new", "sha": repository.head("main")})

    assert repository.head("new") == repository.head("main")
    assert github.requests[-1].status == 201


async def test_a_request_hangs_until_it_is_released(github: FakeGitHub, api: httpx.AsyncClient) -> None:
    github.faults.add(Fault(kind=FaultKind.HANG, operation="repos/get"))

    asked = asyncio.create_task(api.get(HERE))
    await github.faults.hanging()
    assert (await api.get(HERE)).status_code == 200
    assert not asked.done()

    github.faults.release()
    assert (await asked).status_code == 200


async def test_an_operation_is_denied_until_further_notice(github: FakeGitHub, api: httpx.AsyncClient) -> None:
    github.faults.deny("repos/get")
    assert [(await api.get(HERE)).status_code for _ in range(3)] == [403, 403, 403]
    assert (await api.get(HERE)).headers["x-accepted-github-permissions"] == "metadata=read"

    github.faults.clear()
    assert (await api.get(HERE)).status_code == 200


def strikes(fault: Fault, count: int) -> list[int]:
    faults = Faults()
    faults.add(fault)
    return [number for number in range(1, count + 1) if faults.strike("pulls/get", write=number % 2 == 0)]


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        pytest.param(Fault(kind=FaultKind.NOT_FOUND, rhythm=every(3), times=None), [3, 6, 9], id="every third"),
        pytest.param(Fault(kind=FaultKind.NOT_FOUND, rhythm=every(3), times=2, skip=1), [4, 7], id="the third, twice"),
        pytest.param(
            Fault(kind=FaultKind.NOT_FOUND, writes_only=True, rhythm=every(2), times=None), [4, 8], id="of writes"
        ),
    ],
)
def test_a_fault_has_a_rhythm(fault: Fault, struck: list[int]) -> None:
    assert strikes(fault, 10) == struck


def test_a_share_is_drawn_by_lot_and_always_the_same() -> None:
    first, again, other = (
        strikes(Fault(kind=FaultKind.NOT_FOUND, rhythm=share(0.1, seed=seed), times=None), 1000) for seed in (1, 1, 2)
    )

    assert first == again != other
    assert 70 < len(first) < 130


@pytest.mark.usefixtures("installation")
async def test_webhooks_come_late_and_in_another_order(
    github: FakeGitHub, receiver: Receiver, repository: Repository
) -> None:
    github.webhooks.mode = lambda _delivery: DeliveryMode.HELD
    repository.commit("one", {"a": "1"})
    repository.commit("two", {"a": "2"})
    await github.settle()
    assert receiver.names() == []

    await github.release_webhooks(lambda held: [each for each in reversed(held) if each.event == "push"])
    assert [each.data["ref"] for each in receiver.events] == ["refs/heads/two", "refs/heads/one"]

    await github.release_webhooks()
    assert receiver.names()[2:] == ["create", "create"]
    assert github.webhooks.held == []


async def test_webhooks_may_never_be_sent(
    github: FakeGitHub, receiver: Receiver, repository: Repository, installation: Installation
) -> None:
    def mode(delivery: Delivery) -> DeliveryMode:
        return DeliveryMode.DROPPED if delivery.event == "push" else DeliveryMode.NORMAL

    github.webhooks.mode = mode
    repository.commit("main", {"a": "1"})
    await github.settle()

    assert installation.has(repository)
    assert "push" not in [*receiver.names(), *(each.event for each in github.deliveries)]


async def test_a_bad_day_ends_as_a_good_one(github: FakeGitHub, api: httpx.AsyncClient) -> None:
    for fault in chaos(seed=3):
        github.faults.add(fault)
    statuses = []
    for _ in range(100):
        try:
            statuses.append((await api.post(f"{HERE}/git/blobs", json={"content": "x"})).status_code)
        except httpx.TransportError:
            statuses.append(0)

    assert set(statuses) == {0, 201, 403, 502}
    assert 80 < statuses.count(201) < 95


async def test_webhooks_may_be_unreliable(github: FakeGitHub, receiver: Receiver) -> None:
    github.webhooks.mode = unreliable(seed=2)
    for _ in range(40):
        await github.ping()

    guids = [each.delivery_id for each in receiver.events]
    lost = [each for each in github.deliveries if each.status == "failed to connect to host"]
    assert len(set(guids)) < len(guids)
    assert len(set(guids)) + len(github.webhooks.held) + len(lost) == 40
    assert lost
    assert github.webhooks.held


async def test_who_writes_too_much_is_told_to_wait(
    github: FakeGitHub, api: httpx.AsyncClient, clock: MovableClock
) -> None:
    github.secondary_limits = SecondaryLimits(points_per_minute=12, content_per_minute=2, content_per_hour=3)

    async def write() -> tuple[int, str]:
        answer = await api.post(f"{HERE}/git/blobs", json={"content": "x"})
        return answer.status_code, answer.headers.get("retry-after", "")

    assert [await write() for _ in range(3)] == [(201, ""), (201, ""), (403, "60")]
    assert [(await api.get(HERE)).status_code for _ in range(3)] == [200, 200, 403]
    clock.advance(minutes=1, seconds=1)
    assert await write() == (201, "")
    status, wait = await write()
    assert (status, 3400 < int(wait) < 3600) == (403, True)
