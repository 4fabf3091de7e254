"""What people ask of the bot in a pull request."""

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What is to be done. The names are what people write, and never change.

    `OPEN` and `LOOK` are what they tick in the dashboard.
    """

    RELOCK = "relock"
    REBUILD = "rebuild"
    IGNORE = "ignore"
    EXPLAIN = "explain"
    HELP = "help"
    OPEN = "open"
    LOOK = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is to be done, and to what: of `HELP` the argument is what was not understood, if that is why."""

    verb: Verb
    argument: str = ""


LATEST = "version"
LINE = "line"
PACKAGE = "package"
"""What `ignore` may be about."""
