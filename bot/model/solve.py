"""A question to the solver and its answer. Both cross a process border, so they hold plain data only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.model.exclude_newer import ExcludeNewer
from bot.model.manifest import ChannelPriority, PackageName, SolveStrategy, Subdir, VirtualPackage
from bot.model.package import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """The one file of a conda package that a manifest asks for, by its URL or path; `record` is what a lock says of it.

    It is installed whatever else its channel has, and its channel offers nothing else by it. So it is with a locked
    package that stays as it is, also with one that is built from source, which is no file.
    """

    location: str
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveRequest:
    """Solve `specs` and `files` on one platform, preferring `locked` records.

    `channels` are canonical URLs in order of priority. `constraints` limit a package only if something needs it.
    Records built after `exclude_newer` are not seen, nor those that `cut_offs` keep out, except those in `locked`. A
    record that does not say when it was built is young, unless `undated` ones will do. What `is_doubtful` may well
    have no solution, which then need not be said in the solver's words.
    """

    channels: tuple[str, ...]
    subdir: Subdir
    specs: tuple[str, ...]
    virtual_packages: tuple[VirtualPackage, ...]
    files: tuple[PackageFile, ...] = ()
    locked: tuple[Record, ...] = ()
    constraints: tuple[str, ...] = ()
    channel_priority: ChannelPriority = ChannelPriority.STRICT
    strategy: SolveStrategy = SolveStrategy.HIGHEST
    exclude_newer: datetime | None = None
    undated: bool = False
    cut_offs: ExcludeNewer = field(default_factory=ExcludeNewer)
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The records that fulfil a request, sorted by name."""

    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsolvable:
    """No set of records fulfils the request; `text` is the solver's own, for below the fold.

    It is empty where the solver was not needed to know. Then what the request asks of the packages in `because` has no
    solution already, whatever else it asks; without any nobody knows what it is.
    """

    text: str
    because: tuple[PackageName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSolved:
    """The solver gave no verdict: a channel did not answer, or time or memory ran out. `reason` is a sentence."""

    reason: str


SolveResult: TypeAlias = Solution | Unsolvable | NotSolved
