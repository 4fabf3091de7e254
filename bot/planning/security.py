"""The lowest release that is not vulnerable and solves, for a package of conda or PyPI that an advisory is about.

Rules:
1. The release is the lowest that no advisory in force says is affected, and with which everything solves: who mends a
   hole wants nothing else to move.
2. It waits for no age, schedule or limit. What the manifest itself keeps out (`exclude-newer`) stays out, and is said.
3. A line that is held wholly stays; one that is held in its range is not rewritten, but what lies within may move.
4. Also what no line asks for moves, where a lock holds it.
5. What a lock holds of PyPI that is no wheel of an index stays as it is: nothing is built here.

Conda packages are searched for here, those of PyPI in `bot.planning.pypi_search`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, TypeAlias

from bot.model.advisory import Advisory, AdvisoryVerdict, Exposure, FoundAdvisories
from bot.model.environment import Requirement
from bot.model.manifest import Datasource, PackageName, Subdir
from bot.model.update import BranchPlan, HeldBack, Lookup, Purpose, Release, Releases, Unknown
from bot.planning.advisories import Identity, affected_sentence, verdicts_on
from bot.planning.age import AgeLimit, conda_age_limit, pypi_age_limit
from bot.planning.baseline import Baseline, place
from bot.planning.blockers import why_not
from bot.planning.candidates import Candidate, texts
from bot.planning.holds import Holds, HoldScope
from bot.planning.manifest_lines import admits, lines_about
from bot.planning.outlook.judge import Case, is_there, not_there
from bot.planning.outlook.pypi import asked_of_pypi
from bot.planning.policy import PYTHON, Policy
from bot.planning.programs import Program
from bot.planning.pypi_search import of_own_places
from bot.planning.search import Found, near_solutions
from bot.planning.statements import SILENCE, Statements
from bot.planning.trials import tried
from bot.versioning.ecosystem import CONDA, PYPI, Ecosystem
from bot.versioning.wheels import is_wheel

MOST_TRIED: Final = 12
"""So many releases that are not vulnerable, from the lowest on, are tried."""

WHAT_IT_IS: Final = (
    "its lock has it as a source archive, or from a path, a repository or an index of its own, and so it stays as it is"
)
NOT_ADMITTED: Final = "its line stays as it is, and does not admit one that is not affected"
LEFT_BEHIND: Final = "its line would not admit any more what other environments have of it, which is not affected"
AT_ONCE: Final = timedelta(0)
_OFFER_NOTHING: Final = {Datasource.CONDA: "its channels have", Datasource.PYPI: "its index has"}
_PLAN: Final = BranchPlan(key="", updates=(), purpose=Purpose.SECURITY)

_Hit: TypeAlias = tuple[Baseline, str, tuple[AdvisoryVerdict, ...]]
"""A unit with an affected version, that, and what affects it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerable:
    """A package of a workspace that advisories are about, in the units that have an affected version.

    `project` is its name upstream, `versions` are the affected ones in use, ascending, `verdicts` what is said of them,
    `advisories` all that is known, and `said` what the repository says itself. `others` are the units of the workspace
    that have another version.
    """

    name: PackageName
    project: PackageName
    ecosystem: Ecosystem
    baselines: tuple[Baseline, ...]
    versions: tuple[str, ...]
    verdicts: tuple[AdvisoryVerdict, ...]
    advisories: tuple[Advisory, ...]
    said: Statements = SILENCE
    others: tuple[Baseline, ...] = ()

    @property
    def workspace(self) -> str:
        """The path of the workspace."""
        return self.baselines[0].unit.workspace

    @property
    def subdirs(self) -> frozenset[Subdir]:
        """The platforms of the units."""
        return frozenset(each.unit.subdir for each in self.baselines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What would mend a vulnerable package: a candidate with the releases that do (ascending), or why there is none.

    `lowest` is the lowest that would do, whatever is tried. `young` says of versions that others would wait for them.
    """

    vulnerable: Vulnerable
    candidate: Candidate
    obstacle: str = ""
    lowest: str = ""
    young: Mapping[str, str] = field(default_factory=dict)

    def beyond(self, version: str) -> "Fix | None":
        """Return it with the releases newer than *version*, None if there are none."""
        left = self.candidate.beyond(version)
        return replace(self, candidate=left) if left else None

    @property
    def nothing(self) -> Found:
        """What was found where it cannot be had at all: nothing, and why."""
        return found_nothing(self.held_back(self.obstacle))

    def held_back(self, sentence: str) -> HeldBack:
        """Return that it cannot be had: what is wrong with the version in use, and in *sentence* what is in the way.

        Where there is no release to be held back, it is the one in use that is spoken of.
        """
        wrong = " ".join(map(affected_sentence, self.vulnerable.verdicts)).rstrip(".")
        return HeldBack(
            name=self.vulnerable.name,
            current=self.candidate.current,
            release=self.lowest or self.candidate.current,
            sentence=f"{wrong}; {sentence}",
            workspace=self.candidate.workspace,
        )

    def reasons(self, version: str) -> tuple[str, ...]:
        """Return what the release *version* mends, and that it is young where others would wait."""
        lower = f"{self.vulnerable.name} {self.lowest} would do, but does not solve" if version != self.lowest else ""
        too_young = self.young.get(version, "")
        young = f"{too_young}; what mends a vulnerability does not wait" if too_young else ""
        wrong = (affected_sentence(each).rstrip(".") for each in self.vulnerable.verdicts)
        return tuple(filter(None, (*wrong, lower, young)))


def vulnerable(
    baselines: Iterable[Baseline],
    known: Mapping[str, Sequence[Identity]],
    found: FoundAdvisories,
    said: Statements = SILENCE,
) -> tuple[Vulnerable, ...]:
    """Return the packages of *baselines* that are affected, by workspace, unless the repository says otherwise.

    *known* are identities by URL.
    """
    groups: dict[tuple[str, PackageName, PackageName, bool], list[_Hit]] = {}
    every = tuple(baselines)
    for baseline in every:
        for name, version, url in _in_use(baseline):
            for identity in known.get(url, ()):
                verdicts = tuple(_affected(identity, found.by_name.get(identity.project, ()), said))
                if verdicts:
                    key = (baseline.unit.workspace, name, identity.project, identity.is_conda)
                    groups.setdefault(key, []).append((baseline, version, verdicts))
    return tuple(
        replace(
            _vulnerable(name, project, CONDA if is_conda else PYPI, hits, found.by_name[project], said),
            others=_others(workspace, hits, every),
        )
        for (workspace, name, project, is_conda), hits in sorted(groups.items(), key=lambda each: each[0])
    )


def _others(workspace: str, hits: Iterable[_Hit], every: Iterable[Baseline]) -> tuple[Baseline, ...]:
    affected = {id(baseline) for baseline, _, _ in hits}
    return tuple(each for each in every if each.unit.workspace == workspace and id(each) not in affected)


def _in_use(baseline: Baseline) -> Iterator[tuple[PackageName, str, str]]:
    """Yield the name, version and URL of everything that *baseline* holds of conda and of PyPI."""
    yield from ((each.name, each.version, each.url) for each in baseline.records.values())
    yield from ((each.name, each.version, each.url) for each in baseline.packages)


def _vulnerable(
    name: PackageName,
    project: PackageName,
    ecosystem: Ecosystem,
    hits: Sequence[_Hit],
    advisories: tuple[Advisory, ...],
    said: Statements,
) -> Vulnerable:
    return Vulnerable(
        name=name,
        project=project,
        ecosystem=ecosystem,
        baselines=tuple(baseline for baseline, _, _ in hits),
        versions=tuple(ecosystem.sort_versions({version for _, version, _ in hits})),
        verdicts=tuple({each.id: each for _, _, verdicts in hits for each in verdicts}.values()),
        advisories=advisories,
        said=said,
    )


def fix_for(each: Vulnerable, lookup: Lookup | None, holds: Holds, policy: Policy, now: datetime) -> Fix:
    """Return what would mend *each*, of all that its channels or its index offer: *lookup*."""
    lines = _lines(each)
    held = {place(line): hold for line, baseline in lines if (hold := holds.of(line, baseline.unit))}
    candidate = Candidate(
        name=each.name,
        ecosystem=each.ecosystem,
        workspace=each.workspace,
        current=each.versions[0],
        releases=(),
        requirements=tuple({place(line): line for line, _ in lines}.values()),
        baselines=tuple(replace(baseline, newest_record=now) for baseline in each.baselines),
        frozen=frozenset(held),
        rules=policy.rules,
    )
    fix = Fix(vulnerable=each, candidate=candidate)
    stays = next((hold for hold in held.values() if hold.scope is HoldScope.ALL), None)
    if stays:
        return replace(fix, obstacle=f"its line stays as it is: {stays}")
    if each.ecosystem is PYPI and any(_stays(each.name, baseline) for baseline in each.baselines):
        return replace(fix, obstacle=WHAT_IT_IS)
    if isinstance(lookup, Unknown):
        return replace(fix, obstacle=f"what releases there are is not known: {lookup.reason.rstrip('.')}")
    return _with_releases(fix, lookup if isinstance(lookup, Releases) else None, policy, now)


def joined(key: str, outcomes: Sequence[Found]) -> Found:
    """Return *outcomes*, each of which mends a package or says why it cannot be, as one with *key*."""
    plan = BranchPlan(
        key=key,
        updates=tuple(chain.from_iterable(each.plan.updates for each in outcomes)),
        purpose=Purpose.SECURITY,
        reasons=tuple(dict.fromkeys(chain.from_iterable(each.plan.reasons for each in outcomes))),
    )
    return Found(
        plan=plan,
        solutions={unit: records for each in outcomes for unit, records in each.solutions.items()},
        packages={unit: packages for each in outcomes for unit, packages in each.packages.items()},
        held_back=tuple(chain.from_iterable(each.held_back for each in outcomes)),
        not_judged=tuple(dict.fromkeys(chain.from_iterable(each.not_judged for each in outcomes))),
        remarks=tuple(dict.fromkeys(chain.from_iterable(each.remarks for each in outcomes))),
    )


def lowest(fix: Fix) -> Program[Found]:
    """Return the lowest release of *fix*, a conda package, that solves everywhere; else why the lowest does not."""
    if fix.obstacle:
        return fix.nothing
    candidate, failures = fix.candidate, []
    for release in candidate.releases[:MOST_TRIED]:
        trial = yield from tried({candidate: release})
        if trial.solved:
            solutions = yield from near_solutions(trial)
            reasons = fix.reasons(release.version)
            plan = replace(_PLAN, updates=(candidate.update_to(release),), reasons=reasons)
            return Found(plan=plan, solutions=solutions, held_back=())
        if trial.failure is None:
            return replace(found_nothing(), not_judged=trial.not_judged)
        failures.append(trial.failure[0])
    sentence, blockers = yield from why_not(replace(candidate, releases=candidate.releases[:1]), failures[0])
    return found_nothing(replace(fix.held_back(sentence), blockers=blockers))


def found_nothing(*held_back: HeldBack) -> Found:
    """Return that nothing mends a package, for what is *held_back*."""
    return Found(plan=_PLAN, solutions={}, held_back=held_back)


def _affected(identity: Identity, advisories: Iterable[Advisory], said: Statements) -> Iterable[AdvisoryVerdict]:
    return (each for each in map(said.judge, verdicts_on(identity, advisories)) if each.exposure is Exposure.AFFECTED)


def _lines(each: Vulnerable) -> list[tuple[Requirement, Baseline]]:
    return [(line, baseline) for baseline in each.baselines for line in _lines_in(each, baseline)]


def _lines_in(each: Vulnerable, baseline: Baseline) -> Iterable[Requirement]:
    if each.ecosystem is PYPI:
        return (line for line in asked_of_pypi(baseline) if line.dependency.name == each.name)
    return (line for name, line in lines_about(baseline) if name == each.name)


def _stays(name: PackageName, baseline: Baseline) -> bool:
    """Tell whether what a lock holds of *name* stays what it is, see `bot.planning.pypi_search`."""
    mine = [each for each in baseline.packages if each.name == name]
    return baseline.locked and (name in of_own_places(baseline.unit) or not all(is_wheel(each.url) for each in mine))


def _with_releases(fix: Fix, lookup: Releases | None, policy: Policy, now: datetime) -> Fix:
    each, candidate = fix.vulnerable, fix.candidate
    offered = lookup.releases if lookup else ()
    newer = each.ecosystem.following(offered, each.versions[-1], ())
    safe = [release for release in newer if _is_safe(each, release)]
    if not safe:
        return replace(fix, obstacle=f"{_OFFER_NOTHING[each.ecosystem.datasource]} no release that is not affected")
    case = _case(each, candidate, offered, _limit(each, lookup, replace(policy, minimum_release_age=AT_ONCE), now), now)
    why = {release.version: not_there(case, release) or _kept_out(case, release) for release in safe}
    allowed = [release for release in safe if not why[release.version]]
    if not allowed:
        return replace(fix, obstacle=why[safe[0].version], lowest=safe[0].version)
    writable = [release for release in allowed if candidate.can_be_written(release)]
    written = tuple(release for release in writable if not _leaves_behind(each, candidate, release))
    if writable and not written:
        return replace(fix, obstacle=LEFT_BEHIND, lowest=writable[0].version)
    if not written:
        obstacle = "its line stays as it is, and does not admit one that is not affected"
        return replace(
            fix, obstacle=obstacle if candidate.requirements else "no line asks for it, and no lock holds it"
        )
    waits = _limit(each, lookup, policy, now)
    young = {release.version: waits.obstacle(release.version, release.built or now, now) for release in written}
    return replace(fix, candidate=replace(candidate, releases=written), lowest=written[0].version, young=young)


def _leaves_behind(each: Vulnerable, candidate: Candidate, release: Release) -> bool:
    """Tell whether a line that is rewritten for *release* would not admit what units have that are not affected."""
    after = texts(candidate.changes_to(release))
    held = ((line, version) for other in each.others for version, line in _held_by_lines(each, other))
    return any(place(line) in after and not admits(line, after[place(line)], version) for line, version in held)


def _held_by_lines(each: Vulnerable, baseline: Baseline) -> Iterator[tuple[str, Requirement]]:
    """Yield the version that *baseline* has of the package with each line about it."""
    held = baseline.packages if each.ecosystem is PYPI else baseline.records.values()
    versions = [found.version for found in held if found.name == each.name]
    yield from ((version, line) for version in versions for line in _lines_in(each, baseline))


def _case(each: Vulnerable, candidate: Candidate, offered: Iterable[Release], limit: AgeLimit, now: datetime) -> Case:
    """Return what a release must be like to be installed where *each* is in use now."""
    if each.ecosystem is CONDA:
        return Case(candidate=candidate, limit=limit, now=now, needed=each.subdirs)
    in_use = next((release for release in offered if release.version == candidate.current), None)
    pythons = tuple({version: None for baseline in each.baselines if (version := baseline.version(PYTHON))})
    return Case(
        candidate=candidate,
        limit=limit,
        now=now,
        needed=frozenset(subdir for subdir in each.subdirs if in_use is None or is_there(in_use, subdir)),
        wheels=in_use.subdirs & each.subdirs if in_use else frozenset(),
        pythons=pythons,
    )


def _kept_out(case: Case, release: Release) -> str:
    return case.limit.obstacle(release.version, release.built or case.now, case.now)


def _is_safe(each: Vulnerable, release: Release) -> bool:
    """Tell whether no advisory that counts says that *release* is affected, or may be."""
    identity = Identity(
        name=each.name, project=each.project, version=release.version, url="", is_conda=each.ecosystem is CONDA
    )
    judged = map(each.said.judge, verdicts_on(identity, each.advisories))
    return all(verdict.exposure in {Exposure.FIXED, Exposure.NOT_AFFECTED} for verdict in judged)


def _limit(each: Vulnerable, lookup: Releases | None, policy: Policy, now: datetime) -> AgeLimit:
    environments = [environment for baseline in each.baselines for environment in baseline.unit.environments]
    if each.ecosystem is PYPI:
        return pypi_age_limit(each.name, environments, policy, now)
    channel = lookup.channel.url if lookup else ""
    return conda_age_limit(each.name, [(environment, channel) for environment in environments], policy, now)
