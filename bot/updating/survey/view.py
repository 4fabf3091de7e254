"""One workspace as a survey sees it, and the survey that all of them make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from bot.model.environment import Workspace
from bot.model.report import Problem
from bot.planning.baseline import Baseline, Place
from bot.planning.holds import Holds
from bot.planning.offers import Lookups
from bot.planning.outlook import Outlook
from bot.updating.read import Reading
from bot.updating.survey.baselines import BaselineStanding
from bot.updating.survey.not_judged import not_judged
from bot.updating.survey.repair import Repair
from bot.updating.survey.survey import Survey

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How one workspace stands, and what may become of it; the fields are those of `Survey`."""

    workspace: Workspace
    standing: BaselineStanding
    repair: Repair | None
    baselines: tuple[Baseline, ...]
    stale: tuple[Baseline, ...]
    holds: Holds
    outlooks: tuple[Outlook, ...]
    packages: Mapping[Place, Outlook]
    library: Mapping[Place, Outlook]


def survey_of(
    reading: Reading, lookups: Lookups, views: Sequence[View], outside: Holds, problems: tuple[Problem, ...]
) -> Survey:
    """Return what *views*, of all workspaces that could be looked at, come to together; *outside* are other holds."""
    standings = [each.standing for each in views]
    baselines = tuple(chain.from_iterable(each.baselines for each in views))
    looked_at = {each.workspace.path: each.workspace for each in views}
    workspaces = tuple(looked_at.get(each.path, each) for each in reading.workspaces)
    return Survey(
        reading=replace(reading, workspaces=workspaces),
        repairs={each.workspace.path: each.repair for each in views if each.repair},
        baselines=baselines,
        lookups=lookups,
        holds=_all_holds(views, outside),
        outlooks=tuple(chain.from_iterable(each.outlooks for each in views)),
        packages=_joined(each.packages for each in views),
        library=_joined(each.library for each in views),
        stale=tuple(chain.from_iterable(each.stale for each in views)),
        relocks=tuple(each.relock for each in standings if each.relock),
        corrections=tuple(each.correction for each in standings if each.correction),
        unconfirmed=frozenset(each.workspace.path for each in views if each.stale or not each.standing.is_confirmed),
        problems=problems,
        not_judged=not_judged(reading, baselines, problems),
    )


def _all_holds(views: Sequence[View], outside: Holds) -> Holds:
    lines = {**outside.lines, **_joined(each.holds.lines for each in views)}
    return Holds(lines=lines, off=frozenset(chain.from_iterable(each.holds.off for each in views)) | outside.off)


def _joined(maps: Iterable[Mapping[Place, T]]) -> Mapping[Place, T]:
    return {key: value for each in maps for key, value in each.items()}
