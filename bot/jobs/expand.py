"""From the inbox to the table of wants: what deliveries ask for is written down, all of a batch in one transaction."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import TypeAlias, assert_never

import psycopg

from bot import metrics
from bot.errors import BadInput
from bot.jobs.breaker import pull_became
from bot.jobs.requests import (
    Change,
    CommandRequest,
    CountPull,
    ForgetInstallation,
    ForgetRepository,
    KnowInstallation,
    KnowRepositories,
    ListInstallation,
    LookRequest,
    PushRequest,
    Request,
    ScanRequest,
    SuspendInstallation,
)
from bot.logs import About, bind
from bot.metrics import DeliveryResult
from bot.store.commands import want_command
from bot.store.database import Connection, Pool, transacted
from bot.store.deliveries import mark_expanded, mark_refused, take_deliveries
from bot.store.installations import (
    relist_installation,
    see_installation,
    suspend_installation,
)
from bot.store.looks import want_look
from bot.store.proposals import wake_proposals
from bot.store.repositories import (
    forget_installation,
    forget_repository,
    know_repositories,
    repositories_of,
    see_repositories,
    watched_paths,
)
from bot.store.wants import Priority, Want, want
from bot.updating.read.relevance import names_any

log = logging.getLogger(__name__)

Expander: TypeAlias = Callable[[str, bytes], tuple[Request, ...]]
"""What an event with a body asks for; raises `BadInput` for a body that is no payload of it."""


async def expand(pool: Pool, expander: Expander) -> int:
    """Do what the deliveries of the inbox ask for; return how many there were."""
    count = 0
    while expanded := await transacted(pool, partial(_expand, expander=expander)):
        count += expanded
    return count


async def _expand(connection: Connection, expander: Expander) -> int:
    """Do what a batch asks for, together where that is possible; return how many deliveries there were."""
    deliveries = await take_deliveries(connection)
    if not deliveries:
        return 0
    asked: dict[str, tuple[Request, ...]] = {}
    for delivery in deliveries:
        bind(About(delivery=delivery.guid))
        try:
            asked[delivery.guid] = expander(delivery.event, delivery.body or b"")
        except BadInput as error:
            await _refuse(connection, delivery.guid, str(error))
        except Exception as error:
            log.exception("delivery %s cannot be expanded", delivery.guid)
            await _refuse(connection, delivery.guid, f"a defect of condabot: {type(error).__name__}")
    bind(About())
    try:
        async with connection.transaction():
            await apply(connection, chain.from_iterable(asked.values()))
    except psycopg.DataError:
        await _apply_singly(connection, asked)
    metrics.deliveries_worked_off(DeliveryResult.EXPANDED, len(asked))
    await mark_expanded(connection, tuple(asked))
    return len(deliveries)


async def _apply_singly(connection: Connection, asked: dict[str, tuple[Request, ...]]) -> None:
    """Do what each delivery asks for by itself, and take those out of *asked* whose words no database can hold."""
    for guid, requests in tuple(asked.items()):
        try:
            async with connection.transaction():
                await apply(connection, requests)
        except psycopg.DataError as error:
            del asked[guid]
            await _refuse(connection, guid, f"it cannot be stored: {type(error).__name__}")


async def _refuse(connection: Connection, guid: str, sentence: str) -> None:
    log.warning("delivery %s says nothing: %s", guid, sentence)
    metrics.deliveries_worked_off(DeliveryResult.UNREADABLE)
    await mark_refused(connection, guid, sentence)


async def apply(connection: Connection, requests: Iterable[Request]) -> None:
    """Do what *requests* ask for, in their order; scans that follow each other are wanted together."""
    scans: list[ScanRequest] = []
    for request in requests:
        if isinstance(request, ScanRequest):
            scans.append(request)
            continue
        await _want_all(connection, scans)
        scans.clear()
        await _apply(connection, request)
    await _want_all(connection, scans)


async def _want_all(connection: Connection, scans: Sequence[ScanRequest]) -> None:
    if not scans:
        return
    await know_repositories(connection, [each.repository for each in scans])
    by_reason: dict[Want, list[int]] = defaultdict(list)
    for each in scans:
        by_reason[each.why].append(each.repository.repository_id)
    for why, ids in by_reason.items():
        await _want(connection, ids, why)


async def _want(connection: Connection, ids: Sequence[int], why: Want) -> None:
    if why.priority >= Priority.PUSH:
        await wake_proposals(connection, ids)
    await want(connection, ids, why)


async def _apply(connection: Connection, request: Request) -> None:
    match request:
        case ScanRequest():
            await _want_all(connection, (request,))
        case PushRequest(repository=repository, paths=paths, why=why):
            patterns = await watched_paths(connection, repository.repository_id)
            if names_any(patterns, paths):
                await _want(connection, (repository.repository_id,), why)
        case LookRequest(look=look):
            await know_repositories(connection, (look.repository,))
            await want_look(connection, look)
        case CommandRequest(command=command):
            await know_repositories(connection, (command.repository,))
            await want_command(connection, command)
        case _:
            await _apply_change(connection, request)


async def _apply_change(connection: Connection, request: Change) -> None:
    """Know what became of an installation, or of repositories of it."""
    match request:
        case KnowInstallation(facts=facts, why=why):
            await see_installation(connection, facts)
            if why:
                await _want(connection, tuple(await repositories_of(connection, facts.id)), why)
        case KnowRepositories(installation_id=installation_id, repositories=repositories, why=why):
            await see_repositories(connection, installation_id, repositories)
            if why:
                await _want(connection, [each.id for each in repositories], why)
        case SuspendInstallation(installation_id=installation_id):
            await suspend_installation(connection, installation_id)
        case ListInstallation(installation_id=installation_id):
            await relist_installation(connection, installation_id)
        case ForgetRepository(repository=repository):
            await forget_repository(connection, repository)
        case ForgetInstallation(installation_id=installation_id):
            await forget_installation(connection, installation_id)
        case CountPull(repository=repository, number=number, state=state):
            await pull_became(connection, repository, number, state)
        case _:
            assert_never(request)
