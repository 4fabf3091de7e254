"""A channel less the records that came up after a moment, locked ones excepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import rattler

from bot.datasources.repodata import Repodata, first_seen
from bot.model.exclude_newer import ExcludeNewer, Exemption
from bot.model.manifest import PackageName
from bot.model.solve import SolveRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Which records are too young: those after `newest`, and those that a manifest keeps out by `cut_offs` (UTC).

    Of those that do not say when they are from, `newest` keeps none out if `undated` ones will do.
    """

    newest: datetime | None = None
    undated: bool = False
    cut_offs: ExcludeNewer = field(default_factory=ExcludeNewer)

    @classmethod
    def of(cls, request: SolveRequest) -> "Limits":
        """Return what *request* keeps out."""
        return cls(newest=_utc(request.exclude_newer), undated=request.undated, cut_offs=request.cut_offs)

    @property
    def single(self) -> datetime | None:
        """The one moment that counts for all records where there are no exceptions; None without any."""
        moments = [self.newest, self.cut_offs.every.moment if self.cut_offs.every else None]
        return min((each for each in moments if each), default=None)

    @property
    def need_an_overlay(self) -> bool:
        """Whether one moment for all records, which is what py-rattler knows, cannot say it."""
        return self.cut_offs.has_exceptions or (self.undated and self.cut_offs.every is not None)

    def keep_out(self, record: rattler.RepoDataRecord, channel: str) -> bool:
        """Tell whether *record*, of the canonical URL *channel*, is too young; one that does not say when is."""
        seen = first_seen(record)
        newest = None if seen is None and self.undated else self.newest
        moments = [newest, self._cut_off(record, channel)]
        return any(each is not None and (seen is None or seen > each) for each in moments)

    def _cut_off(self, record: rattler.RepoDataRecord, channel: str) -> datetime | None:
        if self.cut_offs.every is None and not self.cut_offs.has_exceptions:
            return None
        name = PackageName(record.name.normalized)
        found = self.cut_offs.of(name, channel)
        exempt = [each for each in self.cut_offs.exemptions if each.name == name and _covers(each, record, channel)]
        if found is None or any(each.until is None for each in exempt):
            return None
        return max([found.moment, *(each.until for each in exempt if each.until)])


def _utc(moment: datetime | None) -> datetime | None:
    """Return *moment* in UTC: py-rattler reads the clock face of any other zone as if it were UTC's."""
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def _covers(exemption: Exemption, record: rattler.RepoDataRecord, channel: str) -> bool:
    return exemption.channel in ("", channel) and bool(rattler.MatchSpec(exemption.match_spec).matches(record))


Known: TypeAlias = dict[tuple[str, str], list[tuple[rattler.RepoDataRecord, bool]]]
"""By subdir and name the records of a package, and whether each is old enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A source for py-rattler's solver (its protocol `RepoDataSource`).

    `names` are the channel's, by subdir; names in `claimed` belong to a channel before this one and are not offered.
    Records of `held` URLs are always seen, others unless `limits` keep them out. `known` is what was found out about
    records so far, for all overlays of this channel with these limits.
    """

    repodata: Repodata
    channel: str
    names: Mapping[str, frozenset[str]]
    claimed: frozenset[str]
    held: frozenset[str]
    limits: Limits
    known: Known = field(default_factory=dict)

    async def fetch_package_records(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[rattler.RepoDataRecord]:
        """Return the records of *name* on *platform* that may be seen.

        The Gateway's own error is let through: py-rattler hands on its text, from which the solver reads the channel.
        """
        place = (str(platform), name.normalized)
        if name.normalized in self.claimed or name.normalized not in self.names[place[0]]:
            return []
        if place not in self.known:
            self.known[place] = await self._listed(platform, name)
        return [record for record, is_old_enough in self.known[place] if is_old_enough or record.url in self.held]

    async def _listed(
        self, platform: rattler.Subdir, name: rattler.PackageName
    ) -> list[tuple[rattler.RepoDataRecord, bool]]:
        records = await self.repodata.gateway_of(self.channel).query(
            [rattler.Channel(self.channel)],
            [platform],
            [name.normalized],
            recursive=False,
            channel_relations="disabled",
        )
        return [(each, not self.limits.keep_out(each, self.channel)) for batch in records for each in batch]

    def package_names(self, platform: rattler.Subdir) -> list[str]:
        """Return the names that this channel offers on *platform*."""
        return sorted(self.names[str(platform)] - self.claimed)
