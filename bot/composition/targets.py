"""The operator's targets, called by this process alone: their credentials are in no child."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from bot.handover import Targets, targets_of
from bot.settings import Settings

TIMEOUT: Final = 60.0


@asynccontextmanager
async def open_targets(settings: Settings) -> AsyncIterator[Targets]:
    """Yield the targets of *settings*; they are called by the way that the environment says."""
    async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as http:
        yield targets_of(settings.targets, http)
