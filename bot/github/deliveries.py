"""Webhooks that did not arrive: GitHub never sends one again by itself, but keeps them for three days and lists them.

https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import msgspec

from bot.github.auth import GitHubApp
from bot.github.throttle import READ

PAGE = 100
ALL = "/app/hook/deliveries{?per_page}"
ATTEMPTS = "/app/hook/deliveries/{delivery_id}/attempts"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDelivery:
    """A webhook by GitHub's `guid`, of which no attempt succeeded; `id` is the attempt to repeat, its latest."""

    id: int
    guid: str
    event: str
    delivered_at: datetime


class _Attempt(msgspec.Struct):
    id: int
    guid: str
    event: str
    delivered_at: datetime
    status_code: int

    @property
    def succeeded(self) -> bool:
        """GitHub counts an answer with 2xx; without any answer the code is 0."""
        return HTTPStatus.OK <= self.status_code < HTTPStatus.MULTIPLE_CHOICES


async def failed_deliveries(app: GitHubApp, since: datetime) -> tuple[HookDelivery, ...]:
    """Return the webhooks sent *since* then of which every attempt failed, the oldest first.

    The list has the newest attempt first, so that it is read only as far back as is asked for.
    """
    arrived = set[str]()
    failed = dict[str, _Attempt]()
    async for page in app.itself().pages(ALL, list[_Attempt], per_page=PAGE):
        attempts = [each for each in page if each.delivered_at >= since]
        arrived |= {each.guid for each in attempts if each.succeeded}
        for each in attempts:
            failed.setdefault(each.guid, each)
        if len(attempts) < len(page):
            break
    lost = [each for guid, each in failed.items() if guid not in arrived]
    return tuple(_delivery(each) for each in sorted(lost, key=lambda each: (each.delivered_at, each.id)))


async def redeliver(app: GitHubApp, delivery_id: int) -> None:
    """Have GitHub send a webhook again, with the same GUID, by which receivers know it.

    https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook
    """
    await app.itself().post(ATTEMPTS, object, {}, cost=READ, delivery_id=delivery_id)


def _delivery(attempt: _Attempt) -> HookDelivery:
    return HookDelivery(id=attempt.id, guid=attempt.guid, event=attempt.event, delivered_at=attempt.delivered_at)
