"""The third step of a scan: what could move becomes wanted pull requests. Pure: it asks nobody."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.model.manifest import PackageName
from bot.model.update import BranchPlan, HeldBack
from bot.planning.candidates import Candidate
from bot.planning.groups import Declined, Wanted, at_once, group, held_by_decline, only, plan_at_once, plans
from bot.planning.migration import with_what_moves
from bot.planning.policy import Policy
from bot.updating.survey import Survey
from bot.versioning.caps import is_lone_cap

LIFTED_ALONE = "its cap is a decision of its own: `condabot update --package {name}` lifts it"
EVERYTHING = "all"
"""The key of the one pull request in which everything moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a scan wants: what must be solved for, and plans that need no solution.

    `packages` are plans about PyPI packages that no lock holds, `library` about what a library asks of its users.
    `declined` are pull requests that people closed: nothing that repeats one is proposed. Where they `are_apart` each
    is a change by itself, else all of them are made at once. What is `left` is not wished for here.
    """

    wanted: tuple[Wanted, ...] = ()
    packages: tuple[BranchPlan, ...] = ()
    library: tuple[BranchPlan, ...] = ()
    declined: Declined
    are_apart: bool = True
    left: tuple[HeldBack, ...] = ()


def wish(survey: Survey, policy: Policy, declined: Declined) -> Wishes:
    """Return a wish for each pull request that *survey* gives reason for, but for what people *declined*."""
    return Wishes(
        wanted=group(survey.candidates, policy, declined),
        packages=plans(survey.candidates, policy, declined),
        library=plans(survey.library_candidates, policy, declined),
        declined=declined,
        left=held_by_decline((*survey.candidates, *survey.library_candidates), policy, declined),
    )


def with_all_minors(survey: Survey) -> Survey:
    """Return *survey* as it is where everything moves at once: a minor of python comes with the lines it waits for."""
    moving = [each for each in survey.candidates if not _lifts_bare_cap(each)]
    return replace(survey, migrations=with_what_moves(survey.migrations, moving))


def wish_everything(survey: Survey) -> Wishes:
    """Return the wish to move every package as far as it solves, in one pull request.

    No cap without a floor is lifted in passing; a range has a floor, and moves.
    """
    lifting = [each for each in survey.candidates if _lifts_bare_cap(each)]
    left = tuple(each.held_back(LIFTED_ALONE.format(name=each.name)) for each in lifting)
    others = [each for each in survey.candidates if each not in lifting]
    return replace(_at_once(survey, others, frozenset()), left=left)


def _lifts_bare_cap(candidate: Candidate) -> bool:
    changes = candidate.changes_to(candidate.wanted)
    return any(each.lifts_cap and is_lone_cap(each.old, locked=True) for each in changes)


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
