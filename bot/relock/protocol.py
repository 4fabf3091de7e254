"""What parent and child say to each other: a frame for each message, which is JSON.

The parent says `Hello` once and then one `Question` at a time; the child answers each with one `Answer`.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import msgspec

from bot.children.plain import from_plain, to_plain
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.settings import ChannelSettings

_Message = TypeVar("_Message")


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """How the child reaches channels, and how much memory (bytes) it may take."""

    channels: ChannelSettings
    memory: int


class Preferred(msgspec.Struct, frozen=True, array_like=True):
    """All that a solver hears of a locked record: what it contains is for its channel to say."""

    name: PackageName
    url: str
    sha256: str | None
    md5: str | None


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A question that differs little from another, and its `solution`.

    It had these `specs` and `constraints`. Of the packages `unlike` other records were locked; all else was the same.
    """

    specs: tuple[str, ...]
    constraints: tuple[str, ...]
    unlike: tuple[PackageName, ...]
    solution: tuple[Preferred, ...]


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """The same question about a machine whose virtual packages are the same but for `differing`, and its `solution`."""

    differing: tuple[str, ...]
    solution: tuple[Preferred, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request, the generation of repodata that it is to be answered from, and what like it was answered before."""

    generation: int
    request: SolveRequest
    preferred: tuple[Preferred, ...]
    earlier: Earlier | None = None
    elsewhere: Elsewhere | None = None

    @classmethod
    def of(cls, request: SolveRequest, *, generation: int) -> "Question":
        """Wrap *request*: hundreds of locked records would cross the border with every one."""
        preferred = as_preferred(request.locked)
        return cls(generation=generation, request=replace(request, locked=()), preferred=preferred)

    def beside(self, earlier: Earlier | None, elsewhere: Elsewhere | None = None) -> "Question":
        """Return the question with what one like it came to, and the same one on another machine."""
        return msgspec.structs.replace(self, earlier=earlier, elsewhere=elsewhere)

    @property
    def without_doubt(self) -> "Question":
        """The question as one that is to be answered in words."""
        return msgspec.structs.replace(self, request=replace(self.request, is_doubtful=False))

    @property
    def whole(self) -> SolveRequest:
        """The request; of its locked records nothing is known but how to find them."""
        return replace(self.request, locked=tuple(map(to_be_found, self.preferred)))


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result, exactly one of three, and the most memory (bytes) that the child has ever held."""

    held: int
    solution: Solution | None = None
    unsolvable: Unsolvable | None = None
    not_solved: NotSolved | None = None

    @classmethod
    def of(cls, result: SolveResult, *, held: int) -> "Answer":
        """Wrap *result*."""
        match result:
            case Solution():
                return cls(held=held, solution=result)
            case Unsolvable():
                return cls(held=held, unsolvable=result)
            case NotSolved():
                return cls(held=held, not_solved=result)

    @property
    def result(self) -> SolveResult:
        """The result."""
        return self.solution or self.unsolvable or self.not_solved or NotSolved(reason="The solver gave no answer.")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the parent itself reads of an `Answer`: the rest is for whoever asked."""

    held: int


def as_preferred(records: Iterable[Record]) -> tuple[Preferred, ...]:
    """Return what a solver is to hear of *records*."""
    return tuple(Preferred(each.name, each.url, each.sha256, each.md5) for each in records)


def to_be_found(record: Preferred) -> Record:
    """Return a record of which nothing is known but how to find it."""
    return Record(
        name=record.name,
        version="",
        build="",
        build_number=0,
        subdir="",
        url=record.url,
        sha256=record.sha256,
        md5=record.md5,
    )


def encode(message: object) -> bytes:
    """Return *message* in JSON."""
    return msgspec.json.encode(message, enc_hook=to_plain)


def decode(content: bytes, kind: type[_Message]) -> _Message:
    """Read a message of *kind*."""
    return msgspec.json.decode(content, type=kind, dec_hook=from_plain)
