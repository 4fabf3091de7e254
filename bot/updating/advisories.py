"""Locks held against advisories: what their packages are upstream is looked up, and pure code judges."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.model.advisory import Advisory, FoundAdvisories, LockAdvisories
from bot.model.environment import Workspace
from bot.model.manifest import PackageName
from bot.model.package import Lock, Record
from bot.model.pypi_names import FoundPurls
from bot.planning.advisories import identities, judge_lock, packages_of
from bot.planning.statements import SILENCE, Statements
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


class AskedOnce:
    """An index that is asked for each name once: for one look at a repository, in which nothing changes."""

    def __init__(self, index: AdvisoryIndex) -> None:
        self._index = index
        self._known: dict[PackageName, tuple[Advisory, ...]] = {}
        self._asking = asyncio.Lock()

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        """Return what is known of the PyPI projects *names*; raises as the index does."""
        wanted = frozenset(names)
        async with self._asking:
            if missing := wanted - self._known.keys():
                found = await self._index.about(missing)
                self._known |= {name: found.by_name.get(name, ()) for name in missing}
        return FoundAdvisories(by_name={name: self._known[name] for name in sorted(wanted) if self._known[name]})


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryAuditor:
    """What is needed to hold locks against advisories."""

    index: AdvisoryIndex
    purls: PurlIndex

    async def judge(self, lock: Lock, said: Statements = SILENCE) -> LockAdvisories:
        """Return what advisories say of the packages of *lock*, and what is *said* of that.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        records, packages = packages_of(lock)
        known, unknown = identities(records, packages, await self.named(records))
        found = await self.index.about({each.project for mine in known.values() for each in mine})
        return judge_lock(lock, known, unknown, found, said)

    async def known(self, workspaces: Sequence[Workspace]) -> FoundAdvisories:
        """Return what is known of everything that is locked or asked for in *workspaces*, as far as names tell.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        records = [each for found in workspaces if found.lock for each in packages_of(found.lock)[0]]
        named, _ = identities(records, (), await self.named(records))
        lines = (line for each in workspaces for environment in each.environments for line in environment.requirements)
        asked = {line.dependency.name for line in lines}
        return await self.index.about(asked | {each.project for mine in named.values() for each in mine})

    async def named(self, records: Iterable[Record]) -> FoundPurls:
        """Return what those of *records* are called on PyPI that do not say so, by their names.

        By the hash of each package the mapping would say the same, and be asked hundreds of times.
        """
        unnamed = {
            each.url: replace(each, sha256=None) for each in records if each.purls is None and not each.is_source
        }
        return await self.purls.purls(unnamed.values(), {})
