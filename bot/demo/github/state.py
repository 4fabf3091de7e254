"""Everything that exists on this GitHub: accounts, repositories, installations, tokens, numbers and the time."""

import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.demo.github import refs
from bot.demo.github.errors import not_found
from bot.demo.github.events import Event, InstallationChanged, InstallationRepositoriesChanged
from bot.demo.github.git import Git
from bot.demo.github.model import Account, AccountKind, App, Clock, InstallationToken, Level
from bot.demo.github.repository import RefUpdate, Repository

EVENTS = (
    "check_run",
    "check_suite",
    "create",
    "delete",
    "issue_comment",
    "issues",
    "pull_request",
    "push",
    "repository",
    "status",
)
USUAL_PERMISSIONS: Mapping[str, str] = {
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
}


@dataclass(slots=True, kw_only=True, eq=False)
class Installation:
    """The App in one account, with the repositories and permissions granted to it."""

    state: "State"
    id: int
    account: Account
    repositories: list[Repository]
    permissions: dict[str, Level]
    created_at: datetime
    selection: str = "selected"
    suspended_at: datetime | None = None

    def has(self, repository: Repository) -> bool:
        """Say whether the installation includes *repository*."""
        return repository in self.repositories

    async def add_repositories(self, repositories: Iterable[Repository]) -> None:
        """Grant repositories, as the account's owner does; return when the App has been told."""
        added = [each for each in repositories if each not in self.repositories]
        self.repositories += added
        await self._tell("added", added)

    async def remove_repositories(self, repositories: Iterable[Repository]) -> None:
        """Take repositories away; return when the App has been told."""
        removed = [each for each in repositories if each in self.repositories]
        self.repositories = [each for each in self.repositories if each not in removed]
        await self._tell("removed", removed)

    async def suspend(self) -> None:
        """Stop the App in this account until `unsuspend`: its tokens and token requests are refused."""
        self.suspended_at = self.state.now()
        await self._change("suspend")

    async def unsuspend(self) -> None:
        """Let the App in again."""
        self.suspended_at = None
        await self._change("unsuspend")

    async def delete(self) -> None:
        """Remove the App from the account."""
        self._announce("deleted")
        del self.state.installations[self.id]
        await self.state.settle()

    async def _change(self, action: str) -> None:
        self._announce(action)
        await self.state.settle()

    def _announce(self, action: str) -> None:
        self.state.announce(InstallationChanged(installation=self.id, action=action, sender=self.state.person))

    async def _tell(self, action: str, repositories: Sequence[Repository]) -> None:
        names = [each.full_name for each in repositories]
        event = InstallationRepositoriesChanged(
            installation=self.id, action=action, repositories=names, sender=self.state.person
        )
        self.state.announce(event)
        await self.state.settle()


async def _settled() -> None:
    """Wait for nothing: there is no one to tell yet."""


@dataclass(slots=True, kw_only=True, eq=False)
class State:
    """The whole of this GitHub. `listener` hears of every event; `settle` returns when all of them are delivered."""

    root: Path
    app: App
    clock: Clock
    url: str = "http://127.0.0.1"
    person: Account = field(default_factory=lambda: Account(login="maintainer"))
    events: tuple[str, ...] = EVENTS
    repositories: dict[str, Repository] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, InstallationToken] = field(default_factory=dict)
    listener: Callable[[Event], None] = lambda _event: None
    settle: Callable[[], Awaitable[None]] = _settled
    lazy_mergeability: bool = False
    last_id: int = 1000

    def now(self) -> datetime:
        """Return the present moment of the injected clock."""
        return self.clock()

    def next_id(self) -> int:
        """Return a new number; the same series in every run."""
        self.last_id += 1
        return self.last_id

    def announce(self, event: Event) -> None:
        """Tell the App of *event*."""
        self.listener(event)

    def move_refs(self, repository: Repository, updates: Sequence[RefUpdate], sender: Account) -> None:
        """Move references, all or none. Raises RefRejectedError."""
        refs.update(repository, updates, sender)

    def create_repository(self, full_name: str, *, default_branch: str) -> Repository:
        """Make an empty repository; one that is already on disk under that name is replaced."""
        owner, _, name = full_name.partition("/")
        path = self.root / owner / f"{name}.git"
        if path.exists():
            shutil.rmtree(path)
        repository = Repository(
            world=self,
            id=self.next_id(),
            owner=Account(login=owner, kind=AccountKind.ORGANIZATION),
            name=name,
            git=Git.create(path, default_branch=default_branch),
            default_branch=default_branch,
            person=self.person,
            created_at=self.now(),
            pushed_at=self.now(),
        )
        self.repositories[full_name] = repository
        return repository

    def install(self, owner: str, repositories: Sequence[Repository], permissions: Mapping[str, str]) -> Installation:
        """Install the App in the account *owner*."""
        installation = Installation(
            state=self,
            id=self.next_id(),
            account=Account(login=owner, kind=AccountKind.ORGANIZATION),
            repositories=list(repositories),
            permissions={name: Level(level) for name, level in permissions.items()},
            created_at=self.now(),
        )
        self.installations[installation.id] = installation
        self.announce(InstallationChanged(installation=installation.id, action="created", sender=self.person))
        return installation

    def repository(self, full_name: str) -> Repository:
        """Return a repository; owner and name are compared as GitHub does, whatever their case. Raises ApiError 404."""
        wanted = full_name.lower()
        for each in self.repositories.values():
            if each.full_name.lower() == wanted:
                return each
        raise not_found()

    def repository_by_node(self, node_id: str) -> Repository:
        """Return the repository with a GraphQL id. Raises ApiError 404."""
        for each in self.repositories.values():
            if each.node_id == node_id:
                return each
        raise not_found()

    def installation(self, installation_id: int) -> Installation:
        """Return an installation. Raises ApiError 404."""
        if installation_id not in self.installations:
            raise not_found()
        return self.installations[installation_id]

    def installation_of(self, repository: Repository) -> Installation | None:
        """Return the installation that includes *repository*."""
        return next((each for each in self.installations.values() if each.has(repository)), None)
