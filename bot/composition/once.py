"""One scan of one repository at GitHub, as workers do it, without a database: by a token or as the App."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx

from bot.clock import Clock, SystemClock
from bot.composition.scanning import branch_prefix, github_client, is_local, open_inspectors
from bot.composition.way import guarded
from bot.errors import GitHubError
from bot.github.auth import AppSigner, GitHubApp
from bot.github.installations import Installation, installations
from bot.github.ours import MarkerKeys
from bot.github.permissions import LIST
from bot.github.throttle import GITHUB_PACE, LOCAL_PACE, Priority, Throttles
from bot.github.token import NO_INSTALLATION, FoundRepository, TokenAccess, found_by
from bot.jobs.calm import AT_ONCE, Calm
from bot.jobs.gate import OpenGate, ShutGate
from bot.jobs.neighbours import FindRepository, InstalledNeighbours
from bot.jobs.report import Assignment, RunReport
from bot.jobs.scan import RepositoryScan
from bot.model.schedule import Schedule
from bot.runner import AppKeys, RunSettings
from bot.store.repositories import InstalledRepository

DRY: Final = "this is a dry run"
BY_CRON: Final = Calm(schedule=Schedule(), pushes=0)
"""When it runs is for whoever runs it; what was pushed before, nobody remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What came of it. `as_runner` says that it was done with the token that a runner has of itself."""

    report: RunReport
    as_runner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reached:
    """How a repository is reached, and as whom."""

    access: GitHubApp | TokenAccess
    assignment: Assignment
    find: FindRepository
    as_runner: bool = False


async def run_once(
    run: RunSettings, environment: MutableMapping[str, str], *, dry: bool, clock: Clock | None = None
) -> Once:
    """Scan the repository and publish what it comes to; a *dry* run writes nothing, and tells what it would.

    Whoever runs it has asked for it: nobody is asked whether it may begin.

    Raises:
        GitHubError: the repository is not to be seen, GitHub does not know us, or it did not answer.

    """
    clock = clock or SystemClock()
    async with guarded(run.settings, run.github_api, environment) as way, github_client() as http:
        reached = await _reached(run, http, clock)
        async with open_inspectors(run.settings, way) as inspections:
            scan: RepositoryScan[Any] = RepositoryScan(
                app=reached.access,
                inspections=inspections,
                keys=MarkerKeys(run.marker_secrets),
                prefix=branch_prefix(run.slug),
                clock=clock,
                calm=AT_ONCE if is_local(run.github_api) else BY_CRON,
                gate=ShutGate(sentence=DRY) if dry else OpenGate(),
                rehearses=dry,
                reads_boxes=True,
                neighbours=InstalledNeighbours(app=reached.access, find=reached.find, clock=clock),
            )
            return Once(report=await scan(reached.assignment), as_runner=reached.as_runner)


async def _reached(run: RunSettings, http: httpx.AsyncClient, clock: Clock) -> _Reached:
    budgets = Throttles(pace=LOCAL_PACE if is_local(run.github_api) else GITHUB_PACE, clock=clock)
    if isinstance(run.credentials, AppKeys):
        signer = AppSigner(run.credentials.app_id, *run.credentials.private_keys)
        app = GitHubApp(signer=signer, http=http, base_url=run.github_api, clock=clock, budgets=budgets)
        return await _as_app(run, app)
    access = TokenAccess(
        token=run.credentials,
        http=http,
        base_url=run.github_api,
        graphql_url=run.graphql_url,
        clock=clock,
        budgets=budgets,
    )
    found = await access.find(run.owner, run.name)
    where = InstalledRepository(installation_id=NO_INSTALLATION, repository_id=found.reference.id)
    return _Reached(
        access=access,
        assignment=Assignment(repository=where, ticked=True),
        find=_ids(access.find),
        as_runner=found.is_runner,
    )


async def _as_app(run: RunSettings, app: GitHubApp) -> _Reached:
    installed = await _installation(run, app)
    caller = await app.whole_installation(installed.id, LIST, app.budget(installed.id, Priority.PERSON))
    found = await found_by(caller, run.owner, run.name)
    where = InstalledRepository(installation_id=installed.id, repository_id=found.reference.id)
    assignment = Assignment(repository=where, permissions=installed.permissions, page=installed.page, ticked=True)
    return _Reached(access=app, assignment=assignment, find=_ids(partial(found_by, caller)))


def _ids(find: Callable[[str, str], Awaitable[FoundRepository]]) -> FindRepository:
    async def id_of(installation_id: int, full_name: str) -> int:
        del installation_id  # there is one
        owner, _, name = full_name.partition("/")
        return (await find(owner, name)).reference.id

    return id_of


async def _installation(run: RunSettings, app: GitHubApp) -> Installation:
    """Return the installation at the owner of the repository.

    Raises:
        GitHubError: there is none, or it is suspended.

    """
    async for each in installations(app):
        if each.account.lower() == run.owner.lower():
            if each.suspended:
                raise GitHubError(f"the App is suspended at {run.owner}: its owner can let it in again at {each.page}")
            return each
    raise GitHubError(f"the App is not installed at {run.owner}: install it there, and on {run.full_name}")
