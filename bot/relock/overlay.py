"""A channel less the records that came up after a moment, locked ones excepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import rattler

from bot.datasources.repodata import Repodata, first_seen


def is_younger(record: rattler.RepoDataRecord, cutoff: datetime | None) -> bool:
    """Tell whether *record* came up after *cutoff*; one that does not say when counts as young."""
    if cutoff is None:
        return False
    moment = first_seen(record)
    return moment is None or moment > cutoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A source for py-rattler's solver (its protocol `RepoDataSource`).

    `names` are the channel's, by subdir; names in `claimed` belong to a channel before this one and are not offered.
    Records of `held` URLs are always seen, others unless they are younger than `cutoff`.
    """

    repodata: Repodata
    channel: str
    names: Mapping[str, frozenset[str]]
    claimed: frozenset[str]
    held: frozenset[str]
    cutoff: datetime | None

    async def fetch_package_records(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        """Return the records of *name* on *platform* that may be seen.

        The Gateway's own error is let through: py-rattler hands on its text, from which the solver reads the channel.
        """
        if name.normalized in self.claimed:
            return []
        records = await self.repodata.gateway.query(
            [rattler.Channel(self.channel)],
            [platform],
            [name.normalized],
            recursive=False,
            channel_relations="disabled",
        )
        visible = (each for batch in records for each in batch)
        return [each for each in visible if each.url in self.held or not is_younger(each, self.cutoff)]

    def package_names(self, platform: rattler.Subdir) -> list[str]:
        """Return the names that this channel offers on *platform*."""
        return sorted(self.names[str(platform)] - self.claimed)
