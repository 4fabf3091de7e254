"""Locks held against advisories: what their packages are upstream is looked up, and pure code judges."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.model.advisory import FoundAdvisories, LockAdvisories
from bot.model.manifest import PackageName
from bot.model.package import Lock
from bot.planning.advisories import identities, judge_lock
from bot.updating.ports import PurlIndex


class AdvisoryIndex(Protocol):
    """Knows advisories."""

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        """Return what is known of the PyPI projects *names*.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryAuditor:
    """What is needed to hold locks against advisories."""

    index: AdvisoryIndex
    purls: PurlIndex

    async def judge(self, lock: Lock) -> LockAdvisories:
        """Return what advisories say of the packages of *lock*.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        records = (each for environment in lock.environments for found in environment.conda.values() for each in found)
        unnamed = {each.url: each for each in records if each.purls is None and not each.is_source}
        known, unknown = identities(lock, await self.purls.purls(unnamed.values(), {}))
        found = await self.index.about({each.project for mine in known.values() for each in mine})
        return judge_lock(lock, known, unknown, found)
