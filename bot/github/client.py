"""One conversation with GitHub, with one token, about one repository."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.github.calls import Caller, Variable
from bot.github.model import RepositoryReference
from bot.github.permissions import Permissions, allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(Caller):
    """What a job talks to GitHub with. *owner* and *repo* in templates are the repository's own.

    `permissions` are those that the token has; `app_id` is the App's number, None where it is known by another id.
    """

    repository: RepositoryReference
    permissions: Permissions
    app_id: int | None = None

    def may(self, permission: str, level: str) -> bool:
        """Say whether the token allows *level* (read or write) of *permission*."""
        return allows(self.permissions, permission, level)

    async def revoke(self) -> None:
        """Make the token worthless: https://docs.github.com/en/rest/apps/installations#revoke-an-installation-access-token."""
        await self.delete("/installation/token")

    def filled(self, variables: Mapping[str, Variable]) -> dict[str, str]:
        """Return *variables* with those of the repository, as they may stand in a URL."""
        # slots=True makes a new class, which the super() without arguments does not find
        return Caller.filled(self, {"owner": self.repository.owner, "repo": self.repository.name, **variables})
