"""Webhooks received, by GitHub's own id: a delivery that comes twice asks for nothing twice.

A redelivery has the id of the first one, so a delivery may only be known once its jobs are: both are written in one
transaction. https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks#use-the-x-github-delivery-header
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.store.database import Connection

INSERT = """
INSERT INTO delivery (guid, event, installation_id, repository_id) VALUES (%s, %s, %s, %s)
ON CONFLICT (guid) DO NOTHING
"""


class Receipt(StrEnum):
    """Whether a delivery was seen before."""

    NEW = "new"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook that GitHub sent: its GUID, its event, and whom it is about as far as that is known."""

    guid: str
    event: str
    installation_id: int | None = None
    repository_id: int | None = None


async def record_delivery(connection: Connection, delivery: Delivery) -> Receipt:
    """Remember *delivery* and say whether it is new. Two at the same moment wait for each other."""
    values = (delivery.guid, delivery.event, delivery.installation_id, delivery.repository_id)
    cursor = await connection.execute(INSERT, values)
    return Receipt.NEW if cursor.rowcount else Receipt.DUPLICATE


async def forget_old_deliveries(connection: Connection, *, days: int = 7) -> None:
    """Forget what GitHub cannot deliver again: it keeps deliveries for three days, Enterprise Server for seven."""
    await connection.execute("DELETE FROM delivery WHERE received_at < now() - make_interval(days => %s)", (days,))
