"""Whether a scan may write: asked right before it does, since much may have happened while it was solving."""

from dataclasses import dataclass
from typing import Protocol

from bot.store.repositories import InstalledRepository


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
class ShutGate:
    """Lets nothing pass, for one reason."""

    sentence: str

    async def why_not(self, repository: InstalledRepository) -> str:
        """Return it."""
        del repository
        return self.sentence
