"""What the pipeline needs of the world."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from bot.model.audit import Mismatch
from bot.model.content_hash import HashRequest, HashResult
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel, PypiFile, Record
from bot.model.project import Project
from bot.model.provenance import Attestation, Provenance
from bot.model.pypi_names import ChannelRule, FoundPurls
from bot.model.pypi_solve import PypiRequest, PypiResult
from bot.model.report import ScanReport
from bot.model.solve import SolveRequest, SolveResult
from bot.model.update import Lookup

Progress: TypeAlias = Callable[[str], None]
"""Told, in a few words, what is being done."""


class Solver(Protocol):
    """Solves environments; never raises for what is in them."""

    async def solve(self, request: SolveRequest) -> SolveResult:
        """Return a solution, or why there is none."""
        ...


class PypiSolver(Protocol):
    """Resolves the PyPI packages of an environment; never raises for what is in it, never builds anything."""

    async def resolve(self, request: PypiRequest) -> PypiResult:
        """Return the packages, or why there are none."""
        ...


class ChannelIndex(Protocol):
    """Knows what channels offer."""

    async def releases(
        self,
        channels: Sequence[Channel],
        subdirs: Sequence[Subdir],
        names: Sequence[PackageName],
        priority: ChannelPriority,
    ) -> Mapping[PackageName, Lookup]:
        """Return what *channels* offer of each of *names* on *subdirs*."""
        ...

    async def find(self, records: Sequence[Record], channels: Sequence[Channel]) -> Sequence[Mismatch]:
        """Return those of *records* that no channel has exactly so (URL, hashes, size), each with a sentence."""
        ...


class PurlIndex(Protocol):
    """Knows what conda packages are called on PyPI; never raises for what is not to be had."""

    async def purls(self, records: Iterable[Record], rules: Mapping[str, ChannelRule]) -> FoundPurls:
        """Return the package URLs of *records*; *rules* are a manifest's own, by the URL of the channel."""
        ...


class ProjectIndex(Protocol):
    """Knows where the projects behind packages are on the web; never raises for what is not to be had."""

    async def projects(self, archives: Sequence[str]) -> Sequence[Project]:
        """Return what is known of the project behind each of *archives*, which are URLs in channels."""
        ...

    async def of_wheels(self, wheels: Sequence[PypiFile]) -> Sequence[Project]:
        """Return what is known of the project behind each of *wheels*, which an index names."""
        ...


class ProvenanceIndex(Protocol):
    """Knows where packages come from; never raises for what is not to be had."""

    async def provenances(self, archives: Sequence[str]) -> Sequence[Provenance | None]:
        """Return what each of *archives*, which are URLs in channels, says of itself; None where nothing is known."""
        ...


class AttestationIndex(Protocol):
    """Knows who published packages; never raises for what is not to be had."""

    async def attestations(self, archives: Sequence[str]) -> Sequence[Attestation]:
        """Return for each of *archives*, which are URLs in channels, whether and by whom it is attested."""
        ...


class ContentHasher(Protocol):
    """Knows the content hashes of conda-lock; never raises for what is in the sources."""

    async def content_hashes(self, request: HashRequest) -> HashResult:
        """Return the hashes of a lock, or why there are none."""
        ...


class Remembering(Protocol):
    """Keeps what scans came to, by everything that they depend on (`bot.updating.memory.key_of`)."""

    async def recall(self, key: bytes) -> ScanReport | None:
        """Return the report remembered under *key*."""
        ...

    async def remember(self, key: bytes, report: ScanReport) -> None:
        """Keep *report* under *key*, for a while, if nothing went wrong."""
        ...
