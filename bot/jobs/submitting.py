"""What the locks of the default branch hold, told to GitHub's dependency graph: only what is other than before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from bot.errors import GitHubError, GitHubUnavailable, InspectionStopped
from bot.github.client import Client
from bot.github.snapshots import Commit, submit
from bot.updating.inspection import SNAPSHOT, Publishable, Submission

MOST_AT_ONCE: Final = 30
"""Snapshots that one run submits; the rest is for the next."""

NOTHING: Final[Mapping[str, Any]] = {}
"""What is submitted of a place that is no more: GitHub forgets no snapshot by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The digests of what GitHub has, by key, and a line of what went wrong or waits, empty if nothing does."""

    digests: Mapping[str, str]
    sentence: str = ""


def due_snapshots(wanted: Iterable[Submission], before: Mapping[str, str], *, forgets: bool) -> tuple[Submission, ...]:
    """Return what of *wanted* is other than *before*; if it *forgets*, also what is no more, without a digest.

    A lock that could not be read is not gone.
    """
    now = {each.key: each for each in wanted}
    changed = tuple(each for key, each in now.items() if before.get(key) != each.digest)
    gone = sorted(before.keys() - now.keys()) if forgets else ()
    return (*changed, *(Submission(key=key, digest="") for key in gone))


async def submitted(
    client: Client,
    inspection: Publishable,
    due: Sequence[Submission],
    before: Mapping[str, str],
    commit: Commit,
    most: int | None = MOST_AT_ONCE,
) -> Submitted:
    """Submit what is *due*, of it so many as *most*; what was done stays done, and is told, whatever ends it."""
    digests = dict(before)
    for each in due[:most]:
        try:
            manifests = msgspec.json.decode(await inspection.text(SNAPSHOT, each.key)) if each.digest else NOTHING
            await submit(client, each.key, manifests, commit)
        except (GitHubError, GitHubUnavailable, InspectionStopped) as error:
            return Submitted(digests=digests, sentence=f"the dependency graph was not told of {each.key}: {error}")
        digests[each.key] = each.digest
        if not each.digest:
            del digests[each.key]
    more = 0 if most is None else len(due[most:])
    return Submitted(digests=digests, sentence=f"the dependency graph is told of {more} more later" if more else "")
