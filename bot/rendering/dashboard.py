"""The text of the dashboard: what is open, what waits, what is held and why, with boxes for people who may write."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from bot.model.dashboard import LOOK_AGAIN, Box, Tick, box_of
from bot.rendering.markdown import details, plain
from bot.rendering.pull_request import MADE_BY

TITLE: Final = "Conda dependency dashboard"
SHOWN: Final = 20
MOST: Final = 100
"""Lines of a part above its fold, and in all."""

LONGEST_LINE: Final = 300
NUMBER: Final = re.compile(r"#(\d{1,10}): ")
BEGINS: Final = (
    "What condabot has to say about this repository. A tick is heard within a minute, from people who may write here. "
    "`dependencyDashboard: false` takes this issue away; closed by you it stays closed, and opened again it goes on."
)
NOTHING: Final = "Everything that condabot manages here is up to date."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A pull request that is not opened yet: its key, what it is, and what it waits for."""

    key: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardView:
    """What there is to show: pull requests that are `open` (`#12: Update numpy`), what `waits`, and everything `else_`.

    `asked` are the keys of what people asked for and did not get yet.
    """

    open: tuple[str, ...] = ()
    waits: tuple[Wait, ...] = ()
    else_: tuple[str, ...] = ()
    asked: AbstractSet[str] = frozenset()


def dashboard_text(view: DashboardView) -> str:
    """Return the text; the same for the same *view*."""
    waits = [_wait(each, view.asked) for each in view.waits]
    parts = [
        _section("Pull requests: tick one to have it made afresh", [_open(each) for each in view.open]),
        _section("Waits: tick one to have it opened now", waits),
        _section("Held back, not judged, and everything else", [f"- {_cut(each)}" for each in view.else_]),
    ]
    said = [each for each in parts if each] or [NOTHING]
    return "\n\n".join([BEGINS, *said, LOOK_AGAIN.line("Look at everything again"), f"---\n{MADE_BY}"])


def shown_keys(view: DashboardView) -> tuple[str, ...]:
    """Return the keys of what has a box in the text."""
    return tuple(each.key for each in view.waits[:MOST])


def _open(line: str) -> str:
    found = NUMBER.match(line)
    if found is None:
        return f"- {_cut(line)}"
    return Box(Tick.REBUILD, found[1]).line(f"#{found[1]} {_cut(line[found.end() :])}")


def _wait(wait: Wait, asked: AbstractSet[str]) -> str:
    return box_of(wait.key).line(_cut(wait.words), ticked=wait.key in asked)


def _cut(text: str) -> str:
    return plain(text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…")


def _section(title: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return "\n\n".join([f"## {title}", *_folded(lines)])


def _folded(lines: Sequence[str]) -> Iterator[str]:
    yield _joined(lines[:SHOWN])
    if more := lines[SHOWN:MOST]:
        beyond = len(lines) - MOST
        rest = [f"- … and {beyond} more"] if beyond > 0 else []
        yield details(f"{len(lines) - SHOWN} more", _joined([*more, *rest]))


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)
