"""Who may do what in a repository, as GitHub says now.

https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
"""

from http import HTTPStatus
from typing import Final

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client

WRITERS: Final = frozenset({"admin", "write"})
"""GitHub says `write` of who maintains, and `read` of who triages."""


class _User(msgspec.Struct):
    id: int


class _Permission(msgspec.Struct):
    permission: str
    user: _User | None = None


async def may_write(client: Client, login: str, user_id: int) -> bool:
    """Tell whether the account *login* may write to the repository; not if another one has that name by now."""
    try:
        found = await client.get(
            "/repos/{owner}/{repo}/collaborators/{username}/permission",
            _Permission,
            username=login,
        )
    except GitHubError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return False
    return found.permission in WRITERS and found.user is not None and found.user.id == user_id
