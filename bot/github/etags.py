"""Answers remembered with their ETag, so that asking again for what has not changed is free of GitHub's limit.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
What one token may see another may not: each installation, repository and set of permissions has its own memory.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator, MutableMapping
from typing import Any, Generic, TypeAlias, TypeVar

from bot.github.permissions import Permissions

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Answer: TypeAlias = tuple[str | None, str | None, Any, str | None]
"""ETag, date of last change, decoded body, URL of the next page: what gidgethub remembers."""

SCOPES = 256
ANSWERS = 64


class Recent(MutableMapping[K, V], Generic[K, V]):
    """A mapping that keeps the entries used last, at most *size* of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __getitem__(self, key: K) -> V:
        self._entries.move_to_end(key)
        return self._entries[key]

    def __setitem__(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def __delitem__(self, key: K) -> None:
        del self._entries[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


class EtagCaches:
    """The memories of all scopes used lately."""

    def __init__(self) -> None:
        self._scopes: Recent[Hashable, Recent[str, Answer]] = Recent(SCOPES)

    def scope(self, installation_id: int, repository_id: int, permissions: Permissions) -> Recent[str, Answer]:
        """Return the memory that belongs to tokens of this kind."""
        key = (installation_id, repository_id, frozenset(permissions.items()))
        return self._scopes.setdefault(key, Recent(ANSWERS))
