"""Answers remembered with their ETag, so that asking again for what has not changed is free of GitHub's limit.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
What one token may see another may not: each installation, repository and set of permissions has its own memory.
"""

from collections.abc import Hashable
from typing import Any, TypeAlias

from bot.github.permissions import Permissions
from bot.github.recent import Recent

Answer: TypeAlias = tuple[str | None, str | None, Any, str | None]
"""ETag, date of last change, decoded body, URL of the next page: what gidgethub remembers."""

SCOPES = 256
ANSWERS = 64


class EtagCaches:
    """The memories of all scopes used lately."""

    def __init__(self) -> None:
        self._scopes: Recent[Hashable, Recent[str, Answer]] = Recent(SCOPES)

    def scope(self, installation_id: int, repository_id: int, permissions: Permissions) -> Recent[str, Answer]:
        """Return the memory that belongs to tokens of this kind."""
        key = (installation_id, repository_id, frozenset(permissions.items()))
        return self._scopes.setdefault(key, Recent(ANSWERS))
