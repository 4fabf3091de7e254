"""The table of processes, as `/proc` has it."""

from collections.abc import Iterable
from pathlib import Path

from bot.children.starting import started_by

PROC = Path("/proc")


def below(pid: int) -> list[int]:
    """Return what *pid* has started, and what that has."""
    children = started_by(pid)
    return [*children, *(each for child in children for each in below(child))]


def command(pid: int) -> list[str]:
    """Return the words of the command of *pid*; none if it is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


def left(pids: Iterable[int]) -> list[list[str]]:
    """Return the commands of those that still run: one that ended has none, also while nobody has asked how."""
    return [words for words in map(command, pids) if words != [""] and words]
