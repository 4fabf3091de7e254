"""A question to conda-lock and its answer. Both cross a process border, so they hold plain data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.model.manifest import Subdir


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that a `conda-lock.yml` is made from: its path in the repository, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HashRequest:
    """Asks for the content hashes of a lock that is made from `sources`, in this order, for `platforms`.

    `virtual_packages` is the text of a `virtual-packages.yml`; None stands for conda-lock's own. `specifiers` are
    version specifiers (PEP 440) that conda-lock shall say in its own words.
    """

    sources: tuple[SourceFile, ...]
    platforms: tuple[Subdir, ...]
    virtual_packages: str | None = None
    specifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentHashes:
    """`written` is what conda-lock writes into the lock, `accepted` what its `--check-input-hash` takes for up to date.

    `channels` are those of the sources, as the lock names them. `constraints` maps specifiers to what a lock says.
    """

    channels: tuple[str, ...]
    written: Mapping[Subdir, str]
    accepted: Mapping[Subdir, frozenset[str]]
    constraints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHashed:
    """conda-lock gave no hashes; `reason` is a sentence."""

    reason: str


HashResult: TypeAlias = ContentHashes | NotHashed
