"""Locks held against advisories: what their packages are upstream is looked up, and pure code judges."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from bot.model.advisory import Advisory, FoundAdvisories, LockAdvisories
from bot.model.environment import Workspace
from bot.model.manifest import PackageName
from bot.model.package import Lock, PypiPackage, Record
from bot.model.pypi_names import FoundPurls
from bot.planning.advisories import NOBODY_KNOWS, NOT_ON_PYPI, Identity, by_sources, identities, judge_lock, packages_of
from bot.planning.statements import SILENCE, Statements
from bot.updating.origins import NoProvenance
from bot.updating.ports import ProvenanceIndex, PurlIndex

MOST_ARCHIVES: Final = 200
"""Archives that are looked into for one state of a repository; what they say is kept, so that the next is free."""

UNNAMED: Final = frozenset({NOT_ON_PYPI, NOBODY_KNOWS})
"""Why a package has no name on PyPI: its sources may tell what it is."""


class AdvisoryIndex(Protocol):
    """Knows advisories."""

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        """Return what is known of the projects *names*, of PyPI or repositories (`bot.versioning.upstream`).

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
        self._knows_repositories: bool | None = None
        self._asking = asyncio.Lock()

    async def about(self, names: Iterable[PackageName]) -> FoundAdvisories:
        """Return what is known of the PyPI projects *names*; raises as the index does."""
        wanted = frozenset(names)
        async with self._asking:
            missing = wanted - self._known.keys()
            if missing or self._knows_repositories is None:
                found = await self._index.about(missing)
                self._known |= {name: found.by_name.get(name, ()) for name in missing}
                self._knows_repositories = found.knows_repositories
        by_name = {name: self._known[name] for name in sorted(wanted) if self._known[name]}
        return FoundAdvisories(by_name=by_name, knows_repositories=self._knows_repositories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """What packages are upstream, by their URLs; why nobody knows of the others; and what advisories `found` say."""

    known: Mapping[str, Sequence[Identity]]
    unknown: Mapping[str, str]
    found: FoundAdvisories


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryAuditor:
    """What is needed to hold locks against advisories.

    Archives of packages that are not on PyPI are looked into only where advisories are about repositories.
    """

    index: AdvisoryIndex
    purls: PurlIndex
    provenances: ProvenanceIndex = field(default_factory=NoProvenance)

    async def judge(self, lock: Lock, said: Statements = SILENCE) -> LockAdvisories:
        """Return what advisories say of the packages of *lock*, and what is *said* of that.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        records, packages = packages_of(lock)
        each = await self.identified(records, packages)
        return judge_lock(lock, each.known, each.unknown, each.found, said)

    async def known(self, workspaces: Sequence[Workspace]) -> FoundAdvisories:
        """Return what is known of everything that is locked or asked for in *workspaces*, as far as names tell.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        held = [packages_of(each.lock) for each in workspaces if each.lock]
        records = [each for mine, _ in held for each in mine]
        packages = [each for _, mine in held for each in mine]
        lines = (line for each in workspaces for environment in each.environments for line in environment.requirements)
        asked = {line.dependency.name for line in lines}
        return (await self.identified(records, packages, asked)).found

    async def identified(
        self, records: Sequence[Record], packages: Sequence[PypiPackage], names: Iterable[PackageName] = ()
    ) -> Identified:
        """Return what *records* and PyPI *packages* are upstream, and what is known of all of that, and of *names*.

        Raises:
            BadInput: what was named as the source of advisories is none.
            ChannelError: it did not answer.

        """
        known, unknown = identities(records, packages, await self.named(records))
        found = await self.index.about({*names, *(each.project for mine in known.values() for each in mine)})
        if not found.knows_repositories:
            return Identified(known=known, unknown=unknown, found=found)
        sources = await self._by_sources([each for each in records if unknown.get(each.url) in UNNAMED])
        repositories = {url: (each,) for url, each in sources.items() if isinstance(each, Identity)}
        more = await self.index.about({each.project for (each,) in repositories.values()})
        return Identified(
            known={**known, **repositories},
            unknown={url: str(sources.get(url, why)) for url, why in unknown.items() if url not in repositories},
            found=replace(found, by_name={**found.by_name, **more.by_name}),
        )

    async def _by_sources(self, records: Sequence[Record]) -> Mapping[str, Identity | str]:
        """Return what *records* are by their sources; of each name and version one archive is looked into."""
        archives = {(each.name, each.version): each.url for each in records if not each.is_source}
        urls = [archives[each] for each in sorted(archives)][:MOST_ARCHIVES]
        return by_sources(records, dict(zip(urls, await self.provenances.provenances(urls), strict=True)))

    async def named(self, records: Iterable[Record]) -> FoundPurls:
        """Return what those of *records* are called on PyPI that do not say so, by their names.

        By the hash of each package the mapping would say the same, and be asked hundreds of times.
        """
        unnamed = {
            each.url: replace(each, sha256=None) for each in records if each.purls is None and not each.is_source
        }
        return await self.purls.purls(unnamed.values(), {})
