"""What is said of a change that people propose: of its configuration, its locks, and what comes into them."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.audit import LockAudit
from bot.model.lock_verdict import LockVerdict
from bot.model.report import Problem
from bot.model.state_diff import StateDiff


class Judgement(StrEnum):
    """What a change comes to. `NEUTRAL` holds nobody up: something was not judged, or is not the change's doing."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReport:
    """A change from one state of a repository to another.

    `wrong` are the errors of the configuration after it, as far as it brings them. `verdicts` say where each lock
    stands after it; those with a path in `before` stood as they do without it. `audits` are of the records that come
    in, and `young` says which of them are too young. `mended` are sentences on what is not affected by an advisory any
    more. `problems` are what could not be read, and could before.
    """

    diff: StateDiff
    wrong: tuple[Problem, ...] = ()
    verdicts: tuple[LockVerdict, ...] = ()
    before: frozenset[str] = frozenset()
    audits: tuple[LockAudit, ...] = ()
    young: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
