"""Where packages come from, by what their archives say of themselves."""

import asyncio
from collections.abc import Sequence

from bot.datasources.archives import ArchiveReader
from bot.model.provenance import Provenance
from bot.provenance import read_provenance


class ProvenanceDatasource:
    """Reads what archives in channels say of where they come from. Never raises for what they hold."""

    def __init__(self, archives: ArchiveReader) -> None:
        self._archives = archives

    async def provenances(self, archives: Sequence[str]) -> Sequence[Provenance | None]:
        """Return what each of *archives*, URLs in channels, says of itself; None of one that cannot be read."""
        found = await asyncio.gather(*map(self._archives.read, archives))
        return await asyncio.to_thread(lambda: [None if each is None else read_provenance(each) for each in found])
