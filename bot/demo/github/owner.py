"""What the owner of repositories does to them: names, settings, forks, releases.

The settings that no webhook tells of are attributes of `Repository`, and are set there.
https://docs.github.com/en/webhooks/webhook-events-and-payloads#repository
"""

from bot.demo.github.errors import ApiError
from bot.demo.github.events import Forked, RepositoryChanged
from bot.demo.github.model import Account, AccountKind, JsonObject, Release
from bot.demo.github.repository import Repository
from bot.demo.github.representations import Representations
from bot.demo.github.state import State


class Owner:
    """The owner of everything here. Each deed returns when the App has been told."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def rename(self, repository: Repository, name: str) -> None:
        """Give a repository another name; the API leads from the old one to it."""
        before = repository.name
        self._state.move(repository, f"{repository.owner.login}/{name}")
        await self._tell(repository, "renamed", {"changes": {"repository": {"name": {"from": before}}}})

    async def transfer(self, repository: Repository, owner: str) -> None:
        """Give a repository to another account, of which only the App installed there is told."""
        before = repository.owner
        self._state.transfer(repository, owner)
        kind = "user" if before.kind is AccountKind.USER else "organization"
        facts = Representations(self._state).account(before)
        await self._tell(repository, "transferred", {"changes": {"owner": {"from": {kind: facts}}}})

    async def delete(self, repository: Repository) -> None:
        """Delete a repository."""
        self._state.delete(repository)
        await self._state.settle()

    async def archive(self, repository: Repository) -> None:
        """Make a repository read-only."""
        repository.archived = True
        await self._tell(repository, "archived")

    async def unarchive(self, repository: Repository) -> None:
        """Let a repository be changed again."""
        repository.archived = False
        await self._tell(repository, "unarchived")

    async def privatize(self, repository: Repository) -> None:
        """Hide a repository from strangers."""
        repository.private = True
        await self._tell(repository, "privatized")

    async def publicize(self, repository: Repository) -> None:
        """Show a repository to everybody."""
        repository.private = False
        await self._tell(repository, "publicized")

    async def change_default_branch(self, repository: Repository, branch: str) -> None:
        """Let another branch, which must exist, be the one that pull requests are for. Raises ApiError 422."""
        if repository.head(branch) is None:
            raise ApiError(422, f"The branch {branch} was not found.")
        before, repository.default_branch = repository.default_branch, branch
        repository.git.point_head(branch)
        await self._tell(repository, "edited", {"changes": {"default_branch": {"from": before}}})

    async def fork(self, repository: Repository, owner: str) -> Repository:
        """Fork a repository as the person *owner* does; the fork has all its branches."""
        self._state.people.add(owner)
        fork = self._state.create_repository(
            f"{owner}/{repository.name}", default_branch=repository.default_branch, private=repository.private
        )
        fork.fork, fork.parent = True, repository
        fork.git.fetch(repository.path, ["+refs/heads/*:refs/heads/*"])
        forked = Forked(repository=repository.full_name, sender=Account(login=owner), fork=fork.full_name)
        self._state.announce(forked)
        await self._state.settle()
        return fork

    async def release(self, repository: Repository, tag: str, body: str, *, prerelease: bool = False) -> Release:
        """Publish a release of the default branch with notes. Apps that ask for `release` events are not told here."""
        tip = repository.head(repository.default_branch)
        repository.git.point(f"refs/tags/{tag}", tip)
        release = Release(
            id=self._state.next_id(),
            tag=tag,
            name=tag,
            body=body,
            author=self._state.person,
            published_at=self._state.now(),
            prerelease=prerelease,
        )
        repository.releases.append(release)
        return release

    async def _tell(self, repository: Repository, action: str, details: JsonObject | None = None) -> None:
        event = RepositoryChanged(
            repository=repository.full_name, sender=self._state.person, action=action, details=details or {}
        )
        self._state.announce(event)
        await self._state.settle()
