"""What a library asks of its users' environments, where no environment here has it: caps are widened, nothing else.

Rules:
1. The wanted release is the newest that is old enough, no pre-release unless the line is about one, and there on every
   platform that has the newest release within the line.
2. A line that does not admit it is widened in its own form; its floor stays, and so does an exact version.
3. Nothing is solved: it is for the users' environments to do so.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from bot.errors import SpecError
from bot.model.environment import Environment, Requirement, Workspace
from bot.model.manifest import ChannelPriority, Datasource, PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import BranchPlan, HeldBack, Lookup, Release, Releases, SpecChange, Update
from bot.planning.age import AgeLimit, conda_age_limit, pypi_age_limit
from bot.planning.baseline import Place, place
from bot.planning.candidates import Lookups
from bot.planning.groups import Declined, line_key
from bot.planning.holds import Hold, Holds, HoldScope
from bot.planning.lines import admits, change_for, pinned_promise
from bot.planning.policy import Policy
from bot.versioning import conda, pep440, ranges
from bot.versioning.ranges import RangeStrategy

Asked: TypeAlias = tuple[tuple[Channel, ...], ChannelPriority]
"""Channels in order, and how their order counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """How one line stands: the newest release that it admits, the newest of all, and what becomes of it.

    `target` is the release that its cap is widened for. Else `reason` says why not, empty if there is no need;
    `is_unknown` says that nothing can be said, `is_held` that it is left alone.
    """

    workspace: str
    requirement: Requirement
    current: str | None = None
    newest: str | None = None
    target: Release | None = None
    reason: str = ""
    is_unknown: bool = False
    is_held: bool = False

    @property
    def key(self) -> str:
        """The key of a pull request for it alone."""
        dependency = self.requirement.dependency
        version = self.target.version if self.target else self.current or ""
        if dependency.datasource is Datasource.CONDA:
            return line_key(dependency.name, version)
        return f"pypi-{dependency.name}-{pep440.version_line(version)}.x"

    @property
    def change(self) -> SpecChange | None:
        """How the line is rewritten, None if it is not."""
        return change_for(self.requirement, self.target.version, locked=False) if self.target else None

    @property
    def held_back(self) -> HeldBack | None:
        """The newest release, if something keeps it out for now."""
        if not self.reason or self.is_unknown or self.is_held or self.newest is None:
            return None
        return HeldBack(
            name=self.requirement.dependency.name,
            current=self.current or "",
            release=self.newest,
            sentence=self.reason,
            workspace=self.workspace,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A line with everything that releases are judged by; `kept` says why it is not rewritten, empty if it may be."""

    workspace: str
    requirement: Requirement
    limit: AgeLimit
    hold: Hold | None
    kept: str
    now: datetime

    @property
    def spec(self) -> str:
        return self.requirement.dependency.version_spec

    @property
    def is_conda(self) -> bool:
        return self.requirement.dependency.datasource is Datasource.CONDA

    def admits(self, release: Release) -> bool:
        return admits(self.requirement, self.spec, release.version)

    def is_prerelease(self, release: Release) -> bool:
        return (conda.is_prerelease if self.is_conda else pep440.is_prerelease)(release.version)


def home(workspace: Workspace) -> Environment:
    """Return the environment whose channels and indexes stand for the library's: the default one, else the first."""
    return next((each for each in workspace.environments if each.name == "default"), workspace.environments[0])


def promises(
    workspace: Workspace,
    lookups: Lookups,
    packages: Mapping[PackageName, Lookup],
    policy: Policy,
    now: datetime,
    holds: Holds,
) -> tuple[Promise, ...]:
    """Return how each line stands that *workspace* promises something by; *packages* is what indexes answered."""
    environment = home(workspace)
    channels = lookups.get(tuple(each.url for each in environment.channels), {})
    found = []
    for requirement in workspace.promises:
        dependency = requirement.dependency
        answers = packages if dependency.datasource is Datasource.PYPI else channels
        lookup = answers.get(dependency.name)
        question = _Question(
            workspace=workspace.path,
            requirement=requirement,
            limit=_limit(requirement, environment, lookup, policy, now),
            hold=holds.lines.get(place(requirement)),
            kept=_kept(workspace),
            now=now,
        )
        found.append(_promise(question, lookup))
    return tuple(found)


def promise_plans(found: Iterable[Promise], declined: Declined) -> tuple[BranchPlan, ...]:
    """Return a pull request for each package and version line, sorted by key, without what was declined."""
    updates: dict[str, dict[tuple[str, PackageName], Update]] = {}
    for each in found:
        update = _update(each)
        if update is None or _is_declined(update, declined.get(each.key, {})):
            continue
        mine = updates.setdefault(each.key, {})
        known = mine.get((each.workspace, update.name))
        mine[each.workspace, update.name] = _joined(known, update) if known else update
    return tuple(BranchPlan(key=key, updates=tuple(updates[key].values())) for key in sorted(updates))


def all_promises(found: Iterable[Promise], names: AbstractSet[PackageName] = frozenset()) -> tuple[Update, ...]:
    """Return the updates of every line that is widened, or only of those about *names*."""
    plans = promise_plans(found, {})
    return tuple(each for plan in plans for each in plan.updates if not names or each.name in names)


def promised_names(workspaces: Iterable[Workspace]) -> Mapping[Asked, tuple[frozenset[Subdir], frozenset[PackageName]]]:
    """Return what channels are to be asked for the sake of promises: on which platforms, and which names."""
    found: dict[Asked, tuple[frozenset[Subdir], frozenset[PackageName]]] = {}
    for workspace in workspaces:
        lines = (each.dependency for each in workspace.promises)
        names = frozenset(each.name for each in lines if each.datasource is Datasource.CONDA)
        if not names:
            continue
        environment = home(workspace)
        subdirs, known = found.get((environment.channels, environment.channel_priority), (frozenset(), frozenset()))
        every = subdirs | frozenset(environment.platforms)
        found[environment.channels, environment.channel_priority] = (every, known | names)
    return found


def places(found: Iterable[Promise]) -> Mapping[Place, Promise]:
    """Return *found* by the places of their lines."""
    return {place(each.requirement): each for each in found}


def _limit(
    requirement: Requirement, environment: Environment, lookup: Lookup | None, policy: Policy, now: datetime
) -> AgeLimit:
    name = requirement.dependency.name
    if requirement.dependency.datasource is Datasource.PYPI:
        return pypi_age_limit(name, [environment], policy, now)
    channel = lookup.channel.url if isinstance(lookup, Releases) else ""
    return conda_age_limit(name, [(environment, channel)], policy, now)


def _kept(workspace: Workspace) -> str:
    """Return why nothing is rewritten where a lock holds a library's requirements too; condabot builds nothing."""
    locked = workspace.lock.environments if workspace.lock else ()
    from_source = any(each.sources for each in locked)
    by_path = any("://" not in each.url for env in locked for packages in env.pypi.values() for each in packages)
    if workspace.lock is None or not (from_source or by_path):
        return ""
    return f"{workspace.lock.path} holds what is built from source, and what that asks for; condabot builds nothing"


def _promise(question: _Question, lookup: Lookup | None) -> Promise:
    plain = Promise(workspace=question.workspace, requirement=question.requirement)
    if not isinstance(lookup, Releases):
        reason = lookup.reason if lookup else "it was not looked up"
        return replace(plain, reason=reason, is_unknown=True)
    try:
        return _judged(question, plain, lookup.releases)
    except SpecError as error:
        return replace(plain, reason=error.message, is_unknown=True)


def _judged(question: _Question, plain: Promise, releases: Sequence[Release]) -> Promise:
    within = [each for each in releases if question.admits(each)]
    in_use = next(
        (each for each in reversed(within) if not question.is_prerelease(each)), within[-1] if within else None
    )
    if in_use is None:
        return replace(plain, reason=f"no release is within `{question.spec}`", is_unknown=True)
    akin = [each for each in releases if question.is_prerelease(in_use) or not question.is_prerelease(each)]
    later = akin[akin.index(in_use) + 1 :]
    stands = replace(plain, current=in_use.version, newest=later[-1].version if later else in_use.version)
    is_newer_out = any(not question.admits(each) for each in later)
    if question.hold and (is_newer_out or question.hold.scope is HoldScope.ALL):
        return replace(stands, reason=str(question.hold), is_held=True)
    if question.kept and is_newer_out:
        return replace(stands, reason=question.kept, is_held=True)
    obstacles = [(each, _obstacle(question, in_use, each)) for each in later]
    target = next((each for each, obstacle in reversed(obstacles) if not obstacle), in_use)
    if not question.admits(target) and change_for(question.requirement, target.version, locked=False) is None:
        return replace(stands, reason=_why_not(question, target), is_held=True)
    reason = obstacles[-1][1] if obstacles and not question.admits(obstacles[-1][0]) else ""
    return replace(stands, target=None if question.admits(target) else target, reason=reason)


def _obstacle(question: _Question, in_use: Release, release: Release) -> str:
    """Return why the cap is not widened for *release*, as a sentence, empty if it is."""
    named = f"{question.requirement.dependency.name} {release.version}"
    if missing := sorted(_subdirs(in_use, question.requirement) - _subdirs(release, question.requirement)):
        return f"{named} is not (yet) there for {', '.join(missing)}"
    if release.built is None:
        return f"nobody says when {named} was published, so its age cannot be judged"
    return question.limit.obstacle(release.version, release.built, question.now)


def _why_not(question: _Question, release: Release) -> str:
    """Return why the line has no form that admits *release*."""
    why_not = ranges.why_not if question.is_conda else pep440.why_not
    return pinned_promise(question.requirement) or why_not(question.spec, release.version, RangeStrategy.WIDEN)


def _subdirs(release: Release, requirement: Requirement) -> frozenset[str]:
    """Return the platforms of the line that *release* is there for; a source archive is for all of them."""
    asked = frozenset[str](requirement.platforms)
    is_for_all = any(not file.is_wheel for file in release.files)
    return asked if is_for_all else asked & release.subdirs


def _update(promise: Promise) -> Update | None:
    dependency, change = promise.requirement.dependency, promise.change
    if promise.target is None or promise.current is None or change is None:
        return None
    kind = (conda if dependency.datasource is Datasource.CONDA else pep440).update_kind
    return Update(
        name=dependency.name,
        datasource=dependency.datasource,
        current=promise.current,
        target=promise.target,
        kind=kind(promise.current, promise.target.version),
        changes=(change,),
        environments=(),
        workspaces=(promise.workspace,),
    )


def _is_declined(update: Update, declined: Mapping[PackageName, str]) -> bool:
    refused = declined.get(update.name)
    is_newer = conda.is_newer if update.datasource is Datasource.CONDA else pep440.is_newer
    return refused is not None and not is_newer(update.target.version, refused)


def _joined(one: Update, other: Update) -> Update:
    """Both lines as one update, to the newer of the releases."""
    is_newer = conda.is_newer if one.datasource is Datasource.CONDA else pep440.is_newer
    newest = other if is_newer(other.target.version, one.target.version) else one
    return replace(newest, changes=(*one.changes, *other.changes))
