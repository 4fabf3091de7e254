"""The log of webhook deliveries.

https://docs.github.com/en/rest/apps/webhooks
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from bot.demo.github.errors import ApiError
from bot.demo.github.hooks import Delivery
from bot.demo.github.model import JsonObject, iso
from bot.demo.github.rest.call import DEFAULT_PAGE_SIZE, LARGEST_PAGE, Call, Handler, Reply


def list_deliveries(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook: newest first, by cursor."""
    found = [each for each in reversed(call.webhooks.recent()) if _wanted(call, each)]
    cursor = call.query.get("cursor")
    if cursor:
        found = [each for each in found if each.id <= int(cursor)]
    size = min(int(call.query.get("per_page", DEFAULT_PAGE_SIZE)), LARGEST_PAGE)
    headers = {}
    if len(found) > size:
        query = urlencode({**call.query, "cursor": found[size].id})
        headers = {"link": f'<{call.state.url}{call.path}?{query}>; rel="next"'}
    return Reply(facts=[_facts(each) for each in found[:size]], headers=headers)


def _wanted(call: Call, delivery: Delivery) -> bool:
    wanted = call.query.get("status")
    return wanted is None or (wanted == "success") == delivery.succeeded


def get_delivery(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/webhooks#get-a-delivery-for-an-app-webhook."""
    delivery = _delivery(call)
    request = {"headers": dict(delivery.headers), "payload": delivery.payload}
    response = {"headers": {}, "payload": delivery.answer}
    return Reply(facts=_facts(delivery) | {"request": request, "response": response})


def redeliver(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook."""
    call.webhooks.redeliver(_delivery(call))
    return Reply(status=202, facts={})


def _delivery(call: Call) -> Delivery:
    wanted = call.number("delivery_id")
    found = next((each for each in call.webhooks.recent() if each.id == wanted), None)
    if found is None:
        raise ApiError(422, "Validation Failed", errors=[])
    return found


def _facts(delivery: Delivery) -> JsonObject:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": iso(delivery.delivered_at),
        "redelivery": delivery.redelivery,
        "duration": 0.0,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }


HANDLERS: Mapping[str, Handler] = {
    "apps/list-webhook-deliveries": list_deliveries,
    "apps/get-webhook-delivery": get_delivery,
    "apps/redeliver-webhook-delivery": redeliver,
}
