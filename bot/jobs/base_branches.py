"""Further branches that are kept up beside the default one, such as those of releases: each is scanned by itself.

What is proposed for one carries its name, in its branch and in its marker. How many pull requests are open, and how
often the bot pushes, counts for the repository as a whole.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.github.client import Client
from bot.github.model import Branch
from bot.github.overview import branches_below
from bot.jobs.bases import is_base, keyed
from bot.jobs.report import RunReport
from bot.model.report import Asked
from bot.rendering.repository_report import RepositoryReport

MOST: Final = 5
"""Further branches that are kept up; each is solved for."""

_LITERAL: Final = re.compile(r"[^*?\[\]{}/]*(?:/[^*?\[\]{}/]+)*/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseBranches:
    """The branches that are kept up, and what there is to say of the others that were meant."""

    branches: tuple[Branch, ...] = ()
    lines: tuple[str, ...] = ()


NO_OTHERS: Final = BaseBranches()


async def base_branches(client: Client, patterns: Sequence[str], default: str) -> BaseBranches:
    """Return the branches that *patterns* are about, but for the *default* one and for what merge queues make.

    They are listed by the beginnings that the patterns have; of each at most 100.
    """
    beginnings = dict.fromkeys(_beginning(each) for each in patterns if not each.startswith("!"))
    found: dict[str, Branch] = {}
    for beginning in _shortest(beginnings):
        found |= {each.name: each for each in await branches_below(client, beginning)}
    meant = [found[name] for name in sorted(found) if name != default and is_base(patterns, name)]
    rest = [each.name for each in meant[MOST:]]
    lines = (f"left alone {', '.join(rest)}: at most {MOST} branches are kept up beside {default}",) if rest else ()
    return BaseBranches(branches=tuple(meant[:MOST]), lines=lines)


def _beginning(pattern: str) -> str:
    """Return what every name begins with that *pattern* fits; nothing of an expression."""
    found = _LITERAL.match(pattern)
    return "" if pattern.startswith("/") or found is None else found[0]


def _shortest(beginnings: Iterable[str]) -> Sequence[str]:
    every = tuple(beginnings)
    return [each for each in every if not any(each != other and each.startswith(other) for other in every)]


def with_branch(first: RunReport, other: RunReport, into: str) -> RunReport:
    """Return *first*, the report of a repository, with *other*, which is of its branch *into*."""
    waits = [each for each in (first.again_after, other.again_after) if each is not None]
    return replace(
        first,
        outcomes=(*first.outcomes, *(f"{into}: {each}" for each in other.outcomes)),
        log=(*first.log, *(f"{into}: {each}" for each in other.log)),
        paths=tuple(dict.fromkeys((*first.paths, *other.paths))),
        open=(*first.open, *other.open),
        opened=first.opened + other.opened,
        pushed=(*first.pushed, *(keyed(into, each) for each in other.pushed)),
        published=(*first.published, *(keyed(into, each) for each in other.published)),
        failed=(*first.failed, *(replace(each, key=keyed(into, each.key)) for each in other.failed)),
        merging=(*first.merging, *other.merging),
        again_after=min(waits, default=None),
        again_at=min(filter(None, (first.again_at, other.again_at)), default=None),
        rejected=first.rejected or other.rejected,
        asked=_asked(first, other),
        held=tuple(dict.fromkeys((*first.held, *other.held))),
        pulls=(*first.pulls, *other.pulls),
        complete=first.complete and other.complete,
    )


def _asked(first: RunReport, other: RunReport) -> tuple[Asked, ...] | None:
    if first.asked is None and other.asked is None:
        return None
    return tuple(dict.fromkeys((*(first.asked or ()), *(other.asked or ()))))


def said_with_branch(first: RepositoryReport, other: RepositoryReport, into: str) -> RepositoryReport:
    """Return what there is to say of a repository together with what there is of its branch *into*."""
    return replace(
        first,
        open=tuple(sorted({*first.open, *other.open})),
        waits=(*first.waits, *(f"{into}: {each}" for each in other.waits)),
        else_=(*first.else_, *(f"{into}: {each}" for each in (*map(str, other.wrong), *other.else_))),
    )
