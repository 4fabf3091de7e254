"""What a scan or a look is, to the queue: a function of an assignment that ends with a report."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from bot.github.access import Access
from bot.github.client import Client
from bot.github.permissions import Permissions, allows, missing
from bot.github.throttle import Budget
from bot.model.bundle import HandedOver
from bot.model.pull_request import ShownPull
from bot.model.report import Asked, Held
from bot.store.commands import PullCommand
from bot.store.looks import Look
from bot.store.proposals import FailedProposal
from bot.store.repositories import InstalledRepository
from bot.store.wants import Want

UNNAMED_WAIT = 300
"""Seconds until the next attempt at a scan when GitHub names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A repository, and how its owner lets the App reach it.

    `permissions` are those that the owner granted, None where nobody told; on `page` they are changed. It is
    `uninvited` where the App was put on all repositories of an account and nobody asked for this one. A person may have
    `ticked` it on its page.
    """

    repository: InstalledRepository
    permissions: Permissions | None = None
    page: str = ""
    uninvited: bool = False
    ticked: bool = False

    def may(self, permission: str) -> bool:
        """Say whether the App may write what *permission* is for; where nobody told, trying will tell."""
        return self.permissions is None or allows(self.permissions, permission, "write")

    def client(
        self, app: Access, permissions: Permissions, budget: Budget | None = None
    ) -> AbstractAsyncContextManager[Client]:
        """Give a client of *app* for the repository, with *permissions* as far as they were granted.

        Raises:
            GitHubError: GitHub refused.
            GitHubUnavailable: GitHub did not answer.

        """
        where = self.repository
        return app.installation(
            where.installation_id, where.repository_id, permissions, granted=self.permissions, budget=budget
        )

    def missing(self, wanted: Permissions) -> list[str]:
        """Return a sentence for each of the *wanted* permissions that the owner has not granted."""
        if self.permissions is None:
            return []
        page = self.page or "the page of the installation"
        return [
            missing(name, level, repository="this repository", page=page)
            for name, level in sorted(wanted.items())
            if not allows(self.permissions, name, level)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Reached):
    """A repository that is to be looked at, and what is remembered that a look depends on.

    `is_waited_for` says that somebody did something and waits for what comes of it. `resting` has the
    keys of the proposals that failed too often, with the reason of each; `pushed` is when the bot pushed in the last
    seven days; `told` is the digest of what was said last beside its head, `dashboard` the number of the
    issue that is its dashboard, 0 for none. `snapshots` are the digests of what the dependency graph was told, by key,
    `alerts` is what code scanning was told; each None where nobody remembers that. `conflicting` are pull requests of
    people that could not be merged when it was looked at last, as `NUMBER:HEAD`; None where nobody remembers. `handed`
    is how far what it hands over is, by key; None where nobody remembers.
    """

    reason: str = ""
    is_waited_for: bool = True
    resting: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pushed: tuple[datetime, ...] = ()
    told: str = ""
    dashboard: int = 0
    snapshots: Mapping[str, str] | None = None
    alerts: str | None = None
    conflicting: frozenset[str] | None = None
    handed: Mapping[str, HandedOver] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a scan did, in lines for operators: `outcomes` are its results, `log` how it came to them.

    `head` is the commit that it looked at, `paths` are patterns of files that matter to this repository alone. `open`
    has the pull requests that it opened or refreshed, of which it newly `opened` so many. Of proposals, `pushed` has
    the keys of those for which there is a new commit, `published` those whose pull request stands, `failed` those that
    could not be published; `merging` has a line for each that merges by itself. With `again_after` the rest is to be
    done in so many seconds; `again_at` is when its schedule opens for what waits, or checks have had the time to begin.
    `told` is the digest of what was said beside the head. `asked` is what channels were asked for, None where nobody
    asked them; `held` is what the locks hold. A lock of ours was `rejected` by the audit if that says why. `pulls` are
    those that it opened or refreshed, or would; it is `complete` if everything was judged and done.
    A scan is to follow if there is one that it `wants`, and a `command` that nobody gave. `dashboard` is the number of
    the dashboard, 0 if there is none, None where nobody looked. `snapshots` are the digests of what the dependency
    graph has now, None where nobody told it anything; `alerts` is the same of code scanning. `handed` is how far what
    is handed over is now, None where nobody tried. Of the pull requests of
    people, `looks` are to be looked at again, by their numbers, and `conflicting` are those that cannot be merged; None
    where nobody looked.
    """

    outcomes: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    head: str = ""
    paths: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    opened: int = 0
    pushed: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    merging: tuple[str, ...] = ()
    failed: tuple[FailedProposal, ...] = ()
    again_after: int | None = None
    again_at: datetime | None = None
    told: str = ""
    rejected: str = ""
    asked: tuple[Asked, ...] | None = None
    held: tuple[Held, ...] = ()
    wants: Want | None = None
    command: PullCommand | None = None
    pulls: tuple[ShownPull, ...] = ()
    complete: bool = True
    dashboard: int | None = None
    snapshots: Mapping[str, str] | None = None
    alerts: str | None = None
    handed: Mapping[str, HandedOver] | None = None
    looks: tuple[int, ...] = ()
    conflicting: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAssignment(Reached):
    """A change of people that is to be looked at; `paths` are patterns of those that matter to its repository alone."""

    look: Look
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAssignment(Reached):
    """Something that was asked for in a pull request and is to be done."""

    command: PullCommand


Scan: TypeAlias = Callable[[Assignment], Awaitable[RunReport]]
"""Look at a repository and make right what is not.

It may be called again at any time, also after it died halfway. It raises `GitHubUnavailable` to be called later and
any other `CondabotError` for what trying again soon would not change.
"""

TakeLook: TypeAlias = Callable[[LookAssignment], Awaitable[RunReport]]
"""Look at a change and say beside it what there is to say: to be called again as a `Scan` may."""

CarryOut: TypeAlias = Callable[[CommandAssignment], Awaitable[RunReport]]
"""Do what was asked for in a pull request and answer there: to be called again as a `Scan` may."""
