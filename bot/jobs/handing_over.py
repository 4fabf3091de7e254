"""What the locks of the default branch hold, handed over to the operator's targets: only what is other than before.

A merge is noticed as every change is: a push to the default branch that touches a lock wants a scan, and a scan
compares what there is with what was taken last. What a target did not take is tried again after a while, twice as long
each time, up to a day; another lock is tried at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.errors import HandOverFailed, InspectionStopped
from bot.github.model import Oid, RepositoryReference
from bot.handover import Parcel, Targets
from bot.model.bundle import Bundle, HandedOver
from bot.store.wants import wait_after
from bot.updating.inspection import HANDED_OVER, Publishable

MOST_AT_ONCE: Final = 20
"""Bundles that one run hands over; the rest is for the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """How far every bundle is now, and what is said of it: what was `done`, and what was not, for `problems`."""

    state: Mapping[str, HandedOver]
    done: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Hands over to `targets` what `inspection` has of a repository at a commit, at the moment `now`."""

    targets: Targets
    inspection: Publishable
    repository: RepositoryReference
    commit: Oid
    now: datetime

    async def handed(self, bundles: Sequence[Bundle], before: Mapping[str, HandedOver], *, forgets: bool) -> Handed:
        """Hand over what of *bundles* is due; what is there no more is forgotten if it *forgets*."""
        keys = {each.key for each in bundles}
        state = {key: each if key in keys else left(each) for key, each in before.items() if key in keys or not forgets}
        due = [each for each in bundles if before.get(each.key, HandedOver()).is_due(each.digest, self.now)]
        done, problems = list[str](), list[str]()
        for number, each in enumerate(due[:MOST_AT_ONCE]):
            try:
                place = await self._sent(each)
            except InspectionStopped as error:
                for rest in due[number:MOST_AT_ONCE]:
                    state[rest.key] = failed(state.get(rest.key, HandedOver()), rest.digest, str(error), self.now)
                problems.append(f"not handed over: {error}")
                break
            except HandOverFailed as error:
                state[each.key] = failed(state.get(each.key, HandedOver()), each.digest, str(error), self.now)
                problems.append(f"not handed over to {error}")
            else:
                state[each.key] = HandedOver(digest=each.digest, at=self.now, place=place)
                done.append(f"handed over to {each.target}: {place}{_without(each)}")
        if more := due[MOST_AT_ONCE:]:
            state |= {each.key: replace(state.get(each.key, HandedOver()), next_try=self.now) for each in more}
            problems.append(f"{len(more)} more are handed over at the next look")
        return Handed(state=state, done=tuple(done), problems=tuple(problems))

    async def _sent(self, bundle: Bundle) -> str:
        files = {name: await self.inspection.text(HANDED_OVER, f"{bundle.key}/{name}") for name in bundle.files}
        parcel = Parcel(
            owner=self.repository.owner,
            repository=self.repository.name,
            commit=self.commit,
            name=bundle.name,
            digest=bundle.digest,
            files=files,
        )
        return await self.targets.hand_over[bundle.target](parcel)


def failed(before: HandedOver, digest: str, sentence: str, now: datetime) -> HandedOver:
    """Return how far a bundle is that was not taken, with *digest*, for the reason *sentence*."""
    failures = before.failures if before.digest == digest else 0
    return replace(
        before,
        digest=digest,
        failures=failures + 1,
        sentence=sentence,
        next_try=now + wait_after(failures),
    )


def left(before: HandedOver) -> HandedOver:
    """Return how far a bundle is that is not there now: nothing is to be tried until it is again."""
    return replace(before, digest="", next_try=None) if before.next_try else before


def next_try(state: Mapping[str, HandedOver]) -> datetime | None:
    """Return when something is to be tried again first."""
    return min((each.next_try for each in state.values() if each.next_try), default=None)


def _without(bundle: Bundle) -> str:
    return f" (it has no place for {', '.join(bundle.without)})" if bundle.without else ""
