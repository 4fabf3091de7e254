"""Pull requests that merge by themselves: what is done for it next, decided on facts, and done.

GitHub merges where the repository lets it, through the merge queue where there is one; else the bot does, once all
required checks are green. It approves nothing and gets around nothing: who may not merge is told so by GitHub. What
somebody took back, out of the queue or by hand, is not asked for again before there is another commit.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from bot.errors import GitHubError
from bot.github import merging, pulls
from bot.github.client import Client
from bot.github.merging import Mergeable, MergeState, MergeWords, Method
from bot.github.model import BotIdentity, PullRequest
from bot.github.ours import Marker, read_marker, with_marker
from bot.github.permissions import CHECKED, HAVE_MERGED, MERGE, READ, Permissions
from bot.jobs.decide import Action, Decision, SeenRepository

OpenClient: TypeAlias = Callable[[Permissions], AbstractAsyncContextManager[Client]]
"""Gives a client for one repository."""

SETTLED: Final = timedelta(minutes=30)
"""Where nothing is required, checks that have not begun by then are not waited for."""

READY: Final = frozenset({Mergeable.CLEAN, Mergeable.HAS_HOOKS})
UNLIKELY: Final = frozenset({Mergeable.DIRTY, Mergeable.DRAFT, Mergeable.UNSTABLE})
QUEUED: Final = "the merge queue has it"
ARMED: Final = "GitHub merges it once what its branch requires is there"
WAITS: Final = {
    Mergeable.BEHIND: "it is behind its base",
    Mergeable.BLOCKED: "what its branch requires: checks that are green, or an approval",
    Mergeable.DIRTY: "it conflicts with its base",
    Mergeable.DRAFT: "it is a draft",
    Mergeable.UNKNOWN: "GitHub has not looked yet whether it can be merged",
    Mergeable.UNSTABLE: "a check is not green",
}


class Step(StrEnum):
    """What is done next so that a pull request merges."""

    ARM = "arm"
    ENQUEUE = "enqueue"
    MERGE = "merge"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A step, by which method, and for what the merge waits: empty if for nothing."""

    step: Step
    method: Method = Method.SQUASH
    waits_for: str = ""


def next_step(state: MergeState, *, strategy: str, was_asked: bool, is_settled: bool) -> Next:
    """Return what is done for a pull request that is to merge by itself.

    *strategy* is the repository's, in the words of docs/configuration.md. It *was_asked* for already for the very same
    commit. It *is_settled* where it is as old as `SETTLED`.
    """
    method = _method(state, strategy)
    if sentence := _underway(state, was_asked=was_asked):
        return _waits(sentence)
    if method is None:
        return _waits(f"the repository does not allow `automergeStrategy: {strategy}`")
    if state.mergeable in READY or (state.mergeable is Mergeable.UNSTABLE and state.checks):
        return _now(state, method, is_settled=is_settled)
    may_wait = state.automatic and (state.checks or state.has_queue) and state.mergeable not in UNLIKELY
    return Next(step=Step.ARM, method=method, waits_for=ARMED) if may_wait else _waits(WAITS[state.mergeable])


def _underway(state: MergeState, *, was_asked: bool) -> str:
    """Return what became of it already, as the end of a sentence; empty if nothing was asked for."""
    if state.queued:
        return QUEUED
    if state.armed_by is not None:
        return ARMED
    return "somebody took back that it merges by itself" if was_asked else ""


def _now(state: MergeState, method: Method, *, is_settled: bool) -> Next:
    """Return what is done for one that GitHub would merge now."""
    if not state.checks and not is_settled:
        return _waits("checks that are not required may still begin")
    return Next(step=Step.ENQUEUE if state.has_queue else Step.MERGE, method=method)


def _waits(sentence: str) -> Next:
    return Next(step=Step.WAIT, waits_for=sentence)


def _method(state: MergeState, strategy: str) -> Method | None:
    """Return how it is merged: as is wished, or as the repository allows first; a queue has a method of its own."""
    wished = {"merge-commit": Method.MERGE, "rebase": Method.REBASE, "squash": Method.SQUASH}.get(strategy)
    allowed = state.methods or ((Method.MERGE,) if state.has_queue else ())
    if wished is None or state.has_queue:
        return next(iter(allowed), None)
    return wished if wished in allowed else None


def is_to_merge(decision: Decision, bot: BotIdentity) -> bool:
    """Tell whether there may be something to do so that *decision* merges by itself, or does not any more."""
    pull = decision.pull
    if decision.why_not_merged:
        return pull is not None and pull.armed_by == bot.user_id
    return decision.action is not Action.DECLINED and not (pull and is_underway(pull))


def is_underway(pull: PullRequest) -> bool:
    """Tell whether GitHub merges *pull* without more ado."""
    return pull.armed or pull.queued


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is done next for pull request of `decision`, which is in `state`; `marker` is the one that it has."""

    decision: Decision
    state: MergeState
    marker: Marker
    next: Next

    @property
    def title(self) -> str:
        """What it is called by in a line."""
        return f"#{self.state.number}: {self.decision.draft.title}"

    @property
    def sentence(self) -> str:
        """What there is to say of it once the step is done."""
        if self.next.step is Step.MERGE:
            return f"merged {self.title}"
        return f"merges by itself {self.title}: {self.next.waits_for or QUEUED}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """Does what is next for pull requests into the branch `base`, by `strategy`, at the moment `now`.

    `client` gives one for the repository; it is asked to write only where there is something to write.
    """

    client: OpenClient
    repository: SeenRepository
    base: str
    strategy: str
    now: datetime

    async def go_on(self, numbered: Iterable[tuple[Decision, int]]) -> tuple[str, ...]:
        """Do what is next for each decision with the number of its pull request; return what there is to say of them.

        What GitHub refuses is told, and tried again with the next scan.
        """
        every = tuple(numbered)
        lines = [
            await self._told(decision, self._take_back(decision)) for decision, _ in every if decision.why_not_merged
        ]
        for decision, number in every:
            if not decision.why_not_merged:
                lines.append(await self._told(decision, self._merge(decision, number)))
        return tuple(filter(None, lines))

    async def _told(self, decision: Decision, doing: Awaitable[str]) -> str:
        try:
            return await doing
        except GitHubError as error:
            return f"does not merge by itself yet: {decision.draft.title}: {error}"

    async def _merge(self, decision: Decision, number: int) -> str:
        """Do what is next; return what there is to say, empty if the pull request is not as the bot made it."""
        async with self.client(READ) as client:
            state = await merging.merge_state(client, number, self.base)
        marker = self._marker(decision, state)
        if marker is None or marker.commit != state.head:
            return ""
        planned = Planned(decision=decision, state=state, marker=marker, next=await self._next(decision, state, marker))
        if planned.next.step is not Step.WAIT:
            async with self.client(MERGE if planned.next.step is Step.MERGE else HAVE_MERGED) as client:
                await self._done(client, planned)
        return planned.sentence

    async def _next(self, decision: Decision, state: MergeState, marker: Marker) -> Next:
        found = next_step(
            state,
            strategy=self.strategy,
            was_asked=marker.asked == state.head,
            is_settled=self._is_settled(decision, state),
        )
        if found.step in {Step.MERGE, Step.ENQUEUE} and not state.checks and not await self._is_tested(state):
            return _waits("no check has reported but condabot's own")
        return found

    async def _is_tested(self, state: MergeState) -> bool:
        async with self.client(CHECKED) as client:
            return await merging.others_report(client, state.head)

    async def _done(self, client: Client, planned: Planned) -> None:
        state, draft = planned.state, planned.decision.draft
        words = MergeWords(headline=f"{draft.title} (#{state.number})", body=draft.message)
        match planned.next.step:
            case Step.ARM:
                await merging.arm(client, state, planned.next.method, words)
            case Step.ENQUEUE:
                await merging.enqueue(client, state)
            case Step.MERGE:
                await merging.merge(client, state, planned.next.method, words)
        if planned.next.step is not Step.MERGE:
            await self._noted(client, planned)

    async def _noted(self, client: Client, planned: Planned) -> None:
        """Note in the marker that it was asked for: whoever takes it back after that is not asked again."""
        state, place = planned.state, self.repository.place(planned.decision.name)
        marker = replace(planned.marker, asked=state.head)
        await pulls.say_in_body(client, state.number, with_marker(state.body, marker, place, self.repository.keys))

    async def _take_back(self, decision: Decision) -> str:
        """Have GitHub not merge what it was to merge: somebody pushed to it, or it must not by itself any more."""
        if decision.pull is None:
            return ""
        async with self.client(HAVE_MERGED) as client:
            await merging.disarm(client, decision.pull.node_id)
        title = f"#{decision.pull.number}: {decision.draft.title}"
        return f"does not merge by itself any more {title}: {decision.why_not_merged}"

    def _marker(self, decision: Decision, state: MergeState) -> Marker | None:
        return read_marker(state.body, self.repository.place(decision.name), self.repository.keys)

    def _is_settled(self, decision: Decision, state: MergeState) -> bool:
        head = decision.branch.head if decision.branch else None
        return head is not None and head.oid == state.head and self.now - head.committed_at >= SETTLED
