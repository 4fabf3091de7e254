"""Webhooks that did not get through: GitHub repeats none by itself, so they are asked for again.

https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.github.auth import GitHubApp
from bot.github.deliveries import failed_deliveries, redeliver
from bot.jobs.listing import list_installations
from bot.store.database import Pool
from bot.store.marks import mark, marked_at

log = logging.getLogger(__name__)

SWEPT = "deliveries swept"
OVERLAP = timedelta(minutes=5)
"""GitHub's clock, and deliveries that were on their way."""

KEPT = timedelta(days=3)
"""How long GitHub keeps deliveries; after a longer absence everything is listed instead."""

MOST = 200
"""Deliveries that are asked for again at once: what remains is asked for ten minutes later."""


async def sweep(pool: Pool, app: GitHubApp, clock: Clock) -> None:
    """Have the deliveries repeated that failed since the last sweep.

    Raises:
        GitHubError: GitHub did not answer; the next sweep begins where this one did.

    """
    now = clock.now()
    async with pool.connection() as connection:
        last = await marked_at(connection, SWEPT)
    if last is None or now - last > KEPT:
        await list_installations(pool, app)
        last = now - KEPT
    failed = await failed_deliveries(app, last - OVERLAP)
    for each in failed[:MOST]:
        log.info("delivery %s did not get through and is asked for again", each.guid)
        await redeliver(app, each.id)
    upto = failed[MOST].delivered_at if len(failed) > MOST else now
    async with pool.connection() as connection:
        await mark(connection, SWEPT, upto)
