"""How a repository stands before anything is wanted of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model.advisory import LockAdvisories
from bot.model.report import Problem
from bot.model.update import HeldBack
from bot.planning.baseline import Baseline, Place
from bot.planning.candidates import Candidate
from bot.planning.holds import Holds
from bot.planning.migration import Judged
from bot.planning.offers import Lookups
from bot.planning.outlook import Outlook
from bot.planning.search import Found
from bot.planning.security import Fix
from bot.updating.read import Reading
from bot.updating.survey.lock_refresh import LockState, lock_states
from bot.updating.survey.repair import Repair, repairs_alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How a repository stands, before anything is wanted of it.

    `outlooks` are those of conda packages; those of PyPI `packages`, and of what a `library` asks of its users, are by
    the places of their lines. `advisories` say where everything stands that is in use, None where nobody names any, and
    `fixes` would mend what is vulnerable, by the keys of pull requests. `not_judged` says why, of lines that no unit
    tells of. `repairs` are those of workspaces with pins that are gone, by path.
    """

    reading: Reading
    baselines: tuple[Baseline, ...]
    lookups: Lookups
    holds: Holds
    outlooks: tuple[Outlook, ...]
    packages: Mapping[Place, Outlook] = field(default_factory=dict)
    library: Mapping[Place, Outlook] = field(default_factory=dict)
    stale: tuple[Baseline, ...] = ()
    relocks: tuple[Found, ...] = ()
    corrections: tuple[Found, ...] = ()
    unconfirmed: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    migrations: tuple[Judged, ...] = ()
    refreshes: tuple[Found, ...] = ()
    fixes: Mapping[str, tuple[Fix, ...]] = field(default_factory=dict)
    advisories: LockAdvisories | None = None
    repairs: Mapping[str, Repair] = field(default_factory=dict)
    not_judged: Mapping[Place, str] = field(default_factory=dict)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Everything of environments that could move, conda packages first."""
        offered = (each.candidate for each in self.migrations if each.candidate)
        conda = (candidate for each in self.outlooks for candidate in each.candidates)
        return (*conda, *offered, *(candidate for each in _once(self.packages) for candidate in each.candidates))

    @property
    def library_candidates(self) -> tuple[Candidate, ...]:
        """What a library asks of its users and that could be widened."""
        return tuple(candidate for each in _once(self.library) for candidate in each.candidates)

    @property
    def minors(self) -> tuple[Candidate, ...]:
        """Newer minors of python, offered or not."""
        return tuple(minor.candidate for each in self.outlooks for minor in each.minors)

    @property
    def locks(self) -> tuple[Found, ...]:
        """Locks to bring in step, correct, repair and refresh.

        One that is refreshed is in step, and correct.
        """
        refreshed = {unit.workspace for each in self.refreshes for unit in each.solutions}
        others = (*self.relocks, *self.corrections)
        rest = (each for each in others if refreshed.isdisjoint(unit.workspace for unit in each.solutions))
        return (*rest, *repairs_alone(self.repairs, self.baselines), *self.refreshes)

    @property
    def not_now(self) -> tuple[HeldBack, ...]:
        """Newer releases that are not for now."""
        migrations = (each.held_back for each in self.migrations if each.held_back)
        return (*(held for each in self.outlooks for held in each.not_now), *migrations)

    @property
    def unjudged(self) -> tuple[Problem, ...]:
        """What nobody knows of newer minors of python."""
        return tuple(
            Problem(path=each.migration.workspace, sentence=each.migration.sentence)
            for each in self.migrations
            if each.not_judged
        )

    @property
    def not_without_solving(self) -> tuple[HeldBack, ...]:
        """Newer releases that PyPI packages are not moved to for now, or that a library is not widened for."""
        return tuple(held for each in (*_once(self.packages), *_once(self.library)) for held in each.not_now)

    @property
    def left_alone(self) -> tuple[HeldBack, ...]:
        """Newer releases that a hold keeps out."""
        return tuple(held for each in (*self.outlooks, *_once(self.packages)) for held in each.left_alone)

    @property
    def lock_states(self) -> tuple[LockState, ...]:
        """Every lock of which all units are judged as they are."""
        agreeing = [each for each in self.baselines if each.unit.workspace not in self.repairs]
        return lock_states(self.reading.workspaces, agreeing, self.stale, self.unconfirmed, self.reading.files)

    @property
    def all_baselines(self) -> tuple[Baseline, ...]:
        """The units as they stand, those of stale locks as well."""
        return (*self.baselines, *self.stale)


def _once(outlooks: Mapping[Place, Outlook]) -> Iterable[Outlook]:
    """Return each of *outlooks* once: one may be about several lines."""
    return {id(outlook): outlook for outlook in outlooks.values()}.values()
