"""Pull requests: what others propose, what programs find in the bot's own, the words of what is proposed."""

import re
from dataclasses import dataclass
from typing import Final

REBUILD_MARKER: Final = "<!-- condabot:rebuild -->"
"""Stands in the line of a body that people tick to have the pull request made afresh, `- [ ] <!-- ... --> words`.

https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/about-task-lists
"""


_TICKED: Final = re.compile(rf"^ *[-*+] +\[[xX]\] *{re.escape(REBUILD_MARKER)}", re.MULTILINE)


def is_ticked(body: str) -> bool:
    """Tell whether somebody ticked in *body* that the pull request is to be made afresh."""
    return _TICKED.search(body) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPullRequest:
    """An open pull request of somebody else, from a branch of the repository itself.

    `author` is a login, with or without GitHub's `[bot]`; `files` are paths that it changes, the first of them if they
    are many.
    """

    number: int
    author: str
    title: str
    files: tuple[str, ...]
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPull:
    """The words of a pull request from `branch` as it stands, or as it would: then it may have no `number`."""

    branch: str
    title: str
    body: str
    number: int | None = None
