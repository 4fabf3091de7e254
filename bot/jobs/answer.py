"""What came of a command."""

from dataclasses import dataclass

from bot.store.wants import Want


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said to a command, nothing if it is empty; a line for operators; the scan that is to follow."""

    text: str
    outcome: str
    wants: Want | None = None
