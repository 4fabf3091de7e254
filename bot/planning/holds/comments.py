"""What the comment behind a line asks for: `# condabot: ignore`, or a reason why the version is what it is."""

import re
from datetime import date
from typing import Final

from bot.model.manifest import Dependency
from bot.planning.holds.hold import Hold, HoldRule, HoldScope, Surroundings
from bot.planning.holds.quoting import quoted

_LONGEST: Final = 1_000

_IGNORE: Final = re.compile(r"\bcondabot:[ \t]*ignore\b(?:[ \t]+until[ \t]+(?P<date>[^\s,;]+))?", re.IGNORECASE)

_REASON: Final = re.compile(
    r"\b(?:(?:un)?pin(?:s|ned|ning)?|h[oe]ld(?:s|ing)?|keep(?:s|ing)?|kept|cap(?:s|ped|ping)?|until|till"
    r"|wait(?:s|ing)? (?:for|on)|breaks?|breaking|broken?|work(?:s|ing)?[ -]?arounds?"
    r"|issues? with|fails?|failures?|(?:in)?compatib(?:le|ility))\b"
    r"|\b(?:issues|pull|pulls|merge_requests)/\d+|(?<![\w&])#\d+\b|[\w.-]#\d+\b|\bgh-\d+\b",
    re.IGNORECASE,
)
"""A reason, or a link to an issue: by its address, as `#12`, as `owner/repository#12` or as `gh-12`."""


def ignore(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """`# condabot: ignore`, or `# condabot: ignore until 2026-12-01`, which holds up to the day before (UTC).

    Or the configuration names the package.
    """
    if dependency.name in surroundings.ignored:
        return _ignored("`ignoreDeps` in the configuration names it")
    found = _IGNORE.search(dependency.comment[:_LONGEST])
    if found is None:
        return None
    if found["date"] is None:
        return _ignored("its comment says so")
    until = _day(found["date"])
    if until is None:
        return _ignored(f"its comment says until {quoted(found['date'])}, which is no date such as 2026-12-01")
    return _ignored(f"its comment says so until {until}") if surroundings.now.date() < until else None


def pin_comment(dependency: Dependency, _: Surroundings) -> Hold | None:
    """A comment that gives a reason for the version, which is quoted."""
    comment = _IGNORE.sub("", dependency.comment[:_LONGEST])
    if dependency.version in ("", "*") or not _REASON.search(comment):
        return None
    return Hold(rule=HoldRule.PIN_COMMENT, sentence=f"its comment says {quoted(comment)}", scope=HoldScope.RANGE)


def _ignored(sentence: str) -> Hold:
    return Hold(rule=HoldRule.IGNORE, sentence=sentence, scope=HoldScope.ALL)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
