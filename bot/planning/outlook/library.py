"""The outlook of what a library asks of its users' environments, where no environment here has it: caps are widened.

Rules:
1. The wanted release is the newest that is old enough, no pre-release unless the line is about one, and there on every
   platform that has the newest release within the line.
2. A line that does not admit it is widened in its own form; its floor stays, and so does an exact version.
3. Nothing is solved: it is for the users' environments to do so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from bot.errors import SpecError
from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import ChannelPriority, Datasource, PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import Lookup, Release, Releases
from bot.planning.age import AgeLimit, conda_age_limit, pypi_age_limit
from bot.planning.baseline import place
from bot.planning.candidates import Candidate
from bot.planning.holds import Holds
from bot.planning.manifest_lines import admits, pinned_by_library
from bot.planning.offers import Lookups
from bot.planning.outlook.judge import Case, is_there
from bot.planning.outlook.outlook import Outlook, outlook_of
from bot.planning.policy import Policy
from bot.versioning.ecosystem import ecosystem_of
from bot.versioning.ranges import RangeStrategy

_RESTATES: Final = "holds what is built from source, and what that asks for; condabot builds nothing"

Asked: TypeAlias = tuple[tuple[Channel, ...], ChannelPriority]
"""Channels in order, and how their order counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What the releases of a line are judged by: where they come from, how old they must be, what is held."""

    limit: AgeLimit
    policy: Policy
    channel: Channel
    now: datetime
    holds: Holds


def home(workspace: Workspace) -> Environment:
    """Return the environment whose channels and indexes stand for the library's: the default one, else the first."""
    return next((each for each in workspace.environments if each.name == "default"), workspace.environments[0])


def library_outlooks(
    workspace: Workspace,
    lookups: Lookups,
    packages: Mapping[PackageName, Lookup],
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> tuple[Outlook, ...]:
    """Return the outlook of each line by which *workspace* asks its users; *packages* is what indexes answered."""
    environment = home(workspace)
    channels = lookups.get(tuple(each.url for each in environment.channels), {})
    answers = {Datasource.CONDA: channels, Datasource.PYPI: packages}
    found = []
    for requirement in workspace.library_requirements:
        lookup = answers[requirement.dependency.datasource].get(requirement.dependency.name)
        if isinstance(lookup, Releases):
            limit = _limit(requirement, environment, lookup, policy, now)
            terms = _Terms(limit=limit, policy=policy, channel=lookup.channel, now=now, holds=holds)
            found.append(_outlook(workspace, requirement, lookup.releases, terms))
        else:
            found.append(_unknown(requirement, lookup.reason if lookup else "it was not looked up"))
    return tuple(found)


def library_names(workspaces: Iterable[Workspace]) -> Mapping[Asked, tuple[frozenset[Subdir], frozenset[PackageName]]]:
    """Return what channels are to be asked for the sake of libraries: on which platforms, and which names."""
    found: dict[Asked, tuple[frozenset[Subdir], frozenset[PackageName]]] = {}
    for workspace in workspaces:
        lines = (each.dependency for each in workspace.library_requirements)
        names = frozenset(each.name for each in lines if each.datasource is Datasource.CONDA)
        if not names:
            continue
        environment = home(workspace)
        subdirs, known = found.get((environment.channels, environment.channel_priority), (frozenset(), frozenset()))
        every = subdirs | {each.subdir for each in environment.platforms}
        found[environment.channels, environment.channel_priority] = (every, known | names)
    return found


def _unknown(requirement: Requirement, reason: str) -> Outlook:
    return Outlook(requirements=(requirement,), unknown=reason)


def _limit(
    requirement: Requirement, environment: Environment, lookup: Releases, policy: Policy, now: datetime
) -> AgeLimit:
    name = requirement.dependency.name
    if requirement.dependency.datasource is Datasource.PYPI:
        return pypi_age_limit(name, [environment], policy, now)
    return conda_age_limit(name, [(environment, lookup.channel.url)], policy, now)


def _outlook(
    workspace: Workspace,
    requirement: Requirement,
    releases: Sequence[Release],
    terms: _Terms,
) -> Outlook:
    spec = requirement.dependency.version_spec
    try:
        within = [each for each in releases if admits(requirement, spec, each.version)]
        if not within:
            return _unknown(requirement, f"no release is within `{spec}`")
        return _judged(_case(workspace, requirement, within, terms), releases)
    except SpecError as error:
        return _unknown(requirement, error.message)


def _case(
    workspace: Workspace,
    requirement: Requirement,
    within: Sequence[Release],
    terms: _Terms,
) -> Case:
    """Return what releases are judged by; *within* are those that the line admits, of which the newest is in use."""
    dependency = requirement.dependency
    ecosystem, hold = ecosystem_of(dependency), terms.holds.lines.get(place(requirement))
    kept = _kept(workspace) or pinned_by_library(requirement)
    stable = [each for each in within if not ecosystem.is_prerelease(each.version)]
    in_use = [*within, *stable][-1]
    return Case(
        candidate=Candidate(
            name=dependency.name,
            ecosystem=ecosystem,
            workspace=workspace.path,
            current=in_use.version,
            releases=(),
            requirements=(requirement,),
            frozen=frozenset({place(requirement)} if hold or kept else ()),
            rules=terms.policy.rules,
            channels=(terms.channel,),
        ),
        limit=terms.limit,
        now=terms.now,
        needed=frozenset(each for each in requirement.platforms if is_there(in_use, each)),
        hold=hold,
        kept=kept,
        policy=terms.policy,
    )


def _judged(case: Case, releases: Sequence[Release]) -> Outlook:
    """Return the outlook of a line: its cap is widened for the newest release alone."""
    candidate, ecosystem = case.candidate, case.candidate.ecosystem
    specs = [each.dependency.version_spec for each in candidate.requirements]
    newer = ecosystem.following(releases, candidate.current, specs)
    found = outlook_of(case, newer)
    if found.candidates:
        widest = found.candidates[-1]
        return replace(found, candidates=(replace(widest, releases=(widest.wanted,)),))
    if found.not_now and not candidate.can_be_written(newer[-1]):
        spec = candidate.requirements[0].dependency.version_spec
        why = ecosystem.why_not(spec, newer[-1].version, RangeStrategy.WIDEN)
        return replace(found, not_now=(), left_alone=(candidate.held_back(why, release=newer[-1]),), hold=why)
    return found


def _kept(workspace: Workspace) -> str:
    """Return why nothing is rewritten where a lock holds a library's requirements too; condabot builds nothing."""
    if workspace.restated_in:
        return f"{workspace.restated_in[0]} {_RESTATES}"
    locked = workspace.lock.environments if workspace.lock else ()
    from_source = any(each.sources for each in locked)
    by_path = any("://" not in each.url for env in locked for packages in env.pypi.values() for each in packages)
    if workspace.lock is None or not (from_source or by_path):
        return ""
    return f"{workspace.lock.path} {_RESTATES}"
