"""Where a binary package comes from and what it may run, as its archive says: hostile until rendered."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from bot.model.manifest import PackageName

OWNED: Final = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"})
"""Hosts of many owners: there who owns a source is the first part of its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource:
    """What a package was built from: an archive with its `sha256`, or a repository at its `commit`, and `patches`."""

    url: str
    sha256: str = ""
    commit: str = ""
    patches: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Who has it: a host, and its owner there if the host is one of many owners; empty if the URL says nothing."""
        parts = urlsplit(self.url)
        host = (parts.hostname or "").lower()
        owner = parts.path.strip("/").partition("/")[0].lower()
        return f"{host}/{owner}" if host in OWNED and owner else host


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What an archive says of itself; empty where it says nothing.

    `recipe` is the file that it was built by, `feedstock` the URL of the repository of that, at `commit`, and `run`
    what its CI calls the run (CEP 31). `scripts` run when an environment is activated or the package linked, `startup`
    are `.pth` files, which run with every python; both are paths, `commands` are names of entry points and `licenses`
    those of licence files. `identity` is the package that it says it is, in full: `numpy-2.3.1-py313h1_0`.
    `recipe_text` is the recipe as it was written or rendered; empty where it is none, or too long. What it may run is
    only known if it `lists_files`.
    """

    sources: tuple[PackageSource, ...] = ()
    recipe: str = ""
    feedstock: str = ""
    commit: str = ""
    run: str = ""
    maintainers: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    startup: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    identity: str = ""
    recipe_text: str = ""
    build_number: int | None = None
    lists_files: bool = False

    @property
    def hosts(self) -> frozenset[str]:
        """Who has the sources."""
        return frozenset(each.host for each in self.sources if each.host)


class Attested(StrEnum):
    """What comes of looking for who published an archive (CEP 27).

    `NONE`: its channel advertises nothing. `OK`: what it advertises is signed, logged, and about this very file.
    `UNKNOWN` is all else, also what does not hold: nobody vouches for the package then.
    """

    NONE = "none"
    OK = "ok"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Who published an archive: the `signer` is whom Sigstore knows, if it is `OK`; else there is a `reason`."""

    state: Attested
    signer: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceChange:
    """Something that a reviewer should know of, one line of plain text; `is_alarming` if it is hardly ever honest."""

    sentence: str
    is_alarming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedArchive:
    """A package before and after, by the URLs of its archives, with what channels say: versions, names, forms."""

    name: PackageName
    old_version: str
    new_version: str
    old_url: str
    new_url: str
    new_needs: tuple[PackageName, ...] = ()
    becomes_binary: bool = False

    @property
    def is_rebuilt(self) -> bool:
        """Whether it is another build of the same version."""
        return self.old_version == self.new_version


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedProvenance:
    """What is known of where a package that moves comes from. Either is None where it cannot be read.

    Of another build of the same version the `recipe_change` is what differs in the recipe, as a unified difference.
    `attestation` is that of the package after; None where nobody looked.
    """

    move: MovedArchive
    before: Provenance | None
    after: Provenance | None
    changes: tuple[ProvenanceChange, ...] = ()
    recipe_change: str = ""
    attestation: Attestation | None = None
