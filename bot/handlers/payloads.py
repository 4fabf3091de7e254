"""The parts of payloads that several events share.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Protocol

import msgspec

from bot.errors import BadInput
from bot.store.installations import InstallationFacts
from bot.store.repositories import InstalledRepository, RepositoryFacts

Id = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
"""GitHub's ids, as PostgreSQL can hold them; what is beyond is no payload of GitHub's."""


class InstallationId(msgspec.Struct, frozen=True):
    """The installation that an event comes through."""

    id: Id


class RepositoryId(msgspec.Struct, frozen=True):
    """A repository."""

    id: Id


class App(msgspec.Struct, frozen=True):
    """An App, as the one whose check something is."""

    slug: str = ""


class Account(msgspec.Struct, frozen=True):
    """A user, an organisation, or a bot."""

    login: str = ""
    type: str = ""
    id: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0

    @property
    def is_person(self) -> bool:
        """Say whether it is a user, and nobody's bot."""
        return self.type == "User" and self.id > 0


class InstallationDetails(msgspec.Struct, frozen=True):
    """An installation with what its owner granted."""

    id: Id
    account: Account | None = None
    html_url: str = ""
    repository_selection: str = ""
    permissions: dict[str, str] = msgspec.field(default_factory=dict)
    suspended_at: str | None = None

    @property
    def facts(self) -> InstallationFacts:
        """Return it as it is remembered."""
        return InstallationFacts(
            id=self.id,
            account=self.account.login if self.account else "",
            page=self.html_url,
            everything=self.repository_selection == "all",
            suspended=self.suspended_at is not None,
            permissions=MappingProxyType(self.permissions),
        )


class RepositoryDetails(msgspec.Struct, frozen=True):
    """A repository with its name; short forms of it leave out the flags."""

    id: Id
    node_id: str = ""
    full_name: str = ""
    archived: bool = False
    fork: bool = False
    is_template: bool = False

    @property
    def facts(self) -> RepositoryFacts:
        """Return it as it is remembered."""
        return RepositoryFacts(
            id=self.id,
            node_id=self.node_id,
            full_name=self.full_name,
            archived=self.archived,
            fork=self.fork or self.is_template,
        )


class _HasId(Protocol):
    @property
    def id(self) -> int: ...


def installed(installation: _HasId, repository: _HasId) -> InstalledRepository:
    """Return the repository as reached through the installation."""
    return InstalledRepository(installation_id=installation.id, repository_id=repository.id)


class _Ids(msgspec.Struct, frozen=True):
    installation: InstallationId | None = None
    repository: RepositoryId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryIds:
    """Whom a delivery is about, as far as it says so."""

    installation_id: int | None
    repository_id: int | None


def ids_of(body: bytes) -> DeliveryIds:
    """Return whom the payload with the JSON text *body* is about.

    Raises:
        BadInput: it is no JSON object with GitHub's ids in it.

    """
    try:
        ids = msgspec.json.decode(body, type=_Ids)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(f"not a payload: {error}") from error
    return DeliveryIds(
        installation_id=ids.installation.id if ids.installation else None,
        repository_id=ids.repository.id if ids.repository else None,
    )
