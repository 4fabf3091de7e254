"""What every manifest format gives: the manifest, and for each version in it the exact characters to replace."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypeAlias

from bot.edits import Span
from bot.model.manifest import Declarations, Dependency, KeyPath, Manifest, ManifestFormat

Leaf: TypeAlias = tuple[KeyPath, object]
"""A value of a file and where it stands, as a parser sees it that knows nothing of dependencies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a version is written, and in what kind of scalar.

    `version` is the span that a rewrite replaces, `scalar` the whole scalar with its quotes. `quote` is the quote
    character, empty for a plain scalar; `delimiters` are the characters that would end a plain scalar there.
    """

    version: Span
    scalar: Span
    quote: str = ""
    delimiters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedDependency:
    """A dependency and the site of its version; None where there is no version to replace."""

    dependency: Dependency
    site: Site | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedManifest:
    """A manifest and the sites of its versions, valid for the text it was read from only.

    `commented` is the text in which its comments are looked for where that is not the whole text, each character of it
    at the same place.
    """

    manifest: Manifest
    sites: Mapping[KeyPath, Site]
    commented: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignLock:
    """A lockfile beside manifests that condabot does not write: a manifest that it locks stays as it is.

    `names` are the names that it may have, of which the first that is there counts. `locked` returns which of the
    environments named the content of a file at a path locks, and raises `ManifestError` where it cannot be read.
    """

    names: tuple[str, ...]
    locked: Callable[[str, bytes, Collection[str]], tuple[str, ...]]


class Format(Protocol):
    """One kind of manifest. To add one: write a module with such a class and name it in `bot.manifests.formats`."""

    @property
    def kind(self) -> ManifestFormat:
        """What is true of every manifest of this format, and its name."""
        ...

    @property
    def patterns(self) -> tuple[str, ...]:
        """Where such manifests are looked for; elsewhere they are read if something names them."""
        ...

    @property
    def mark(self) -> bytes:
        """Bytes that every manifest of this format holds, so that other files are not even decoded."""
        ...

    @property
    def described(self) -> str:
        """What such a manifest is called where people read which are looked for."""
        ...

    @property
    def otherwise(self) -> str:
        """What is said of a file that has the name of such a manifest and is none; empty if there is nothing to say."""
        ...

    @property
    def behind(self) -> tuple[str, ...]:
        """The names of manifests that are read instead where they stand in the same folder."""
        ...

    @property
    def foreign_locks(self) -> tuple[ForeignLock, ...]:
        """The lockfiles beside such manifests that condabot does not write."""
        ...

    def matches(self, path: str) -> bool:
        """Tell whether a file at *path* may be of this format; its content has the last word."""
        ...

    def locate(self, path: str, text: str) -> LocatedManifest | None:
        """Read *text*; None if it turns out not to be a manifest of this format.

        Raises:
            ManifestError: it should be one, but cannot be read.

        """
        ...

    def leaves(self, text: str) -> Iterator[Leaf]:
        """Yield every value of *text*, read by a parser that `locate` does not use to find positions.

        Raises:
            ManifestError: that parser refuses it.

        """
        ...


def located_manifest(
    path: str,
    kind: ManifestFormat,
    declarations: Declarations,
    located: tuple[LocatedDependency, ...],
    commented: str | None = None,
) -> LocatedManifest:
    """Return the manifest made of *declarations* and the *located* dependencies, in their order."""
    manifest = Manifest(
        path=path,
        format=kind,
        declarations=declarations,
        dependencies=tuple(each.dependency for each in located),
    )
    sites = {each.dependency.at: each.site for each in located if each.site is not None}
    return LocatedManifest(manifest=manifest, sites=MappingProxyType(sites), commented=commented)
