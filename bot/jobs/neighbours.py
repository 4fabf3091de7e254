"""What other repositories of the same installation say in their `condabot.yml`: organisations, and shared presets.

Nobody is woken by a change in one of them: what was read is remembered for `FRESH`, by this process, so that a scan
mostly costs no request for it.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeAlias

from bot.clock import Clock
from bot.errors import GitHubError, GitHubUnavailable
from bot.github.access import Access
from bot.github.permissions import SOURCE
from bot.github.recent import Recent
from bot.github.shared import shared_configuration
from bot.github.throttle import Budget
from bot.model.repository_preset import RepositoryPreset, repository_preset

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=10)
REMEMBERED = 5000
ReadNeighbour: TypeAlias = Callable[[str], Awaitable[bytes | None]]
"""Returns what the preset `github>OWNER/REPO` or one like it is; None where there is none that may be read."""

FindRepository: TypeAlias = Callable[[int, str], Awaitable[int | None]]
"""Returns the id of the repository of an installation that is called so; None where there is none."""


class Neighbours(Protocol):
    """Reads other repositories of an installation."""

    def of(self, installation_id: int, budget: Budget) -> ReadNeighbour | None:
        """Return what reads them, within *budget*; None where nobody can."""
        ...


class NoNeighbours:
    """Reads nothing."""

    def of(self, installation_id: int, budget: Budget) -> ReadNeighbour | None:
        """Return nothing."""
        del installation_id, budget
        return None


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read, and when."""

    content: bytes | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledNeighbours:
    """Reads only what the same installation may see, with a token for that repository alone."""

    app: Access
    find: FindRepository
    clock: Clock
    _read: Recent[tuple[int, str], _Read] = field(default_factory=lambda: Recent(REMEMBERED))

    def of(self, installation_id: int, budget: Budget) -> ReadNeighbour:
        """Return what reads the repositories of an installation."""
        return partial(self._configuration, installation_id, budget)

    async def _configuration(self, installation_id: int, budget: Budget, name: str) -> bytes | None:
        preset = repository_preset(name)
        if preset is None:
            return None
        key, now = (installation_id, f"{preset.repository.lower()}:{preset.file}"), self.clock.now()
        known = self._read.get(key)
        if known is None or now - known.at > FRESH:
            known = _Read(await self._asked(installation_id, budget, preset), now)
            self._read[key] = known
        return known.content

    async def _asked(self, installation_id: int, budget: Budget, preset: RepositoryPreset) -> bytes | None:
        """Ask for it. What GitHub refuses is as good as not there: the repository that names it is not to suffer."""
        try:
            repository_id = await self.find(installation_id, preset.repository.lower())
            if repository_id is None:
                return None
            async with self.app.installation(installation_id, repository_id, SOURCE, budget=budget) as client:
                return await shared_configuration(client, preset.paths)
        except GitHubUnavailable:
            raise
        except GitHubError as error:
            log.warning("%s of %s could not be read: %s", preset.file, preset.repository, error)
            return None
