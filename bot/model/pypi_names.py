"""What conda packages are called on PyPI: where that is looked up, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.model.manifest import MappingMode, PackageName

NameMap: TypeAlias = Mapping[PackageName, tuple[str, ...]]
"""The names that conda packages have on PyPI; a package without any is none of PyPI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRule:
    """Where the PyPI names of a channel's packages come from: `names`, then the map at `url`, then as `mode` says.

    `same_name` says whether a package that nobody knows has the name of its project; None: if it is of conda-forge.
    """

    mode: MappingMode = MappingMode.OVERLAY
    names: NameMap = field(default_factory=dict)
    url: str | None = None
    same_name: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPurls:
    """Package URLs of PyPI by the URL of the record, and a sentence for each record of which they are unknown.

    A record in neither is one that nobody knows: nothing is stated of it.
    """

    purls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
