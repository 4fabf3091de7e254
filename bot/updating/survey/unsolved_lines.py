"""The outlooks of lines that no solution tells of: what is asked of PyPI, and what a library asks of its users."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import SpecError
from bot.model.environment import Workspace
from bot.model.package import PypiPackage
from bot.model.update import Lookup, Releases
from bot.planning.baseline import Baseline, Place
from bot.planning.holds import Holds
from bot.planning.offers import Lookups
from bot.planning.outlook import Outlook, PypiUse, in_use, library_outlooks, pypi_outlook, unknown, uses
from bot.planning.policy import Policy
from bot.updating.agreement import units_of
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


def with_what_pip_installs(
    workspaces: Iterable[Workspace], baselines: Iterable[Baseline], lookups: PypiLookups, now: datetime
) -> tuple[Baseline, ...]:
    """Return *baselines*, those that no lock holds with the PyPI packages that their lines come to by *lookups*.

    They are known by package URLs, for no lock says where they come from.
    """
    judged = list(baselines)
    added: dict[int, list[PypiPackage]] = {}
    for workspace in (each for each in workspaces if each.path in lookups):
        units = list(_baselines(workspace, judged, now))
        judged += (each for each in units if each not in judged)
        for use in uses(each for each in units if not each.locked):
            if package := _installed(use, lookups[workspace.path].get(use.name)):
                for each in use.baselines:
                    added.setdefault(id(each), []).append(package)
    return tuple(replace(each, packages=tuple(added[id(each)])) if id(each) in added else each for each in judged)


def _installed(use: PypiUse, lookup: Lookup | None) -> PypiPackage | None:
    """Return what pip would install for *use*; None where nobody can say."""
    try:
        version = None if use.is_brought else in_use(use, lookup.releases if isinstance(lookup, Releases) else ())
    except SpecError:
        return None
    return PypiPackage(name=use.name, version=version, url=f"pkg:pypi/{use.name}@{version}") if version else None


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
    """Return the units of *workspace* as solved; where no line asks a channel for anything, nothing is solved.

    So of an annotated line of PyPI, and of a file with nothing but `pip:` items, which add to another environment.
    """
    if workspace.manifests[0].format.is_line_by_line or (workspace.lock is None and not units_of(workspace)):
        units = solve_units(workspace)
        named = [each for each in units if not each.environments[0].platforms_assumed] or units[:1]
        return [Baseline(unit=unit, records={}, locked=False, newest_record=now) for unit in named]
    return [each for each in judged if each.unit.workspace == workspace.path]


def _outlook(use: PypiUse, lookup: Lookup, policy: Policy, now: datetime, holds: Holds) -> Outlook:
    if not isinstance(lookup, Releases):
        return unknown(use, lookup.reason)
    return pypi_outlook(use, lookup, policy, now, holds)
