"""What a scan came to: for people, for logs, and for what is done next."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from bot.model.advisory import LockAdvisories
from bot.model.caps import Cap
from bot.model.manifest import PackageName
from bot.model.minimums import Minimum
from bot.model.update import Blocker, HeldBack, Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that was not done, and why: one sentence, with the file and line where there is one.

    `defect` is the traceback of a defect of ours, for operators; empty if it is none.
    """

    path: str
    sentence: str
    line: int | None = None
    defect: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.sentence}"


class Standing(StrEnum):
    """Where a dependency stands."""

    UP_TO_DATE = "up-to-date"
    UPDATE = "update"
    HELD_BACK = "held-back"
    LEFT_ALONE = "left-alone"
    UNKNOWN = "unknown"


UNJUDGED: Final = "its environments could not be judged"
"""The reason of a line of which nothing is known because no environment that it counts for was solved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyStatus:
    """One line of a manifest: what it asks for, what is in use, what is newest, what of that solves, and why.

    `current`, `newest` and `reachable` are versions, None where unknown. `reason` is why it is not at the newest, a
    sentence or empty, and `forced` why it cannot stay as it is.
    """

    manifest: str
    line: int
    environments: tuple[str, ...]
    name: PackageName
    spec: str
    standing: Standing
    current: str | None = None
    newest: str | None = None
    reachable: str | None = None
    reason: str = ""
    forced: str = ""

    @property
    def why(self) -> str:
        """All that is said of it: why it cannot stay, and why it is not at the newest."""
        return "; ".join(filter(None, (self.forced, self.reason)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A file that is seen, not managed; `sentence` says what it is and why, without a full stop."""

    path: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How far a workspace is from a newer minor of a package, as of python: `release` is the newest of `minor`.

    Of `total` packages that it asks for beside it, `ready` solve with the minor, each alone, wherever they are asked
    for. `blocked_by` are the lines that keep it out. It is `offered` from `due` on, if nothing does. `sentence` says
    all of this.
    """

    workspace: str
    name: PackageName
    current: str
    release: str
    minor: str
    ready: int
    total: int
    blocked_by: tuple[Blocker, ...]
    due: date
    offered: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What channels, by their URLs, were asked for: names, on platforms."""

    channels: tuple[str, ...]
    subdirs: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A package that a lock holds, of conda or PyPI; `sha256` is that of its file in hex, if the lock says it."""

    name: str
    version: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsolved:
    """A pull request that is wanted and was not solved for yet: its key, and a few words for what it would do."""

    key: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """Everything that a scan of one repository found, at one state of its files and channels.

    `manifests` are the paths of those that were read. `asked` is what channels were asked for, `held` what the locks
    hold. `waiting` are pull requests that are wanted and were not solved for yet. `advisories` say where everything
    stands, None where nobody names any.
    """

    proposals: tuple[Proposal, ...]
    held_back: tuple[HeldBack, ...]
    statuses: tuple[DependencyStatus, ...]
    problems: tuple[Problem, ...]
    manifests: tuple[str, ...] = ()
    recognised: tuple[Recognised, ...] = ()
    migrations: tuple[Migration, ...] = ()
    caps: tuple[Cap, ...] = ()
    minimums: tuple[Minimum, ...] = ()
    waiting: tuple[Unsolved, ...] = ()
    asked: tuple[Asked, ...] = ()
    held: tuple[Held, ...] = ()
    advisories: LockAdvisories | None = None
