"""What people remark on a versioned line: a comment behind it, or on lines of its own above it.

A comment that gives a reason for the version holds the line (`bot.planning.holds.comments`). Any other is respected by
giving the update a pull request of its own, in which the comment is quoted. Which comment above is about a line and
which is the heading of several is told by rules that docs/holds.md has for people.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from bot.manifests.platforms import looks_like_selector
from bot.model.manifest import CommentAbove, Dependency
from bot.model.update import SpecChange

LONGEST: Final = 1_000
_FIRST_WORDS: Final = 3

IGNORE: Final = re.compile(r"\bcondabot:[ \t]*ignore\b(?:[ \t]+until[ \t]+(?P<date>[^\s,;]+))?", re.IGNORECASE)
"""What is said to condabot: of no interest to people."""

_MOVE: Final = r"(?:updat|upgrad|bump|chang|mov|rais|touch|remov|lift)\w*"
_DONE_TO_THE_VERSION: Final = (
    r"\b(?:un)?pin(?:s|ned|ning)?\b",
    r"\b(?:h[oe]ld(?:s|ing)?|keep(?:s|ing)?|kept|cap(?:s|ped|ping)?|frozen|temporarily|hard[ -]?coded)\b",
    r"\b(?:upper[ -]?bound(?:s|ed)?|restricted|constrained|(?:locked|fixed) (?:to|at))\b",
    r"\b(?:stay(?:s|ing)? (?:on|with|at|below|under)|stick(?:s|ing)? (?:to|with))\b",
)
_COMES_FIRST: Final = (
    r"\b(?:until|till|wait(?:s|ing)? (?:for|on)|pending|as soon as)\b",
    r"\bnot (?:yet )?(?:ready|ported|supported|available)\b|\bno\b[^;]{1,60}\byet\b",
)
_WHAT_OTHERS_DO: Final = (
    r"\b(?:breaks?|breaking|broken?|work(?:s|ing)?[ -]?arounds?|fails?|failures?|crash(?:es|ed|ing)?|segfaults?)\b",
    r"\b(?:regression|buggy|bugs? (?:in|with|of)|errors? (?:in|with|on|since))\b",
    r"\b(?:issues?|problems?|trouble) (?:with|in)\b",
    r"\b(?:conflicts?|avoids?|unsafe|(?:in)?compatib(?:le|ility)|abi)\b",
    r"\b(?:does not|doesn't|don't|won't) (?:support|work)\b|\bunsupported\b",
    r"\b(?:drops|dropped) support\b|\b(?:removed|dropped) in\b",
    r"\b(?:warnings?|errors?|debug|fix|todo)\b[^;]{0,60}\b(?:newer|later|higher) (?:versions?|releases?)\b",
    r"(?<!for )(?<!with )(?<!in )(?<!of )(?<!support )\b(?:newer|later|higher) (?:versions?|releases?)\b",
)
_WHICH_IT_HAS_TO_BE: Final = (
    r"\btoo (?:new|old|recent)\b|\boldest\b|\bminimum (?:supported )?versions?\b|\blast (?:version|release)\b",
    r"\b(?:this|that|exact|exactly|specific|same) versions?\b|\bin sync\b",
    r"\b(?:must|should|has to|have to|needs? to|to) match\b|\bmatch(?:es|ing)? (?:the )?versions?\b",
)
_WHO_MOVES_IT: Final = (
    rf"\b(?:can't|can ?not|do not|don't|never|must not|should not|shouldn't) (?:be )?(?:yet )?{_MOVE}",
    r"\b(?:if|when) (?:you )?(?:chang|updat|upgrad|bump)ing\b",
    rf"\b(?:manually|by hand) {_MOVE}|\b{_MOVE} (?:manually|by hand)\b",
)
_ISSUE: Final = (r"\b(?:issues|pull|pulls|merge_requests)/\d+", r"(?<![\w&])#\d+\b", r"[\w.-]#\d+\b", r"\bgh-\d+\b")
"""A link to an issue: by its address, as `#12`, as `owner/repository#12` or as `gh-12`."""

_REASON: Final = re.compile(
    "|".join(
        (*_DONE_TO_THE_VERSION, *_COMES_FIRST, *_WHAT_OTHERS_DO, *_WHICH_IT_HAS_TO_BE, *_WHO_MOVES_IT, *_ISSUE),
    ),
    re.IGNORECASE,
)
"""A word, or a link to an issue, by which a comment says why a version is what it is."""

_NO_REASON: Final = re.compile(
    r"\bkeep\w*(?: \w+){0,4}? (?:sort|alphabetic|order|short|small|tidy|up[ -]to[ -]date|minimal)\w*"
    r"|\b(?:not|don't|never) (?:be )?pin\w*|\bunpinned\b",
    re.IGNORECASE,
)
"""The same words about the list, or about a version that is free."""

_ABOUT_ALL: Final = re.compile(
    r"\b(?:these|those|both|all of them|the following|pins|match(?:es|ing)? (?:the )?versions"
    r"|pinned (?:dependencies|packages|versions|requirements))\b",
    re.IGNORECASE,
)
_GROUP: Final = re.compile(
    r"\b(?:dependencies|deps|packages|tools|libraries|requirements|extras|utilities|plugins)\b", re.IGNORECASE
)
_ABOUT_A_LINE: Final = re.compile(
    r"(?:for|from|to|used|needs?|needed|requires?|required|only|see|not|no|we|optional dep)\b", re.IGNORECASE
)
_WORDS: Final = re.compile(r"[\w+.-]*\w[\w+.-]*")
_CURLY: Final = str.maketrans("\u2019", "'")


def for_people(comment: str) -> str:
    """Return what *comment* says to people, cut; nothing of a selector (`[linux]`)."""
    text = IGNORE.sub("", comment[:LONGEST]).strip()
    is_selector = text.startswith("[") and text.endswith("]") and looks_like_selector(text[1:-1])
    return "" if is_selector else text


def gives_reason(comment: str) -> bool:
    """Tell whether *comment* says why a version is what it is."""
    return _REASON.search(_NO_REASON.sub(" ", for_people(comment).translate(_CURLY))) is not None


def reason_above(dependency: Dependency) -> str:
    """Return the comment above if it gives a reason for this line: for the first below it, or for all if it says so."""
    above = dependency.comment_above
    if above is None or not gives_reason(above.text):
        return ""
    return for_people(above.text) if above.position == 0 or _ABOUT_ALL.search(for_people(above.text)) else ""


def remark_on(dependency: Dependency) -> str:
    """Return what people remark on a line with a version, the comment above before the one behind; empty if nothing."""
    return "; ".join(filter(None, _remarks(dependency))) if dependency.version not in ("", "*") else ""


def carries_a_remark(changes: Iterable[SpecChange]) -> bool:
    """Tell whether an update gets a pull request of its own because a line that it changes carries a comment."""
    return any(change.comment for change in changes)


def _remarks(dependency: Dependency) -> Iterator[str]:
    above = dependency.comment_above
    if above is not None and (reason_above(dependency) or _is_about_the_line(above, dependency.name)):
        yield for_people(above.text)
    yield for_people(dependency.comment)


def _is_about_the_line(above: CommentAbove, name: str) -> bool:
    """Tell a comment that is about the line right below it from the heading of a group.

    It says more than a heading, and stands over that line alone or has the package among its first words.
    """
    text = for_people(above.text)
    words = _WORDS.findall(text.lower())
    is_alone = above.items == 1
    says_more = len(words) > _FIRST_WORDS or (is_alone and _ABOUT_A_LINE.match(text) is not None)
    if above.position > 0 or not says_more or _GROUP.search(text):
        return False
    return is_alone or name in words[:_FIRST_WORDS]
