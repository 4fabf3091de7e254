"""The parts of payloads that several events share.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from typing import Protocol

import msgspec

from bot.store.repositories import InstalledRepository


class InstallationId(msgspec.Struct, frozen=True):
    """The installation that an event comes through."""

    id: int


class RepositoryId(msgspec.Struct, frozen=True):
    """A repository."""

    id: int


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


def installed(installation: InstallationId, repository: _HasId) -> InstalledRepository:
    """Return the repository as reached through the installation."""
    return InstalledRepository(installation_id=installation.id, repository_id=repository.id)
