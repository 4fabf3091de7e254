"""How a job reaches the repository that it is for: by the App's tokens (`auth`), or by one that was given (`token`)."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.github.client import Client
from bot.github.permissions import Permissions
from bot.github.throttle import Budget, Priority


class Access(Protocol):
    """Gives clients for one repository, within a budget."""

    def reserved(self, installation_id: int, priority: Priority, *, writes: int) -> AbstractAsyncContextManager[Budget]:
        """Keep *writes* before the work that leads to them is done; give back what was not used.

        Raises:
            GitHubUnavailable: there are not so many left.

        """
        ...

    def installation(
        self,
        installation_id: int,
        repository_id: int,
        permissions: Permissions,
        *,
        granted: Permissions | None = None,
        budget: Budget | None = None,
    ) -> AbstractAsyncContextManager[Client]:
        """Give a client that has *permissions* as far as they were *granted*; `Client.may` tells.

        Raises:
            GitHubError: GitHub refused.
            GitHubUnavailable: GitHub did not answer.

        """
        ...
