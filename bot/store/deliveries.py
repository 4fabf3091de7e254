"""The inbox: webhooks as they came, by GitHub's own id, until the coordinator has expanded them.

A redelivery has the id of the first one; whoever presses "Redeliver" wants it to count again, and it does.
https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#use-the-x-github-delivery-header
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.store.database import Connection

STORE = """
INSERT INTO delivery (guid, event, installation_id, repository_id, body, state) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (guid) DO UPDATE SET body = excluded.body, state = excluded.state, sentence = '', received_at = now()
WHERE delivery.state <> 'new'
"""
TAKE = """
SELECT guid, event, body FROM delivery WHERE state = 'new' ORDER BY received_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
EXPANDED = "UPDATE delivery SET state = 'expanded', body = NULL WHERE guid = ANY(%s)"
REFUSED = "UPDATE delivery SET state = 'refused', body = NULL, sentence = %s WHERE guid = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook that GitHub sent: its GUID, its event, and whom it is about as far as that is known.

    `body` is None where nobody waits for the event.
    """

    guid: str
    event: str
    body: bytes | None = field(repr=False)
    installation_id: int | None = None
    repository_id: int | None = None


async def store_delivery(connection: Connection, delivery: Delivery) -> None:
    """Put *delivery* into the inbox. One that waits there already is not put there twice."""
    state = "ignored" if delivery.body is None else "new"
    values = (delivery.guid, delivery.event, delivery.installation_id, delivery.repository_id, delivery.body, state)
    await connection.execute(STORE, values)


async def take_deliveries(connection: Connection, *, limit: int = 200) -> tuple[Delivery, ...]:
    """Return up to *limit* deliveries that nobody has expanded, the oldest first, locked until the transaction ends."""
    cursor = await connection.execute(TAKE, (limit,))
    return tuple(Delivery(guid=guid, event=event, body=body) for guid, event, body in await cursor.fetchall())


async def mark_expanded(connection: Connection, guids: Sequence[str]) -> None:
    """Record that what these deliveries ask for is done; their bodies are dropped."""
    await connection.execute(EXPANDED, (list(guids),))


async def mark_refused(connection: Connection, guid: str, sentence: str) -> None:
    """Record why nothing could be made of a delivery."""
    await connection.execute(REFUSED, (sentence, guid))


async def forget_old_deliveries(connection: Connection, *, days: int = 7) -> None:
    """Forget what GitHub cannot deliver again: it keeps deliveries for three days, Enterprise Server for seven."""
    await connection.execute("DELETE FROM delivery WHERE received_at < now() - make_interval(days => %s)", (days,))
