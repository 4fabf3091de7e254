"""What an event asks for: ids and facts to be checked later, no decision, since the job reads the world itself."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.metrics import PullState
from bot.store.commands import PullCommand
from bot.store.installations import InstallationFacts
from bot.store.looks import Look
from bot.store.repositories import InstalledRepository, RepositoryFacts
from bot.store.wants import Want


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """Look at `repository`, since it is wanted for `why`."""

    repository: InstalledRepository
    why: Want


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRequest:
    """Look at `repository` if its own configuration names one of `paths`, which matter to no other repository."""

    repository: InstalledRepository
    paths: tuple[str, ...]
    why: Want


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRequest:
    """Say beside a change of people what it does to the environments of its repository."""

    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """Carry out what somebody asked for in a pull request."""

    command: PullCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowInstallation:
    """The App is installed as `facts` say; with `why`, all repositories that are known of it are wanted."""

    facts: InstallationFacts
    why: Want | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowRepositories:
    """An installation has these repositories, besides others; with `why` they are wanted."""

    installation_id: int
    repositories: tuple[RepositoryFacts, ...]
    why: Want | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendInstallation:
    """The App may do nothing there for a while. Nothing is forgotten."""

    installation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInstallation:
    """GitHub is to be asked what an installation has."""

    installation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRepository:
    """The App may not look at `repository` any more."""

    repository: InstalledRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetInstallation:
    """The App was removed from a whole account."""

    installation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPull:
    """A pull request of the bot was opened, merged, or closed by a person."""

    repository: InstalledRepository
    number: int
    state: PullState


Change: TypeAlias = (
    KnowInstallation
    | KnowRepositories
    | SuspendInstallation
    | ListInstallation
    | ForgetRepository
    | ForgetInstallation
    | CountPull
)
"""Something became of an installation or its repositories."""

Request: TypeAlias = ScanRequest | PushRequest | LookRequest | CommandRequest | Change
