"""What a scan is, to the queue: a function of an assignment that ends with a report."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from bot.model.report import Asked, Held
from bot.store.looks import Look
from bot.store.proposals import FailedProposal
from bot.store.repositories import InstalledRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A repository that is to be looked at, and what is remembered that a look depends on.

    `is_waited_for` says that somebody did something and waits for what comes of it.
    `permissions` are those that its owner granted, None where nobody told; on `page` they are changed. It is
    `uninvited` where the App was put on all repositories of an account and nobody asked for this one. `resting` has the
    keys of the proposals that failed too often, with the reason of each; `pushes` is how often the bot pushed in the
    last seven days; `told` is the digest of what was said last beside its head.
    """

    repository: InstalledRepository
    reason: str = ""
    is_waited_for: bool = True
    permissions: Mapping[str, str] | None = None
    page: str = ""
    uninvited: bool = False
    resting: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pushes: int = 0
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a scan did, in lines for operators: `outcomes` are its results, `log` how it came to them.

    `head` is the commit that it looked at, `paths` are patterns of files that matter to this repository alone. `open`
    has the pull requests that it opened or refreshed. Of proposals, `pushed` has the keys of those for which there is a
    new commit, `published` those whose pull request stands, `failed` those that could not be published. With
    `again_after` the rest is to be done in so many seconds; `again_at` is when its schedule opens for what waits.
    `told` is the digest of what was said beside the head. `asked` is what channels were asked for, None where nobody
    asked them; `held` is what the locks hold. A lock of ours was `rejected` by the audit if that says why.
    """

    outcomes: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    head: str = ""
    paths: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    pushed: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    failed: tuple[FailedProposal, ...] = ()
    again_after: int | None = None
    again_at: datetime | None = None
    told: str = ""
    rejected: str = ""
    asked: tuple[Asked, ...] | None = None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAssignment:
    """A change of people that is to be looked at, with what is remembered of its repository.

    `paths` are patterns of those that matter to it alone; everything else is as in an `Assignment`.
    """

    look: Look
    paths: tuple[str, ...] = ()
    permissions: Mapping[str, str] | None = None
    page: str = ""
    uninvited: bool = False


Scan: TypeAlias = Callable[[Assignment], Awaitable[RunReport]]
"""Look at a repository and make right what is not.

It may be called again at any time, also after it died halfway. It raises `GitHubUnavailable` to be called later and
any other `CondabotError` for what trying again soon would not change.
"""

TakeLook: TypeAlias = Callable[[LookAssignment], Awaitable[RunReport]]
"""Look at a change and say beside it what there is to say: to be called again as a `Scan` may."""
