"""Printing for people. What is printed is made in `bot.rendering`; nothing in it is markup or acts on the terminal."""

import difflib
from collections.abc import Iterable, Mapping
from typing import IO, NoReturn

from rich.console import Console
from rich.text import Text

from bot.cli.version import NEWEST_PIXI_LOCK
from bot.rendering.printable import printable
from bot.rendering.terminal_lines import Line, Tone, Width, wrapped
from bot.settings import ChannelSettings

USUAL_WIDTH = 80
NOT_DONE = 3
"""The exit code that says that something was not judged or not done."""

STYLES = {
    Tone.PLAIN: "",
    Tone.HEADING: "bold",
    Tone.MOVE: "green",
    Tone.HELD: "yellow",
    Tone.PROBLEM: "red",
    Tone.QUIET: "dim",
}


class Terminal(Console):
    """A console that lets others see to a pipe that nobody reads."""

    def __init__(
        self,
        *,
        stderr: bool = False,
        file: IO[str] | None = None,
        force_terminal: bool | None = None,
        width: int | None = None,
    ) -> None:
        super().__init__(stderr=stderr, file=file, force_terminal=force_terminal, width=width)
        if self.width < 1:  # `COLUMNS=0`: rich would show nothing at all
            self.width = USUAL_WIDTH

    def on_broken_pipe(self) -> NoReturn:
        """Raise what the system said."""
        raise BrokenPipeError

    @property
    def columns(self) -> Width:
        """How many columns a line may take: those of a terminal; in a pipe or file nothing is broken."""
        return self.width if self.is_terminal else None


def print_lines(console: Console, lines: Iterable[Line]) -> None:
    """Print *lines* as they are, in the colours of their tones."""
    for line in lines:
        console.print(Text(line.text, style=STYLES[line.tone]), soft_wrap=True)


def print_words(console: Terminal, words: str, tone: Tone = Tone.PLAIN) -> None:
    """Print *words*, broken where the terminal ends."""
    print_lines(console, wrapped(words, console.columns, tone))


def print_upgraded(console: Terminal, paths: Iterable[str]) -> None:
    """Print that the locks at *paths* got a newer version of their format."""
    for path in paths:
        print_words(console, f"upgraded {path}: version {NEWEST_PIXI_LOCK} of the format", Tone.MOVE)


def print_diffs(console: Console, before: Mapping[str, bytes], after: Mapping[str, str]) -> None:
    """Print the changed lines of every file in *after*, as `diff -u` does."""
    for path, text in after.items():
        for line in unified_diff(path, before[path].decode(), text).splitlines():
            console.print(Text(printable(line)), soft_wrap=True)


def print_offline(console: Terminal, channels: ChannelSettings) -> None:
    """Print that nobody was asked, if so."""
    if channels.offline:
        print_words(console, "offline: from cache", Tone.QUIET)


def unified_diff(path: str, before: str, after: str) -> str:
    """Return the changed lines between *before* and *after*."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=1)
    return "\n".join(lines)
