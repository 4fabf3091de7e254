"""The outlooks of lines that no solution tells of: what is asked of PyPI, and what a library asks of its users."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.model.environment import Workspace
from bot.model.update import Lookup, Releases
from bot.planning.baseline import Baseline, Place
from bot.planning.holds import Holds
from bot.planning.offers import Lookups
from bot.planning.outlook import Outlook, PypiUse, library_outlooks, pypi_outlook, unknown, uses
from bot.planning.policy import Policy
from bot.updating.survey.indexes import PypiLookups
from bot.workspaces import solve_units


def survey_pypi(
    workspaces: Sequence[Workspace],
    baselines: Iterable[Baseline],
    lookups: PypiLookups,
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> Mapping[Place, Outlook]:
    """Return the outlooks of the PyPI packages whose *lookups* there are, by the places of the lines about them."""
    judged = list(baselines)
    outlooks: dict[Place, Outlook] = {}
    for workspace in (each for each in workspaces if each.path in lookups):
        answers = lookups[workspace.path]
        for use in uses(_baselines(workspace, judged, now)):
            outlook = _outlook(use, answers[use.name], policy, now, holds)
            outlooks |= dict.fromkeys(outlook.places, outlook)
    return outlooks


def survey_library(
    workspaces: Iterable[Workspace],
    lookups: Lookups,
    offers: PypiLookups,
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> Mapping[Place, Outlook]:
    """Return the outlook of every line by which *workspaces* ask something of their users, by its place."""
    return {
        place: outlook
        for each in workspaces
        for outlook in library_outlooks(each, lookups, offers.get(each.path, {}), policy, now, holds)
        for place in outlook.places
    }


def _baselines(workspace: Workspace, judged: Iterable[Baseline], now: datetime) -> Iterable[Baseline]:
    """Return the units of *workspace* as solved; an annotated line of PyPI is in one that nothing is solved for."""
    if workspace.manifests[0].format.is_line_by_line:
        return [Baseline(unit=unit, records={}, locked=False, newest_record=now) for unit in solve_units(workspace)]
    return [each for each in judged if each.unit.workspace == workspace.path]


def _outlook(use: PypiUse, lookup: Lookup, policy: Policy, now: datetime, holds: Holds) -> Outlook:
    if not isinstance(lookup, Releases):
        return unknown(use, lookup.reason)
    return pypi_outlook(use, lookup, policy, now, holds)
