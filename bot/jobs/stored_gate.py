"""The gate of the App: what the operator, accounts and repositories have against writes stands in the database."""

from dataclasses import dataclass

from bot.store.database import Pool
from bot.store.halts import why_no_writes
from bot.store.repositories import InstalledRepository

SWITCHED_OFF = "CONDABOT_WRITES is off"


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
