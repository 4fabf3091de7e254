"""What is being done, on stderr: a status that changes on a terminal, elsewhere a line for each stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from rich.status import Status
from rich.text import Text

from bot.cli.output import Terminal
from bot.rendering.printable import printable

LOOKING: Final = "looking for manifests and locks"
"""The first stage of what scans: said before what scanning needs is imported."""

BESIDE: Final = 2
"""Columns of the sign that moves, and the gap after it: a status is one line."""


@dataclass(slots=True, kw_only=True)
class ShownProgress:
    """Told of stages and of what is done in them. Without a `status` only stages are shown."""

    console: Terminal
    status: Status | None
    words: str = ""

    def stage(self, words: str) -> None:
        """Show that a stage begins."""
        self.words = words
        if self.status is None:
            self.console.print(Text(printable(words)), soft_wrap=True)
        else:
            self._update(words)

    def step(self, words: str) -> None:
        """Show what is done within the stage, where that leaves nothing behind."""
        if self.status is not None:
            self._update(f"{self.words} ({words})" if self.words else words)

    def _update(self, words: str) -> None:
        if self.status is not None:
            text = Text(printable(words))
            text.truncate(max(self.console.width - BESIDE, 1), overflow="ellipsis")
            self.status.update(text)


@contextmanager
def shown_progress() -> Iterator[ShownProgress]:
    """Yield who shows what is being done; on a terminal nothing of it stays."""
    console = Terminal(stderr=True)
    if not console.is_terminal:
        yield ShownProgress(console=console, status=None)
        return
    with console.status("") as status:
        yield ShownProgress(console=console, status=status)
