"""Whether a scan may write: asked right before it does, since much may have happened while it was solving."""

from dataclasses import dataclass
from typing import Protocol

from bot.store.database import Pool
from bot.store.halts import why_no_writes
from bot.store.repositories import InstalledRepository

SWITCHED_OFF = "CONDABOT_WRITES is off"


class Gate(Protocol):
    """Says whether writes may pass."""

    async def why_not(self, repository: InstalledRepository) -> str:
        """Return in a sentence why nothing may be written to *repository*, empty if it may."""
        ...


class OpenGate:
    """Lets everything pass."""

    async def why_not(self, repository: InstalledRepository) -> str:
        """Return nothing."""
        del repository
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreGate:
    """Asks the database, with one query; where this process has no `writes`, nothing passes."""

    pool: Pool
    writes: bool = True

    async def why_not(self, repository: InstalledRepository) -> str:
        """Return what the operator, the account, the repository or the breaker has against it."""
        if not self.writes:
            return SWITCHED_OFF
        async with self.pool.connection() as connection:
            return await why_no_writes(connection, repository)
