"""The pull request by which condabot introduces itself: a configuration with its reasons, and what would come of it."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.config import PATHS, Configuration
from bot.config.rows import Row, rows_of, unmarked
from bot.model.report import ScanReport
from bot.rendering.check import Shown, check_lines
from bot.rendering.markdown import code, plain
from bot.rendering.pull_request import DOCUMENTATION, MADE_BY
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import Line, Tone

TITLE: Final = "Configure condabot"
PATH: Final = PATHS[0]
KEYS: Final = (
    "schedule",
    "timezone",
    "prConcurrentLimit",
    "minimumReleaseAge",
    "labels",
    "ignoreDeps",
    "ignorePaths",
    "packageRules",
)
"""What people ask for first, in the order in which it stands in the file."""

WIDTH: Final = 100
MOST_LINES: Final = 20
INDENT: Final = 2

HEADING: Final = f"""\
How condabot updates the conda and pixi environments of this repository. Everything here is optional: behind the `#` \
stands the default, or an example where there is none. An empty file will do. All keys: {DOCUMENTATION}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What comes once it is merged: `wanted` pull requests; `at_first` and `later` so many open at once, 0 for any.

    `opens` says when others than the first one are opened.
    """

    wanted: int
    at_first: int
    later: int
    opens: str


def starter() -> str:
    """Return a configuration in which every key is explained, and none is set: it says what is so without it."""
    rows = {row.key: row for row in rows_of(Configuration).values()}
    return "\n\n".join(["\n".join(_comment(HEADING)), *("\n".join(_key(rows[key])) for key in KEYS)]) + "\n"


def findings(report: ScanReport) -> str:
    """Return what `condabot check` says of *report* as a list in Markdown, at most `MOST_LINES` lines of it."""
    lines = [each for each in check_lines(report, Shown()) if each.text.strip()]
    shown = [_item(each) for each in lines[:MOST_LINES]]
    rest = len(lines) - len(shown)
    return "\n".join([*shown, *([f"- … and {counted(rest, 'more line')} of `condabot check`"] if rest > 0 else [])])


def body(found: str, outlook: Outlook, longest: int) -> str:
    """Return the body of the pull request, in which *found* is what `findings` returned. It has *longest* characters.

    What does not fit is cut at the end of a line of *found*.
    """
    begins = (
        f"condabot keeps the conda and pixi environments of this repository up to date: every pull request of it is "
        f"solved on all platforms before it is opened. Merging this one begins it. {code(PATH)} may be changed here "
        "first; as it is, it says what holds anyway."
    )
    no = (
        f"**To say no,** close this pull request: condabot opens nothing here then, ever. Who changes their mind adds "
        f"a {code(PATH)}, an empty one will do."
    )
    ends = f"## What comes next\n\n{_next(outlook)}\n\n{no}\n\n---\n{MADE_BY}"
    around = f"{begins}\n\n## What there is to update\n\n\n\n{ends}"
    shown = found if len(found) + len(around) <= longest else found[: found.rfind("\n", 0, longest - len(around))]
    return f"{begins}\n\n## What there is to update\n\n{shown}\n\n{ends}"


def _next(outlook: Outlook) -> str:
    wanted = counted(outlook.wanted, "pull request")
    is_one = outlook.wanted == 1
    begins = f"{wanted} {'is' if is_one else 'are'} wanted by now; what of it solves is opened."
    first = "The first one comes as soon as this is merged, whatever day it is."
    if is_one:
        return f"{begins} It comes as soon as this is merged, whatever day it is."
    return " ".join([begins, first, _pace(outlook), outlook.opens])


def _pace(outlook: Outlook) -> str:
    later = f"at most {outlook.later} are open at once" if outlook.later else "as many are open as there are"
    if outlook.at_first == outlook.later:
        return f"Of them {later}."
    first = f"{outlook.at_first} at a time" if outlook.at_first else "as many as there are"
    return f"In the first week they come {first}, then {later}."


def _key(row: Row) -> Iterator[str]:
    yield from _comment(unmarked(row.meaning))
    if row.default:
        yield f"# {row.key}: {row.default}"
    else:
        yield f"# For example:\n# {row.key}: {row.example}"


def _comment(text: str) -> Iterator[str]:
    wrapped = textwrap.wrap(text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False)
    yield from (f"# {line}" for line in wrapped)


def _item(line: Line) -> str:
    """Return a line of the check as an item of a list, as deep as it stands there."""
    depth = " " * (len(line.text) - len(line.text.lstrip()))
    return f"{depth}- {code(line.text) if line.tone is Tone.HEADING else plain(line.text)}"
