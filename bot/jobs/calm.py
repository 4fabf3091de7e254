"""Few pull requests at a time, and few pushes: what of the decided work is done now, and what waits (pure).

Opening waits for a place among the open ones, and for the repository's schedule; the first one of a repository waits
for no schedule, and what is wrong today for nothing. Pushing to what is open waits where it would cost a run of CI for
little: after a merge one sibling is made afresh, the others a day later or when somebody wants to merge them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.github.model import PullRequest, PullRequestState
from bot.jobs.decide import Action, Decision, SeenRepository
from bot.model.schedule import Schedule, parse_schedule
from bot.model.update import Purpose
from bot.updating.inspection import ONBOARDING, Manners

FIRST_WEEK = timedelta(days=7)
NEVER_AFRESH = "never"
UNTICKED = "it is opened once it is ticked in the dashboard"
STALE = timedelta(hours=24)
ON_MONDAYS = parse_schedule(("before 6am on monday",))
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """What is usual where a repository says nothing: pull requests open at once, at first and later; 0 is no limit.

    `pushes` are those in a week, from Monday on; 0 is no limit. With `onboarding` people are asked first whether the
    bot may begin.
    """

    limit: int = 2
    limit_at_first: int = 1
    schedule: Schedule = ON_MONDAYS
    pushes: int = 4
    onboarding: bool = True


AT_ONCE = Calm(limit=0, limit_at_first=0, schedule=Schedule(), pushes=0, onboarding=False)
"""Everything at any time: for a GitHub on this machine, where nobody is disturbed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Work that is not done now, and for what it waits."""

    decision: Decision
    sentence: str

    @property
    def words(self) -> str:
        """What is said of it."""
        return f"{self.decision.draft.title}: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The decided work in two parts."""

    now: tuple[Decision, ...]
    later: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A repository at a moment: when it was `pushed` to lately, how it wants to be spoken to, what is usual.

    So many pull requests were `opened` since it was seen. `asked` are the keys of what people asked for by name: that
    waits for nothing.
    """

    repository: SeenRepository
    now: datetime
    pushed: tuple[datetime, ...]
    manners: Manners
    calm: Calm
    opened: int = 0
    asked: frozenset[str] = frozenset()

    @property
    def ours(self) -> tuple[PullRequest, ...]:
        """The bot's own pull requests, in any state, but for the one that asks whether it may begin."""
        return tuple(pull for pull, marker in self.repository.every_marker if marker.key != ONBOARDING)

    @property
    def limit(self) -> int:
        """How many pull requests may be open; 0 is no limit."""
        if self.manners.limit is not None:
            return self.manners.limit
        began = min((pull.created_at for pull in self.ours), default=self.now)
        return self.calm.limit_at_first if self.now - began < FIRST_WEEK else self.calm.limit

    @property
    def open(self) -> int:
        """How many pull requests of the bot are open."""
        return self.open_without(())

    def open_without(self, gone: Sequence[PullRequest]) -> int:
        """Return how many are open once those that are *gone* are."""
        return self.opened + sum(pull.state is PullRequestState.OPEN and pull not in gone for pull in self.ours)

    @property
    def pushes(self) -> int:
        """How often was pushed since Monday: what was opened on one Monday is not in the way of the next."""
        monday = self.local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=self.local.weekday())
        return sum(each >= monday for each in self.pushed)

    @property
    def free(self) -> int | None:
        """How many more may be opened now, for all that is known before anything is solved; None is any number."""
        if self.why_not_open(self.open):
            return 0
        room = [self.limit - self.open] if self.limit else []
        return min([*room, *([self.calm.pushes - self.pushes] if self.calm.pushes else [])], default=None)

    def why_not_push(self, count: int) -> str:
        """Return for what another push waits while there were *count* in this week; empty if for nothing."""
        is_enough = self.calm.pushes and count >= self.calm.pushes
        return f"{count} pushes within a week are enough" if is_enough else ""

    def why_not_open(self, count: int) -> str:
        """Return for what another pull request waits while *count* are open; empty if for nothing."""
        if self.manners.needs_approval:
            return UNTICKED
        if self.limit and count >= self.limit:
            return f"{count} of at most {self.limit} pull requests are open"
        if (not self.ours and not count) or self.schedule.admits(self.local):
            return ""
        opens = self.schedule.next_open(self.local)
        return f"its turn is {opens:%A, %Y-%m-%d from %H:%M} {opens.tzname()}" if opens else "the schedule never opens"

    @property
    def opens_at(self) -> datetime | None:
        """When the schedule opens, if it is not open now; None if it is, or never is."""
        if self.schedule.admits(self.local):
            return None
        opens = self.schedule.next_open(self.local)
        return opens.astimezone(UTC) if opens else None

    @property
    def schedule(self) -> Schedule:
        """When pull requests may be opened."""
        return self.calm.schedule if self.manners.windows is None else Schedule(windows=self.manners.windows)

    @property
    def local(self) -> datetime:
        """The moment in the repository's own time zone."""
        return self.now.astimezone(ZoneInfo(self.manners.timezone) if self.manners.timezone else UTC)


def chosen(decisions: Iterable[Decision], gone: Sequence[PullRequest], situation: Situation) -> Chosen:
    """Return which of *decisions*, all of which write, are done now; *gone* are pull requests that are withdrawn."""
    refreshes = _Budget(situation)
    now: list[Decision] = []
    later: list[Waiting] = []
    for each in sorted(decisions, key=_turn):
        sentence = refreshes.why_not(each, gone)
        if sentence:
            later.append(Waiting(decision=each, sentence=sentence))
        else:
            now.append(each)
    return Chosen(now=tuple(now), later=tuple(later))


class _Budget:
    """What is left of what a repository can take, counted down as decisions are let through."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._pushed = situation.pushes
        self._opened = 0
        self._made_afresh = 0

    def why_not(self, decision: Decision, gone: Sequence[PullRequest]) -> str:
        """Return for what *decision* waits; if for nothing, count it."""
        is_awaited = decision.asked or (decision.draft.is_urgent and not _is_refresh(decision))
        sentence = self._unticked(decision) or ("" if is_awaited else self._sentence(decision, gone))
        if not sentence:
            self._pushed += 1
            self._opened += decision.action is Action.OPEN and not decision.draft.is_urgent
            self._made_afresh += _is_refresh(decision)
        return sentence

    def _unticked(self, decision: Decision) -> str:
        is_new = decision.action is Action.OPEN and not decision.asked
        return UNTICKED if is_new and decision.draft.handling.needs_approval else ""

    def _sentence(self, decision: Decision, gone: Sequence[PullRequest]) -> str:
        if enough := self._situation.why_not_push(self._pushed):
            return enough
        return self._refresh(decision) if _is_refresh(decision) else self._opening(decision, gone)

    def _opening(self, decision: Decision, gone: Sequence[PullRequest]) -> str:
        situation, windows = self._situation, decision.draft.handling.windows
        if windows is not None:
            situation = replace(situation, manners=replace(situation.manners, windows=windows))
        return situation.why_not_open(self._situation.open_without(gone) + self._opened)

    def _refresh(self, decision: Decision) -> str:
        pull, branch = decision.pull, decision.branch
        if pull is None or branch is None:
            return ""
        if pull.conflicted and self._situation.manners.rebase_when == NEVER_AFRESH and self._says_the_same(decision):
            return "it conflicts, and `rebaseWhen` is never"
        if not self._situation.calm.pushes:
            return ""
        if pull.queued or pull.approved:
            return "it is approved, and what it proposes can still be merged" if not pull.conflicted else ""
        is_fresh = self._situation.now - branch.head.committed_at < STALE
        if (pull.conflicted or pull.behind) and self._made_afresh and is_fresh and not pull.armed:
            return "another one is made afresh first; this one a day later"
        return ""

    def _says_the_same(self, decision: Decision) -> bool:
        """Tell whether a pull request proposes already what it would propose afresh."""
        marker = self._situation.repository.marker(decision.pull) if decision.pull else None
        return marker is not None and marker.digest == decision.draft.fingerprint


def _is_refresh(decision: Decision) -> bool:
    return decision.action is Action.REFRESH


def _turn(decision: Decision) -> tuple[bool, bool, bool, bool, int, datetime, str]:
    """Sort what is asked for and what is open before what is new; of that the most useful comes first.

    First what is vulnerable, then what mends, then what lets most others go on, then what waits for longest.
    """
    draft = decision.draft
    return (
        not decision.asked,
        not _is_refresh(decision),
        draft.purpose is not Purpose.SECURITY,
        not draft.is_urgent,
        -draft.unblocks,
        draft.since or NEVER,
        draft.key,
    )
