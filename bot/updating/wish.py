"""The third step of a scan: what could move becomes wanted pull requests. Pure: it asks nobody."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.manifest import PackageName
from bot.model.update import BranchPlan
from bot.planning.candidates import Candidate
from bot.planning.groups import Declined, Wanted, at_once, group, only, plan_at_once, plans
from bot.planning.policy import Policy
from bot.updating.survey import Survey

EVERYTHING = "all"
"""The key of the one pull request in which everything moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a scan wants: what must be solved for, and plans that need no solution.

    `packages` are plans about PyPI packages that no lock holds, `library` about what a library asks of its users.
    `declined` are pull requests that people closed: nothing that repeats one is proposed. Where they `are_apart` each
    is a change by itself, else all of them are made at once.
    """

    wanted: tuple[Wanted, ...] = ()
    packages: tuple[BranchPlan, ...] = ()
    library: tuple[BranchPlan, ...] = ()
    declined: Declined
    are_apart: bool = True


def wish(survey: Survey, policy: Policy, declined: Declined) -> Wishes:
    """Return a wish for each pull request that *survey* gives reason for, but for what people *declined*."""
    return Wishes(
        wanted=group(survey.candidates, policy, declined),
        packages=plans(survey.candidates, policy, declined),
        library=plans(survey.library_candidates, policy, declined),
        declined=declined,
    )


def wish_everything(survey: Survey) -> Wishes:
    """Return the wish to move every package as far as it solves, in one pull request."""
    return _at_once(survey, survey.candidates, frozenset())


def wish_only(survey: Survey, names: Iterable[PackageName]) -> Wishes:
    """Return the wish to move *names* as far as they solve; who names python wants its newest minor as well."""
    return _at_once(survey, (*survey.candidates, *survey.minors), frozenset(names))


def nothing() -> Wishes:
    """Return the wish that nothing moves, but for locks that are to be brought in step or refreshed."""
    return Wishes(declined={})


def _at_once(survey: Survey, candidates: Iterable[Candidate], names: frozenset[PackageName]) -> Wishes:
    chosen = only(candidates, names)
    return Wishes(
        wanted=(at_once(chosen, EVERYTHING),),
        packages=(plan_at_once(chosen, EVERYTHING),),
        library=(plan_at_once(only(survey.library_candidates, names), EVERYTHING),),
        declined={},
        are_apart=False,
    )
