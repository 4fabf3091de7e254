"""A question to the solver and its answer. Both cross a process border, so they hold plain data only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.model.exclude_newer import ExcludeNewer
from bot.model.manifest import ChannelPriority, SolveStrategy, Subdir, VirtualPackage
from bot.model.package import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveRequest:
    """Solve `specs` on one platform, preferring `locked` records.

    `channels` are canonical URLs in order of priority. `constraints` limit a package only if something needs it.
    Records built after `exclude_newer` are not seen, nor those that `cut_offs` keep out, except those in `locked`.
    """

    channels: tuple[str, ...]
    subdir: Subdir
    specs: tuple[str, ...]
    virtual_packages: tuple[VirtualPackage, ...]
    locked: tuple[Record, ...] = ()
    constraints: tuple[str, ...] = ()
    channel_priority: ChannelPriority = ChannelPriority.STRICT
    strategy: SolveStrategy = SolveStrategy.HIGHEST
    exclude_newer: datetime | None = None
    cut_offs: ExcludeNewer = field(default_factory=ExcludeNewer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The records that fulfil a request, sorted by name."""

    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsolvable:
    """No set of records fulfils the request; `text` is the solver's own, for below the fold."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSolved:
    """The solver gave no verdict: a channel did not answer, or time or memory ran out. `reason` is a sentence."""

    reason: str


SolveResult: TypeAlias = Solution | Unsolvable | NotSolved
