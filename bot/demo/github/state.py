"""Everything that exists on this GitHub: accounts, repositories, installations, tokens, numbers and the time."""

import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.demo.github import refs
from bot.demo.github.app_manifests import AppManifests
from bot.demo.github.errors import not_found
from bot.demo.github.events import Event, InstallationChanged, InstallationRepositoriesChanged, RepositoryChanged
from bot.demo.github.git import Git
from bot.demo.github.model import Account, AccountKind, App, Clock, GivenToken, InstallationToken, Level
from bot.demo.github.repository import RefUpdate, Repository
from bot.demo.github.sign_in import SignIns

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
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
}


@dataclass(slots=True, kw_only=True, eq=False)
class Installation:
    """The App in one account, with the repositories and permissions granted to it.

    `selected` None stands for all repositories of the account, those to come too.
    """

    state: "State"
    id: int
    account: Account
    selected: list[Repository] | None
    permissions: dict[str, Level]
    created_at: datetime
    suspended_at: datetime | None = None

    @property
    def selection(self) -> str:
        """Return GitHub's word for how the repositories were chosen."""
        return "all" if self.selected is None else "selected"

    @property
    def repositories(self) -> list[Repository]:
        """Return the repositories that the App may reach."""
        if self.selected is not None:
            return list(self.selected)
        return [each for each in self.state.repositories.values() if self.has(each)]

    def has(self, repository: Repository) -> bool:
        """Say whether the installation includes *repository*."""
        if self.selected is not None:
            return repository in self.selected
        return repository.owner.login == self.account.login

    async def add_repositories(self, repositories: Iterable[Repository]) -> None:
        """Grant repositories, as the account's owner does; return when the App has been told."""
        await self._select([*self.repositories, *repositories])

    async def remove_repositories(self, repositories: Iterable[Repository]) -> None:
        """Take repositories away; return when the App has been told."""
        gone = list(repositories)
        await self._select([each for each in self.repositories if each not in gone])

    async def select_all(self) -> None:
        """Grant all repositories of the account, those to come too; the App is told of those it did not have."""
        before, self.selected = self.repositories, None
        self.tell("added", [each for each in self.repositories if each not in before])
        await self.state.settle()

    async def _select(self, wanted: Sequence[Repository]) -> None:
        before, self.selected = self.repositories, list(dict.fromkeys(wanted))
        for action, changed in (
            ("added", [each for each in self.selected if each not in before]),
            ("removed", [each for each in before if each not in self.selected]),
        ):
            if changed:
                self.tell(action, changed)
        await self.state.settle()

    async def suspend(self) -> None:
        """Stop the App in this account until `unsuspend`: its tokens and token requests are refused."""
        self.suspended_at = self.state.now()
        await self._change("suspend")

    async def unsuspend(self) -> None:
        """Let the App in again."""
        self.suspended_at = None
        await self._change("unsuspend")

    async def accept_permissions(self, permissions: Mapping[str, str]) -> None:
        """Grant other permissions, as the owner does when the App has asked for them: until then the old ones apply.

        https://docs.github.com/en/apps/using-github-apps/approving-updated-permissions-for-a-github-app
        """
        self.permissions = {name: Level(level) for name, level in permissions.items()}
        await self._change("new_permissions_accepted")

    async def delete(self) -> None:
        """Remove the App from the account."""
        self.remove()
        await self.state.settle()

    def remove(self) -> None:
        """Remove the App from the account, and tell it."""
        self._announce("deleted")
        del self.state.installations[self.id]

    async def _change(self, action: str) -> None:
        self._announce(action)
        await self.state.settle()

    def _announce(self, action: str) -> None:
        self.state.announce(InstallationChanged(installation=self.id, action=action, sender=self.state.person))

    def tell(self, action: str, repositories: Sequence[Repository]) -> None:
        """Tell the App which repositories it gained or lost."""
        names = [each.full_name for each in repositories]
        event = InstallationRepositoriesChanged(
            installation=self.id, action=action, repositories=names, sender=self.state.person
        )
        self.state.announce(event)


async def _settled() -> None:
    """Wait for nothing: there is no one to tell yet."""


@dataclass(slots=True, kw_only=True, eq=False)
class State:
    """The whole of this GitHub.

    `listener` hears of every event; `settle` returns when all of them are delivered. `clock_offset` is how far this
    GitHub's clock is ahead of the injected one. `people` are the logins under which persons own repositories. `moved`
    has the ids of repositories by the names they had before.
    `signed_in` is who sits in front of the browser. `long_tokens` says whether tokens are of the format that GitHub
    changes to, or of the short one it comes from.
    """

    root: Path
    app: App
    clock: Clock
    url: str = "http://127.0.0.1"
    person: Account = field(default_factory=lambda: Account(login="maintainer"))
    signed_in: Account | None = None
    sign_ins: SignIns = field(default_factory=SignIns)
    manifests: AppManifests = field(default_factory=AppManifests)
    people: set[str] = field(default_factory=set)
    events: tuple[str, ...] = EVENTS
    repositories: dict[str, Repository] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, InstallationToken] = field(default_factory=dict)
    given: dict[str, GivenToken] = field(default_factory=dict)
    listener: Callable[[Event], None] = lambda _event: None
    settle: Callable[[], Awaitable[None]] = _settled
    moved: dict[str, int] = field(default_factory=dict)
    clock_offset: timedelta = timedelta()
    long_tokens: bool = True
    lazy_mergeability: bool = False
    last_id: int = 1000

    def now(self) -> datetime:
        """Return the present moment as this GitHub sees it."""
        return self.clock() + self.clock_offset

    def next_id(self) -> int:
        """Return a new number; the same series in every run."""
        self.last_id += 1
        return self.last_id

    def account(self, login: str) -> Account:
        """Return who owns repositories under *login*: an organization, unless it is known as a person."""
        kind = AccountKind.USER if login in self.people else AccountKind.ORGANIZATION
        return Account(login=login, kind=kind)

    def announce(self, event: Event) -> None:
        """Tell the App of *event*."""
        self.listener(event)

    def move_refs(self, repository: Repository, updates: Sequence[RefUpdate], sender: Account) -> None:
        """Move references, all or none. Raises RefRejectedError."""
        refs.update(repository, updates, sender)

    def create_repository(self, full_name: str, *, default_branch: str, private: bool) -> Repository:
        """Make an empty repository; one that is already on disk under that name is replaced."""
        owner, _, name = full_name.partition("/")
        path = self._free_path(full_name)
        repository = Repository(
            world=self,
            id=self.next_id(),
            owner=self.account(owner),
            name=name,
            git=Git.create(path, default_branch=default_branch),
            default_branch=default_branch,
            person=self.person,
            created_at=self.now(),
            pushed_at=self.now(),
            private=private,
        )
        self.repositories[full_name] = repository
        self._tell_of_arrival(repository)
        self.announce(RepositoryChanged(repository=full_name, sender=self.person, action="created"))
        return repository

    def _free_path(self, full_name: str) -> Path:
        path = self.root / f"{full_name}.git"
        if path.exists():
            shutil.rmtree(path)
        return path

    def _tell_of_arrival(self, repository: Repository) -> None:
        """Tell an App that is installed on all repositories of the account that it has one more."""
        installation = self.installation_of(repository)
        if installation and installation.selected is None:
            installation.tell("added", [repository])

    def move(self, repository: Repository, full_name: str) -> None:
        """Give a repository another name or owner; the old name leads to it until another repository takes it.

        https://docs.github.com/en/repositories/creating-and-managing-repositories/renaming-a-repository
        """
        before = repository.full_name
        path = self._free_path(full_name)
        path.parent.mkdir(parents=True, exist_ok=True)
        repository.path.rename(path)
        repository.git = Git(path)
        owner, _, repository.name = full_name.partition("/")
        if owner != repository.owner.login:
            repository.owner = self.account(owner)
        self.moved[before.lower()] = repository.id
        self.repositories = {each.full_name: each for each in self.repositories.values()}

    def transfer(self, repository: Repository, owner: str) -> None:
        """Give a repository to another account: the App loses it here, and has it there if it is installed on all.

        https://docs.github.com/en/repositories/creating-and-managing-repositories/transferring-a-repository
        """
        before = self.installation_of(repository)
        self.move(repository, f"{owner}/{repository.name}")
        self.leave(before, repository)
        self._tell_of_arrival(repository)

    def leave(self, installation: Installation | None, repository: Repository) -> None:
        """Let *installation* lose a repository that is not its account's any more."""
        if installation is None:
            return
        if installation.selected is not None:
            installation.selected = [each for each in installation.selected if each is not repository]
        installation.tell("removed", [repository])

    def delete(self, repository: Repository) -> None:
        """Delete a repository with everything in it."""
        self.announce(RepositoryChanged(repository=repository.full_name, sender=self.person, action="deleted"))
        for installation in self.installations.values():
            if installation.selected is not None:
                installation.selected = [each for each in installation.selected if each is not repository]
        del self.repositories[repository.full_name]
        shutil.rmtree(repository.path)

    def install(
        self, owner: str, repositories: Sequence[Repository] | None, permissions: Mapping[str, str]
    ) -> Installation:
        """Install the App in the account *owner*, on *repositories* or on all."""
        installation = Installation(
            state=self,
            id=self.next_id(),
            account=self.account(owner),
            selected=None if repositories is None else list(repositories),
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

    def repository_of_old_name(self, full_name: str) -> Repository | None:
        """Return the repository that had *full_name* before it got another one, unless one has that name now."""
        taken = any(each.full_name.lower() == full_name.lower() for each in self.repositories.values())
        former = None if taken else self.moved.get(full_name.lower())
        return next((each for each in self.repositories.values() if each.id == former), None)

    def repository_by_id(self, repository_id: int) -> Repository:
        """Return the repository with a number. Raises ApiError 404."""
        for each in self.repositories.values():
            if each.id == repository_id:
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
