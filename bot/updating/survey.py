"""How a repository stands before anything is wanted of it, and what a scan wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.report import Problem
from bot.model.update import BranchPlan, HeldBack
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate, Lookups, Outlook
from bot.planning.groups import Wanted
from bot.planning.holds import Holds
from bot.planning.migration import Judged
from bot.planning.promises import Promise
from bot.planning.pypi import PypiCandidate
from bot.planning.search import Found
from bot.updating.maintaining import LockStanding, lock_standings
from bot.updating.pypi import PypiSurvey
from bot.updating.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a scan wants: groups of conda packages, locked PyPI packages by the key of their pull request, and plans.

    The plans need no solution.
    """

    conda: tuple[Wanted, ...] = ()
    locked: Mapping[str, tuple[PypiCandidate, ...]] = field(default_factory=dict)
    plans: tuple[BranchPlan, ...] = ()
    promises: tuple[BranchPlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How a repository stands, before anything is wanted of it."""

    reading: Reading
    baselines: tuple[Baseline, ...]
    lookups: Lookups
    holds: Holds
    outlooks: tuple[Outlook, ...]
    pypi: PypiSurvey
    stale: tuple[Baseline, ...]
    relocks: tuple[Found, ...]
    problems: tuple[Problem, ...]
    promises: tuple[Promise, ...] = ()
    migrations: tuple[Judged, ...] = ()
    refreshes: tuple[Found, ...] = ()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Everything that could move."""
        offered = (each.candidate for each in self.migrations if each.candidate)
        return (*(candidate for each in self.outlooks for candidate in each.candidates), *offered)

    @property
    def minors(self) -> tuple[Candidate, ...]:
        """Newer minors of python, offered or not."""
        return tuple(minor.candidate for each in self.outlooks for minor in each.minors)

    @property
    def locks(self) -> tuple[Found, ...]:
        """Locks to bring in step, and those to refresh; one that is refreshed is in step."""
        refreshed = {unit.workspace for each in self.refreshes for unit in each.solutions}
        relocks = (each for each in self.relocks if refreshed.isdisjoint(unit.workspace for unit in each.solutions))
        return (*relocks, *self.refreshes)

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
    def kept_back(self) -> tuple[HeldBack, ...]:
        """Newer releases that what a library asks for is not widened for."""
        return tuple(each.held_back for each in self.promises if each.held_back)

    @property
    def left_alone(self) -> tuple[HeldBack, ...]:
        """Newer releases that a hold keeps out."""
        return tuple(held for each in self.outlooks for held in each.left_alone)

    def standings(self, files: Mapping[str, bytes]) -> tuple[LockStanding, ...]:
        """Return how the locks stand, whose texts are in *files*."""
        return lock_standings(self.reading.workspaces, self.baselines, self.stale, files)
