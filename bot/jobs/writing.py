"""What a scan writes to GitHub: one proposal after the other, each by itself, so that one that fails harms no other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.errors import CondabotError, GitHubError, GitHubUnavailable, LockRejected, RefMoved
from bot.github.client import Client
from bot.github.model import BotIdentity, PullRequest, PullRequestState
from bot.github.overview import pulls_of_branch
from bot.github.pulls import withdraw
from bot.jobs.calm import Situation, Waiting, chosen
from bot.jobs.decide import Action, Decision, SeenRepository, decide, no_longer_wanted, was_declined
from bot.jobs.merging import ARMED, SETTLED, is_to_merge, is_underway
from bot.jobs.publish import Publisher
from bot.jobs.report import RunReport
from bot.model.pull_request import ShownPull
from bot.model.report import Unsolved
from bot.store.proposals import FAILURES_BEFORE_REST, FailedProposal
from bot.updating.inspection import Inspected

AUTO = "auto"
BEHIND = "behind-base-branch"
STANDS = frozenset({Action.KEEP, Action.HANDS_OFF})
"""What is done with a pull request that is not written."""

GONE = "What this proposed is no longer needed: a file changed, or a newer pull request replaces it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be done for a repository, and what waits: what is `unsolved` was not even solved for.

    `opens_at` is when its schedule opens for what waits, if it is shut. `resting` says why proposals are not tried, by
    their keys. Pull requests that `stand` are open and stay so.
    """

    decisions: tuple[Decision, ...]
    to_publish: tuple[Decision, ...]
    to_withdraw: tuple[PullRequest, ...]
    waiting: tuple[Waiting, ...]
    unsolved: tuple[Unsolved, ...]
    opens_at: datetime | None
    why_not_more: str
    resting: Mapping[str, str]
    to_merge: tuple[Decision, ...] = ()
    stand: tuple[PullRequest, ...] = ()

    def held_lines(self, sentence: str) -> Iterable[str]:
        """Say of each proposal what would be written, and why it is not."""
        for decision in self.to_publish:
            yield f"not written, since {sentence}: would {decision.action} {decision.draft.title}"
        for pull in self.to_withdraw:
            yield f"not written, since {sentence}: would withdraw #{pull.number}: {pull.title}"

    @property
    def merging(self) -> Iterable[str]:
        """What is said of pull requests that are asked to merge by themselves, and need nothing more for it."""
        for decision in self.decisions:
            if decision.action is not Action.KEEP or decision.pull is None or not decision.draft.handling.automerge:
                continue
            title = f"#{decision.pull.number}: {decision.pull.title}"
            if decision.why_not_merged:
                yield f"does not merge by itself {title}: {decision.why_not_merged}"
            elif is_underway(decision.pull):
                yield f"merges by itself {title}: {ARMED}"

    @property
    def kept(self) -> Iterable[str]:
        """What is said of pull requests that are as they should be."""
        for decision in self.decisions:
            if decision.action is Action.KEEP and decision.pull:
                yield f"#{decision.pull.number}: {decision.pull.title}"

    @property
    def lines(self) -> Iterable[str]:
        """What is said of what waits, rests, or is a person's by now."""
        yield from filter(None, map(self._why_untouched, self.decisions))
        yield from (f"waits: {each.words}" for each in self.waiting)
        yield from (f"waits: {self.words_of(wish)}" for wish in self.unsolved)

    @property
    def lines_of_unopened(self) -> Iterable[str]:
        """The same, of what no pull request is open for."""
        yield from self.untouched_unopened
        yield from (f"waits: {each.words}" for each in self.waiting if each.decision.pull is None)
        yield from (f"waits: {self.words_of(wish)}" for wish in self.unsolved)

    def open_lines(self, written: Iterable[str]) -> tuple[str, ...]:
        """Return a line for each pull request that is open once what is *written* is, and what keeps it as it is."""
        notes = dict(self._notes)
        lines = {f"#{each.number}": f"#{each.number}: {each.title}{notes.get(each.number, '')}" for each in self.stand}
        lines |= {line.partition(":")[0]: line for line in written}
        return tuple(lines[number] for number in sorted(lines, key=lambda each: (len(each), each)))

    @property
    def _notes(self) -> Iterable[tuple[int, str]]:
        for each in self.waiting:
            if each.decision.pull:
                yield each.decision.pull.number, f" (not made afresh now: {each.sentence})"
        for decision in self.decisions:
            if decision.pull and (why := self._why_untouched(decision)):
                yield decision.pull.number, f" ({why})"

    def words_of(self, wish: Unsolved) -> str:
        """Return what is said of a *wish* that waits: nobody knows yet whether it can be had."""
        return f"{wish.words}, as far as it solves: {self.why_unsolved}"

    @property
    def why_unsolved(self) -> str:
        """For what the rest waits, that was not solved for."""
        return self.why_not_more or "the others come first"

    @property
    def untouched_unopened(self) -> Iterable[str]:
        """What is said of what rests, or is a person's by now, and no pull request is open for."""
        yield from filter(None, (self._why_untouched(each) for each in self.decisions if each.pull is None))

    def _why_untouched(self, decision: Decision) -> str:
        if decision.action is Action.HANDS_OFF:
            how = "" if decision.pull else "; once that branch is deleted, it is proposed anew"
            return f"hands off {decision.name}: a person has committed to it{how}"
        sentence = self.resting.get(decision.draft.key)
        return f"rests after {FAILURES_BEFORE_REST} failures: {decision.draft.title}: {sentence}" if sentence else ""


@dataclass(slots=True)
class Written:
    """What was written so far: true also if what comes next fails. `open` has the pull requests that stand by it.

    `numbers` are theirs by the keys of what they propose. `merging` is what became of those that merge by themselves.
    """

    outcomes: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    pushed: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    failed: list[FailedProposal] = field(default_factory=list)
    pulls: list[ShownPull] = field(default_factory=list)
    merging: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    opened: int = 0
    rejected: str = ""

    def report(self, stopped: CondabotError | None = None, *, again_after: int | None = None) -> RunReport:
        """Return it as a report, which may say what *stopped* it and in how many seconds to go on."""
        ending = (f"not finished: {stopped}",) if stopped else ()
        return RunReport(
            outcomes=(*self.outcomes, *self.merging, *ending),
            merging=tuple(self.merging),
            open=tuple(self.open),
            opened=self.opened,
            pushed=tuple(self.pushed),
            published=tuple(self.published),
            failed=tuple(self.failed),
            again_after=again_after,
            rejected=self.rejected,
            pulls=tuple(self.pulls),
            complete=not (stopped or self.failed or self.rejected),
        )


def decided(situation: Situation, inspected: Inspected, resting: Mapping[str, str]) -> Work:
    """Decide on every proposal, and what of it is done now. What could not be judged is no reason to withdraw."""
    repository = situation.repository
    gone = no_longer_wanted(repository, inspected.drafts, inspected.unread) if inspected.complete else ()
    decisions = tuple(_wanted(decide(repository, draft), situation) for draft in inspected.drafts)
    writing = (each for each in decisions if each.action in {Action.OPEN, Action.REFRESH})
    parted = chosen((each for each in writing if each.draft.key not in resting), gone, situation)
    opened = sum(each.action is Action.OPEN for each in parted.now)
    enough = situation.why_not_push(situation.pushes + len(parted.now))
    return Work(
        decisions=decisions,
        to_publish=parted.now,
        to_withdraw=gone,
        stand=tuple(pull for pull, _ in repository.markers if pull.state is PullRequestState.OPEN and pull not in gone),
        to_merge=_to_merge(decisions, parted.now, repository.overview.bot),
        waiting=parted.later,
        unsolved=inspected.waiting,
        opens_at=situation.opens_at if parted.later or inspected.waiting else None,
        why_not_more=situation.why_not_open(situation.open_without(gone) + opened) or enough,
        resting=resting,
    )


def _to_merge(decisions: Iterable[Decision], written: Sequence[Decision], bot: BotIdentity) -> tuple[Decision, ...]:
    """Return those of *decisions* that may be a step further on their way to a merge, once *written* is."""
    stands = (each for each in decisions if each.action in STANDS or each in written)
    return tuple(each for each in stands if is_to_merge(each, bot))


def _wanted(decision: Decision, situation: Situation) -> Decision:
    """Return *decision* as people want it, who may have asked for it by name."""
    found = _afresh(decision, situation)
    return replace(found, asked=True) if found.draft.key in situation.asked else found


def _afresh(decision: Decision, situation: Situation) -> Decision:
    """Return *decision* as a repository wants it whose pull requests are never to be behind their base."""
    base, branch = situation.repository.base, decision.branch
    if decision.action is not Action.KEEP or branch is None or base is None:
        return decision
    is_behind = branch.head.parents != (base.head.oid,)
    must_not_be = decision.pull is not None and decision.pull.behind and situation.manners.rebase_when == AUTO
    wants = must_not_be or (is_behind and situation.manners.rebase_when == BEHIND)
    return replace(decision, action=Action.REFRESH) if wants else decision


async def write(publisher: Publisher, repository: SeenRepository, work: Work, written: Written) -> None:
    """Do what *work* says and tell *written* of each step; what GitHub refuses of one proposal stops no other.

    Raises:
        GitHubUnavailable: nothing more can be written now.
        InspectionStopped: what is to be written is not known any more.

    """
    for decision in work.to_publish:
        try:
            await _publish(publisher, repository, decision, written)
        except GitHubUnavailable:
            raise
        except LockRejected as error:
            written.rejected = str(error)
            written.outcomes.append(f"not written, since its lock was rejected: {error}")
            return
        except GitHubError as error:
            written.failed.append(FailedProposal(key=decision.draft.key, sentence=str(error)))
            written.outcomes.append(f"could not publish: {decision.draft.title}: {error}")
    for pull in work.to_withdraw:
        await _withdraw(publisher.client, pull, written)


def to_merge(work: Work, written: Written) -> Iterable[tuple[Decision, int]]:
    """Yield what may be a step further on its way to a merge, as far as it stands: with its number."""
    for decision in work.to_merge if not written.rejected else ():
        number = decision.pull.number if decision.action in STANDS and decision.pull else None
        number = written.numbers.get(decision.draft.key, number)
        if number is not None:
            yield decision, number


def again_at(work: Work, report: RunReport, now: datetime) -> datetime | None:
    """Return when there is more to do without anybody saying so: a schedule opens, checks had time to begin."""
    heads = (each.branch.head.committed_at for each in work.to_merge if each.action is Action.KEEP and each.branch)
    made = [*(each for each in heads if now - each < SETTLED), *([now] if report.published and work.to_merge else [])]
    return min(filter(None, (work.opens_at, *(each + SETTLED for each in made))), default=None)


async def _publish(publisher: Publisher, repository: SeenRepository, decision: Decision, written: Written) -> None:
    draft = decision.draft
    if await declined_before(publisher.client, repository, decision):
        written.outcomes.append(f"declined before: {draft.title}")
        return
    try:
        published = await publisher.publish(decision)
    except RefMoved as error:
        written.outcomes.append(f"hands off {decision.name}: {error}")
        return
    written.published.append(draft.key)
    written.numbers[draft.key] = published.number
    written.opened += decision.action is Action.OPEN
    done = "opened" if decision.action is Action.OPEN else "refreshed"
    written.open.append(f"#{published.number}: {draft.title}")
    written.outcomes += [f"{done} #{published.number}: {draft.title}", *published.notes]
    written.pulls.append(
        ShownPull(number=published.number, branch=decision.name, title=draft.title, body=published.body)
    )


async def declined_before(client: Client, repository: SeenRepository, decision: Decision) -> bool:
    """Tell whether somebody closed what *decision* proposes, perhaps long ago."""
    if decision.branch is not None:
        return False
    return was_declined(repository, await pulls_of_branch(client, decision.name), decision.draft)


async def _withdraw(client: Client, pull: PullRequest, written: Written) -> None:
    try:
        await withdraw(client, pull, comment=GONE)
    except GitHubUnavailable:
        raise
    except GitHubError as error:
        written.outcomes.append(f"could not withdraw #{pull.number}: {error}")
    else:
        written.outcomes.append(f"withdrew #{pull.number}: {pull.title}")
