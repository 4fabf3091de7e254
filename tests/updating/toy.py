"""Scans without any network: the toy channel as solver and index, and no package index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import EgressRefused
from bot.model.audit import Mismatch, MismatchKind
from bot.model.manifest import ChannelPriority, PackageName, Subdir
from bot.model.package import Channel, Record
from bot.model.solve import SolveRequest, SolveResult
from bot.model.update import Lookup
from bot.planning.policy import Policy
from bot.updating.scan import Scanner
from bot.updating.survey.indexes import PypiSource
from tests.planning.toy import FORGE, NOW, ToyChannel


class Toy:
    """The toy channel as a scan meets it; what is in `tampered` is not what the channel has."""

    def __init__(
        self, *records: Record, tampered: frozenset[str] = frozenset(), silent_on: frozenset[Subdir] = frozenset()
    ) -> None:
        self._channel = ToyChannel(records=records, silent_on=silent_on)
        self._tampered = tampered
        self.solved: list[SolveRequest] = []

    async def solve(self, request: SolveRequest) -> SolveResult:
        self.solved.append(request)
        return self._channel.solve(request)

    async def releases(
        self,
        channels: Sequence[Channel],
        subdirs: Sequence[Subdir],
        names: Sequence[PackageName],
        priority: ChannelPriority,
    ) -> Mapping[PackageName, Lookup]:
        del channels, priority
        return {name: self._channel.releases(name, subdirs) for name in names}

    async def find(self, records: Sequence[Record], channels: Sequence[Channel]) -> Sequence[Mismatch]:
        del channels
        return [
            Mismatch(record=each, kind=MismatchKind.HASH, sentence=f"{each.url} has another hash in its channel.")
            for each in records
            if each.name in self._tampered
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoIndex:
    """A package index that nobody should ask."""

    async def releases(
        self, indexes: Sequence[Channel], subdirs: Sequence[Subdir], names: Sequence[PackageName]
    ) -> Mapping[PackageName, Lookup]:
        raise AssertionError((indexes, subdirs, names))


def scanner(toy: Toy) -> Scanner:
    """Return a scanner on the channel of *toy*."""
    return Scanner(
        solver=toy,
        index=toy,
        pypi=PypiSource(index=NoIndex(), resolve=refuse),
        resolve=lambda _: (FORGE,),
        policy=Policy(),
        now=NOW,
    )


def refuse(url: str | None) -> Channel:
    raise EgressRefused(f"{url} is not asked")
