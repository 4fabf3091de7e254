"""How people want to be asked about an update: plain data, which travels to where pull requests are made."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from bot.model.schedule import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What a pull request gets, whether it merges by itself, when it may be opened, and whether only once approved.

    `windows` are the hours in which it is opened; None where the repository's own count. Assignees and reviewers are
    logins; a reviewer may be a team (`team:NAME`).
    """

    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    windows: tuple[Window, ...] | None = None
    automerge: bool = False
    needs_approval: bool = False


def together(handlings: Iterable[Handling]) -> Handling:
    """Return how a pull request is handled in which all of that is.

    It gets what each of them gets, merges by itself only if each may, and waits for what one of them waits for; of
    several schedules the first counts.
    """
    every = tuple(handlings)
    return Handling(
        labels=_once(each.labels for each in every),
        assignees=_once(each.assignees for each in every),
        reviewers=_once(each.reviewers for each in every),
        windows=next((each.windows for each in every if each.windows is not None), None),
        automerge=bool(every) and all(each.automerge for each in every),
        needs_approval=any(each.needs_approval for each in every),
    )


def _once(texts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(texts)))
