"""Whose turn it is among wishes: what nobody would open now is not solved for either (pure)."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.model.manifest import PackageName
from bot.model.update import BranchPlan
from bot.planning.candidates import Candidate
from bot.planning.groups import Wanted
from bot.planning.search import Found
from bot.rendering.sizes import counted
from bot.updating.wish import Wishes

NEVER = datetime.max.replace(tzinfo=UTC)
NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where pull requests may be: `taken` by those that are open, by key, and `free` for so many more.

    None is any number.
    """

    free: int | None = None
    taken: AbstractSet[str] = frozenset()


ANYWHERE = Places()
"""Everything has its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Wishes in their order: those whose places are `taken`, and the keys of the others, the most useful first."""

    wishes: Wishes
    taken: AbstractSet[str]
    others: tuple[str, ...]

    def of(self, keys: AbstractSet[str]) -> Wishes:
        """Return the wishes with *keys*, and what libraries ask of the same packages."""
        wanted = tuple(each for each in self.wishes.wanted if each.key in keys)
        packages = tuple(each for each in self.wishes.packages if each.key in keys)
        names = {name for each in wanted for name in _names(each)} | {
            name for each in packages for name in _moved(each)
        }
        library = tuple(each for each in self.wishes.library if each.key in keys or not names.isdisjoint(_moved(each)))
        return replace(self.wishes, wanted=wanted, packages=packages, library=library)

    def words(self, key: str) -> str:
        """Return in a few words what the wish with *key* is for: nobody knows yet how far it gets."""
        wanted = [candidate for each in self.wishes.wanted if each.key == key for candidate in _all(each)]
        moves = [f"{each.name} {each.wanted.version}" for each in wanted]
        plans = [each for each in (*self.wishes.packages, *self.wishes.library) if each.key == key]
        moves += [f"{update.name} {update.target.version}" for plan in plans for update in plan.updates]
        shown = list(dict.fromkeys(moves))
        rest = [counted(len(shown) - NAMED, "other package")] if len(shown) > NAMED else []
        return ", ".join([*shown[:NAMED], *rest])


def turns(wishes: Wishes, places: Places) -> Turns:
    """Return *wishes* in their order."""
    oldest: dict[str, datetime] = {}
    for key, built in _ages(wishes):
        oldest[key] = min(oldest.get(key, NEVER), built or NEVER)
    keys = sorted(oldest, key=lambda key: (oldest[key], key))
    taken = frozenset(keys) if places.free is None else places.taken & frozenset(keys)
    return Turns(wishes=wishes, taken=taken, others=tuple(key for key in keys if key not in taken))


def opened_by(found: Iterable[Found], taken: AbstractSet[str]) -> int:
    """Return how many of the places that are free those of *found* would take that move anything."""
    return sum(each.plan.key not in taken and bool(each.plan.updates) for each in found)


def _ages(wishes: Wishes) -> Iterable[tuple[str, datetime | None]]:
    for wanted in wishes.wanted:
        yield from ((wanted.key, each.wanted.built) for each in _all(wanted))
    for plan in (*wishes.packages, *wishes.library):
        yield from ((plan.key, each.target.built) for each in plan.updates)


def _all(wanted: Wanted) -> tuple[Candidate, ...]:
    return (*wanted.candidates, *wanted.packages)


def _names(wanted: Wanted) -> frozenset[PackageName]:
    return frozenset(each.name for each in _all(wanted))


def _moved(plan: BranchPlan) -> frozenset[PackageName]:
    return frozenset(each.name for each in plan.updates)
