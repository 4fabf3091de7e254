"""Which further branches are kept up, and by what that which is proposed for them is told apart (pure)."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.planning.rules import names_match

_JOINT: Final = "@"
"""What stands between a branch and a key; no key of a plan has one."""


def is_base(patterns: Sequence[str], name: str) -> bool:
    """Tell whether *patterns* are about the branch called *name*."""
    return names_match(patterns, name) and not name.startswith("gh-readonly-queue/")


def keyed(into: str, key: str) -> str:
    """Return by what *key* is known in the whole repository, where it is proposed for the branch *into*."""
    return f"{into}{_JOINT}{key}" if into else key


def of_branch(into: str, resting: Mapping[str, str]) -> Mapping[str, str]:
    """Return what of *resting*, which is of the whole repository, is proposed for the branch *into*."""
    begins = f"{into}{_JOINT}"
    return {key.removeprefix(begins): reason for key, reason in resting.items() if key.startswith(begins)}
