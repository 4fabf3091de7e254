r"""Who owns files by a repository's CODEOWNERS: text -> rules, and the owners of a path (pure).

GitHub's rules: the last line that fits a path counts, and none fits with other letters in upper case; `!`, `[ ]` and
a `\#` are no patterns, and such a line says nothing. One without owners takes the file from everybody.
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import re2

PATHS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in this order: the first that is there counts."""

LARGEST: Final = 3_000_000
"""Bytes. GitHub reads no larger one."""

TEAM: Final = "team:"

_OWNER: Final = re.compile(r"@(?P<name>[A-Za-z0-9][A-Za-z0-9-]{0,38})(/(?P<team>[A-Za-z0-9._-]{1,100}))?")
_NO_PATTERN: Final = re.compile(r"^!|[\[\]]|\\#")


@dataclass(frozen=True)
class OwnedPattern:
    """A line of CODEOWNERS: a pattern of paths, and reviewers: logins, and teams as `team:NAME`."""

    pattern: str
    owners: tuple[str, ...]

    def fits(self, path: str) -> bool:
        """Tell whether the line is about the file at *path*."""
        return self._expression.fullmatch(path) is not None

    @cached_property
    def _expression(self) -> "re2._Regexp[str]":
        return re2.compile(_expression(self.pattern))


def parse_code_owners(content: bytes) -> tuple[OwnedPattern, ...]:
    """Return the lines of a CODEOWNERS that say something. Owners named by e-mail cannot be asked, and are left out."""
    lines = (line.partition(" #")[0].split() for line in content.decode(errors="replace").splitlines())
    return tuple(_owned(words) for words in lines if words and not words[0].startswith("#") and _is_pattern(words[0]))


def owners_of(rules: Iterable[OwnedPattern], paths: Iterable[str]) -> tuple[str, ...]:
    """Return who owns one of *paths*, each once."""
    every = tuple(reversed(tuple(rules)))
    found = (next((each.owners for each in every if each.fits(path)), ()) for path in paths)
    return tuple(dict.fromkeys(owner for owners in found for owner in owners))


def _owned(words: list[str]) -> OwnedPattern:
    owners = (found for found in map(_OWNER.fullmatch, words[1:]) if found)
    return OwnedPattern(words[0], tuple(f"{TEAM}{each['team']}" if each["team"] else each["name"] for each in owners))


def _is_pattern(text: str) -> bool:
    return not _NO_PATTERN.search(text)


def _expression(pattern: str) -> str:
    """Return the expression for paths that *pattern* fits; a folder stands for all that is in it.

    One with a slash before its end is counted from the top. A lone `*` at the end stays within its folder.
    """
    is_folder, inner = pattern.endswith("/"), pattern.strip("/")
    top = "" if pattern.startswith("/") or "/" in inner else "(.*/)?"
    below = "/.*" if is_folder else "" if inner.endswith("/*") else "(/.*)?"
    return top + "".join(map(_piece, re.findall(r"^\*\*/|/\*\*/|/\*\*$|\*+|\?|[^*?/]+|/", inner))) + below


def _piece(text: str) -> str:
    match text:
        case "**/":
            return "(.*/)?"
        case "/**/":
            return "/(.*/)?"
        case "/**":
            return "/.*"
        case "?":
            return "[^/]"
    return "[^/]*" if text.startswith("*") else re2.escape(text)
