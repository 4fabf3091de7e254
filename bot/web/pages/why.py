"""Why a repository got nothing, or what it waits for: sentences, what weighs most first (pure)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.github.permissions import WRITE
from bot.store.halts import Halt
from bot.store.overview import RepositoryOverview
from bot.store.proposals import FAILURES_BEFORE_REST
from bot.store.runs import RunState

UNINVITED = "waits to be asked"
WHETHER = "whether condabot may begin"
"""How the outcome of a scan begins that left a repository alone since nobody asked for it."""

HELD = (
    "held back ",
    "left alone ",
    "not done: ",
    "nothing is proposed: ",
    "not written, ",
    "waits: ",
    "rests after ",
    "hands off ",
)
"""How outcomes begin that say why there is not more."""


ADVISED = ("advisories: ", "not affected: ")
"""How outcomes begin that say where packages stand towards advisories."""


def reasons(seen: RepositoryOverview, halts: Sequence[Halt], now: datetime) -> tuple[str, ...]:
    """Return what stands between the repository and a pull request, as far as is known."""
    return (*_stopped(seen, halts), *_last_run(seen), *_waiting(seen, now), *_resting(seen))


def held(seen: RepositoryOverview) -> tuple[str, ...]:
    """Return what the last scan held back, and why."""
    return tuple(line for line in (seen.scan.outcomes if seen.scan else ()) if line.startswith(HELD))


def advisories(seen: RepositoryOverview) -> tuple[str, ...]:
    """Return what the last scan found of advisories."""
    return tuple(line for line in (seen.scan.outcomes if seen.scan else ()) if line.startswith(ADVISED))


def _stopped(seen: RepositoryOverview, halts: Sequence[Halt]) -> Iterable[str]:
    account, repository = seen.installation, seen.repository
    for halt in halts:
        yield f"Nothing is written anywhere since {halt.at:%Y-%m-%d %H:%M} UTC: {halt.sentence}."
    if account.suspended:
        yield "The owner of the account has suspended the App."
    if account.paused:
        yield "The operator has paused this account."
    if repository.paused:
        yield "This repository is paused."
    if not repository.ticked and (repository.archived or repository.fork):
        kind = "archived" if repository.archived else "a fork or a template"
        yield f"The repository is {kind}; it is left alone until somebody asks for it."
    if missing := _missing(seen):
        yield f"The App lacks permissions here: {missing}. An owner of the account can accept them on GitHub."


def _missing(seen: RepositoryOverview) -> str:
    granted = seen.installation.permissions
    if granted is None:
        return ""
    lacking = (f"{name} ({level})" for name, level in WRITE.items() if granted.get(name) not in {level, "write"})
    return ", ".join(sorted(lacking))


def _last_run(seen: RepositoryOverview) -> Iterable[str]:
    last = seen.scan
    if last is None:
        if not seen.runs:
            yield "Nobody has looked at it yet."
        return
    if any(line.startswith(UNINVITED) for line in last.outcomes):
        yield "The App is on all repositories of the account, and nobody asked for this one: tick it, or configure it."
    yield from (f"{line[:1].upper()}{line[1:]}." for line in last.outcomes if WHETHER in line)
    if last.state is RunState.FAILED:
        yield f"The last run failed: {'; '.join(last.outcomes) or 'it does not say why'}."
    elif last.state is RunState.POSTPONED:
        yield f"The last run did not get through: {'; '.join(last.outcomes) or 'it does not say why'}."
    elif last.state is RunState.ABANDONED:
        yield "The worker of the last run died."


def _waiting(seen: RepositoryOverview, now: datetime) -> Iterable[str]:
    repository = seen.repository
    if any(each.state is RunState.RUNNING for each in seen.runs):
        yield "It is being looked at now."
    if repository.failures > 1:
        yield f"{repository.failures} runs in a row failed."
    if repository.wanted is None:
        return
    due = max(filter(None, (repository.wanted, repository.next_try)))
    if due > now:
        yield f"It is to be looked at again at {due:%Y-%m-%d %H:%M} UTC: {repository.reason}."
    else:
        yield f"It waits for its turn since {due:%Y-%m-%d %H:%M} UTC: {repository.reason}."


def _resting(seen: RepositoryOverview) -> Iterable[str]:
    resting = [each for each in seen.proposals if each.failures >= FAILURES_BEFORE_REST]
    if resting:
        count = "One proposal rests" if len(resting) == 1 else f"{len(resting)} proposals rest"
        yield f"{count} after {FAILURES_BEFORE_REST} failures, until something changes or somebody asks."
