"""What an event asks for: ids and no decision, since the job reads the world itself."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.store.repositories import InstalledRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """Look at `repository`."""

    repository: InstalledRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRepository:
    """The App may not look at `repository` any more."""

    repository: InstalledRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetInstallation:
    """The App was removed from a whole account, or is suspended there."""

    installation_id: int


Request: TypeAlias = ScanRequest | ForgetRepository | ForgetInstallation
