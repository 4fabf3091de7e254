"""Whether a lock is in step with its manifest: what is said of each lock of a repository without solving."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.manifest import PlatformName


class LockStanding(StrEnum):
    """Where a lock stands to its manifest."""

    IN_STEP = "in-step"
    OUT_OF_STEP = "out-of-step"
    CONFLICTED = "conflicted"
    ORPHANED = "orphaned"
    NOT_JUDGED = "not-judged"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a lock stands where it does: one sentence, without a full stop.

    `manifest` is the file that it is about, a manifest or the lock itself, at `line` where that is known. It holds in
    `environment` on `platform`; empty means in all.
    """

    manifest: str
    line: int | None = None
    environment: str = ""
    platform: str = ""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockVerdict:
    """Where the lock at `path` stands, and why; one that is in step has no reasons.

    `judged` are the environments and platforms that were compared.
    """

    path: str
    standing: LockStanding
    reasons: tuple[Reason, ...] = ()
    judged: tuple[tuple[str, PlatformName], ...] = ()
