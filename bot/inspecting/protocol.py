"""What parent and child say to each other: a frame for each message, which is MessagePack (file contents are bytes).

The parent says `Hello` once. For each inspection it says `Begin`, then one order at a time, which the child answers
with one result, and `End`. Meanwhile the child may ask, several things at once, each with a number; the parent answers
with the same number. Either side reads only messages of these types: what a child says is never believed to be more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from bot.children.bounds import MEBIBYTE
from bot.children.plain import from_plain, to_plain
from bot.errors import BadInput
from bot.model.report import Problem
from bot.settings import ChannelSettings, EgressSettings, PypiSettings
from bot.updating.inspection import Circumstances, Inspected, Introduction, Looked, Manners, Prepared, Resolved, Words

LONGEST: Final = 128 * MEBIBYTE
"""Bytes of a frame that a child may send: a file has at most 50 MB."""


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """How the child reaches channels and indexes, what it may tell its own children, and how much memory it may hold.

    `processes` is how many resolvers of PyPI packages it runs at once. `folder` is its own, for temporary files.
    """

    channels: ChannelSettings
    indexes: PypiSettings
    egress: EgressSettings
    environment: dict[str, str]
    folder: str
    processes: int
    memory: int


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An inspection begins: its view of channels, and its processor time."""

    generation: int
    processor_seconds: float


class Listed(msgspec.Struct, frozen=True, tag=True):
    """The files of the repository; answered by `Wanted` or `Refused`."""

    sizes: Mapping[str, int]


class File(msgspec.Struct, frozen=True, tag=True):
    """A file that was wanted. It is not answered."""

    path: str
    content: bytes


class Given(msgspec.Struct, frozen=True, tag=True):
    """Every file was sent that was wanted; answered by `Wanted` or `Refused`."""


class AskManners(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Mannered`."""


class Scan(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Scanned`."""

    circumstances: Circumstances


class Introduce(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Introduced`."""

    circumstances: Circumstances


class LookAt(msgspec.Struct, frozen=True, tag=True):
    """Answered by `HasLooked`."""

    now: datetime
    wrong: tuple[Problem, ...]


class RelockAll(msgspec.Struct, frozen=True, tag=True):
    """Answered by `HasResolved`."""

    now: datetime


class Explain(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Body`: where a package stands."""

    now: datetime
    package: str


class MergeText(msgspec.Struct, frozen=True, tag=True):
    """Three states of a text; answered by `MergedText`."""

    began: bytes
    theirs: bytes
    ours: bytes


class Prepare(msgspec.Struct, frozen=True, tag=True):
    """Answered by `IsPrepared`."""

    key: str


class ReadText(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Text`."""

    key: str
    path: str


class Describe(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Body`."""

    key: str
    words: Words


class End(msgspec.Struct, frozen=True, tag=True):
    """The inspection is over; answered by `Ended`."""


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The answer to what the child asked under `number`."""

    number: int
    content: bytes | None = None


WithFiles: TypeAlias = (
    AskManners | Scan | Introduce | LookAt | RelockAll | Explain | MergeText | Prepare | ReadText | Describe
)
"""What an inspection is asked once it has every file."""

Order: TypeAlias = Listed | Given | WithFiles | End
FromParent: TypeAlias = Begin | File | Order | Answered


class Wanted(msgspec.Struct, frozen=True, tag=True):
    """The paths of files that are wanted next."""

    paths: tuple[str, ...]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A `BadInput`."""

    message: str
    path: str
    line: int | None
    key: str

    @classmethod
    def of(cls, error: BadInput) -> "Fault":
        """Wrap *error*."""
        return cls(message=error.message, path=error.path, line=error.line, key=error.key)

    @property
    def error(self) -> BadInput:
        """The error."""
        return BadInput(self.message, path=self.path, line=self.line, key=self.key)


class Refused(msgspec.Struct, frozen=True, tag=True):
    """What is wrong in the configuration of the repository."""

    faults: tuple[Fault, ...]


class Mannered(msgspec.Struct, frozen=True, tag=True):
    """How the repository wants to be spoken to."""

    manners: Manners


class Scanned(msgspec.Struct, frozen=True, tag=True):
    """What the scan came to."""

    inspected: Inspected


class Introduced(msgspec.Struct, frozen=True, tag=True):
    """What people are told who have not asked for anything yet."""

    introduction: Introduction


class HasLooked(msgspec.Struct, frozen=True, tag=True):
    """What is said of a change."""

    looked: Looked


class HasResolved(msgspec.Struct, frozen=True, tag=True):
    """What brings the locks of a pull request in step."""

    resolved: Resolved


class MergedText(msgspec.Struct, frozen=True, tag=True):
    """A text with the changes of both sides; None where they are in conflict."""

    content: bytes | None


class IsPrepared(msgspec.Struct, frozen=True, tag=True):
    """What is published of a proposal."""

    prepared: Prepared


class Text(msgspec.Struct, frozen=True, tag=True):
    """The new content of a file."""

    content: bytes


class Body(msgspec.Struct, frozen=True, tag=True):
    """The words of a proposal."""

    text: str


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The child is ready for another inspection; the most memory (bytes) that it has ever held."""

    held: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The order could not be carried out. `defect` is the traceback where that is a defect of ours, empty if not."""

    message: str
    defect: str = ""


class Solve(msgspec.Struct, frozen=True, tag=True):
    """An encoded question of `bot.relock.protocol`, answered by its encoded answer."""

    number: int
    question: bytes


class Recall(msgspec.Struct, frozen=True, tag=True):
    """Answered by what was told to `Remember` under `key`, or by nothing."""

    number: int
    key: bytes


class Learned(msgspec.Struct, frozen=True, tag=True):
    """An index names files at `url`, which are to be read there: the proxy of the parent must let that pass first."""

    number: int
    url: str


class Remember(msgspec.Struct, frozen=True, tag=True):
    """To be given back to this repository's next inspections. It is not answered."""

    key: bytes
    report: bytes


class Logged(msgspec.Struct, frozen=True, tag=True):
    """Something for the parent's log. It is not answered."""

    text: str


Result: TypeAlias = (
    Wanted
    | Refused
    | Mannered
    | Scanned
    | Introduced
    | HasLooked
    | HasResolved
    | MergedText
    | IsPrepared
    | Text
    | Body
    | Ended
    | Failed
)
Ask: TypeAlias = Solve | Recall | Learned
FromChild: TypeAlias = Result | Ask | Remember | Logged

_hello = msgspec.msgpack.Decoder(Hello, dec_hook=from_plain)
_from_parent: msgspec.msgpack.Decoder[FromParent] = msgspec.msgpack.Decoder(FromParent)
_from_child: msgspec.msgpack.Decoder[FromChild] = msgspec.msgpack.Decoder(FromChild)


def encode(message: Hello | FromParent | FromChild) -> bytes:
    """Return *message* in MessagePack."""
    return msgspec.msgpack.encode(message, enc_hook=to_plain)


def hello(content: bytes) -> Hello:
    """Read what the parent says first."""
    return _hello.decode(content)


def from_parent(content: bytes) -> FromParent:
    """Read what the parent says then."""
    return _from_parent.decode(content)


def from_child(content: bytes) -> FromChild:
    """Read what a child says.

    Raises:
        msgspec.DecodeError: it is none of the messages that a child may send.

    """
    return _from_child.decode(content)
