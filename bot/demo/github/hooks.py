"""Sending webhooks, and remembering what became of them.

Signed with HMAC-SHA256, given up after ten seconds, never repeated by itself, kept for three days.
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

import asyncio
import hmac
import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

import aiohttp

from bot.demo.github.events import Event
from bot.demo.github.model import JsonObject
from bot.demo.github.openapi import webhook_description
from bot.demo.github.payloads import Message, messages, ping
from bot.demo.github.state import State

ANSWER_WITHIN_SECONDS = 10
RETENTION = timedelta(days=3)
OK = "OK"
FAILED_TO_CONNECT = ("failed to connect to host", 502)
TIMED_OUT = ("timed out", 504)


class DeliveryMode(StrEnum):
    """How reliable the way to the App is."""

    NORMAL = "normal"
    LOST = "lost, which GitHub knows: a failed delivery"
    DROPPED = "never sent and not in the log, as payloads over 25 MB"
    DUPLICATED = "duplicated"
    HELD = "held back until `WebhookSender.release`"


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One attempt to tell the App something; `status_code` 0 stands for one that is under way."""

    id: int
    guid: str
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    payload: JsonObject
    delivered_at: datetime
    redelivery: bool
    status: str = ""
    status_code: int = 0
    answer: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Say whether the App took it."""
        return self.status == OK


def unreliable(seed: int) -> Callable[[Delivery], DeliveryMode]:
    """Return a mode of `WebhookSender` in which ten in a hundred are lost, come twice or are held: each by lot."""

    def mode(delivery: Delivery) -> DeliveryMode:
        drawn = random.Random(f"{seed} {delivery.guid}").random()  # noqa: S311 - it must be repeatable
        lots = (DeliveryMode.LOST, DeliveryMode.DUPLICATED, DeliveryMode.HELD)
        return next((each for index, each in enumerate(lots, 1) if drawn < index / 10), DeliveryMode.NORMAL)

    return mode


class WebhookSender:
    """Delivers messages one after the other, in the order in which things happened."""

    def __init__(self, *, state: State, violations: list[str]) -> None:
        self.url: str | None = None
        self.answer_within_seconds: float = ANSWER_WITHIN_SECONDS
        self.held: list[Delivery] = []
        self.mode: Callable[[Delivery], DeliveryMode] = lambda _delivery: DeliveryMode.NORMAL
        self.log: list[Delivery] = []
        self._state = state
        self._violations = violations
        self._under_way: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._guids = 0

    def tell(self, event: Event) -> None:
        """Start the deliveries of what the App hears about *event*."""
        for message in messages(self._state, event):
            self._start(self._delivery(message))

    def ping(self) -> None:
        """Start the delivery of a ping."""
        self._start(self._delivery(ping(self._state)))

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Start another attempt with the same payload and the same GUID."""
        again = Delivery(
            id=self._state.next_id(),
            guid=delivery.guid,
            event=delivery.event,
            action=delivery.action,
            installation_id=delivery.installation_id,
            repository_id=delivery.repository_id,
            payload=delivery.payload,
            delivered_at=self._state.now(),
            redelivery=True,
        )
        self._start(again)
        return again

    def recent(self) -> list[Delivery]:
        """Return the finished deliveries GitHub still knows, oldest first."""
        oldest = self._state.now() - RETENTION
        return [each for each in self.log if each.status and each.delivered_at > oldest]

    async def settle(self) -> None:
        """Return when no delivery is under way, including those that deliveries lead to."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    def _delivery(self, message: Message) -> Delivery:
        self._guids += 1
        self._validate(message)
        return Delivery(
            id=self._state.next_id(),
            guid=str(uuid5(NAMESPACE_URL, f"condabot:delivery:{self._guids}")),
            event=message.event,
            action=message.action,
            installation_id=message.installation_id,
            repository_id=message.repository_id,
            payload=message.payload,
            delivered_at=self._state.now(),
            redelivery=False,
        )

    def _validate(self, message: Message) -> None:
        description = webhook_description()
        problems = description.problems(description.schema(message.event, message.action), message.payload)
        self._violations += [f"webhook {message.event}.{message.action} {problem}" for problem in problems]

    def _start(self, delivery: Delivery) -> None:
        self.log.append(delivery)
        self._send(delivery, self.mode)

    def release(self, order: Callable[[list[Delivery]], Iterable[Delivery]] = list) -> None:
        """Start the deliveries that were held, in the *order* wanted; those it leaves out are held on."""
        for delivery in list(order(self.held)):
            self.held.remove(delivery)
            self._send(delivery, lambda _delivery: DeliveryMode.NORMAL)

    def _send(self, delivery: Delivery, mode: Callable[[Delivery], DeliveryMode]) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery, mode))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, delivery: Delivery, mode_of: Callable[[Delivery], DeliveryMode]) -> None:
        raw = json.dumps(delivery.payload).encode()
        delivery.headers = self._headers(delivery, raw)
        async with self._turn:
            mode = mode_of(delivery)
            if mode is DeliveryMode.DROPPED:
                self.log.remove(delivery)
                return
            if mode is DeliveryMode.HELD:
                self.held.append(delivery)
                return
            if mode is DeliveryMode.LOST or self.url is None:
                delivery.status, delivery.status_code = FAILED_TO_CONNECT
                return
            await self._post(delivery, self.url, raw)
            if mode is DeliveryMode.DUPLICATED:
                await self._post(delivery, self.url, raw)

    async def _post(self, delivery: Delivery, url: str, raw: bytes) -> None:
        timeout = aiohttp.ClientTimeout(total=self.answer_within_seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=raw, headers=delivery.headers, allow_redirects=False) as response,
            ):
                delivery.answer = await response.text(errors="replace")
                delivery.status_code = response.status
                delivery.status = OK if response.ok else f"Invalid HTTP Response: {response.status}"
        except TimeoutError:
            delivery.status, delivery.status_code = TIMED_OUT
        except aiohttp.ClientError:
            delivery.status, delivery.status_code = FAILED_TO_CONNECT

    def _headers(self, delivery: Delivery, raw: bytes) -> dict[str, str]:
        """Return GitHub's headers.

        https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
        """
        secret = self._state.app.webhook_secret
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/condabot-demo",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-ID": str(self._state.app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": f"sha1={hmac.new(secret, raw, 'sha1').hexdigest()}",
            "X-Hub-Signature-256": f"sha256={hmac.new(secret, raw, 'sha256').hexdigest()}",
        }
