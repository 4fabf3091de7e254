"""The lowest release that is not vulnerable and solves, for a conda package that an advisory is about.

Rules:
1. The release is the lowest that no advisory in force says is affected, and with which everything solves: who mends a
   hole wants nothing else to move.
2. It waits for no age, schedule or limit. What the manifest itself keeps out (`exclude-newer`) stays out, and is said.
3. A line that is held wholly stays; one that is held in its range is not rewritten, but what lies within may move.
4. Also what no line asks for moves, where a lock holds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from bot.model.advisory import Advisory, AdvisoryVerdict, Exposure, FoundAdvisories
from bot.model.environment import Requirement
from bot.model.manifest import PackageName
from bot.model.update import BranchPlan, HeldBack, Purpose, Release, Releases
from bot.planning.advisories import Identity, affected_sentence, verdicts_on
from bot.planning.age import AgeLimit, conda_age_limit
from bot.planning.baseline import Baseline, place
from bot.planning.blockers import why_not
from bot.planning.candidates import Candidate
from bot.planning.holds import Holds, HoldScope
from bot.planning.manifest_lines import lines_about
from bot.planning.offers import Lookups, lookup_for
from bot.planning.policy import Policy
from bot.planning.programs import Program, together
from bot.planning.search import Found, near_solutions
from bot.planning.statements import SILENCE, Statements
from bot.planning.trials import tried
from bot.versioning.conda import sort_versions
from bot.versioning.ecosystem import CONDA

MOST_TRIED: Final = 12
"""So many releases that are not vulnerable, from the lowest on, are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerable:
    """A package of a workspace that advisories are about, in the units that have an affected version.

    `project` is its name upstream, `verdicts` what is said of the versions in use, `advisories` all that is known, and
    `said` what the repository says itself.
    """

    name: PackageName
    project: PackageName
    baselines: tuple[Baseline, ...]
    verdicts: tuple[AdvisoryVerdict, ...]
    advisories: tuple[Advisory, ...]
    said: Statements = SILENCE

    @property
    def workspace(self) -> str:
        """The path of the workspace."""
        return self.baselines[0].unit.workspace

    @property
    def versions(self) -> tuple[str, ...]:
        """The affected versions in use, ascending."""
        return tuple(sort_versions({each.records[self.name].version for each in self.baselines}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What would mend a vulnerable package: a candidate with the releases that do (ascending), or why there is none."""

    vulnerable: Vulnerable
    candidate: Candidate
    obstacle: str = ""
    young: str = ""


def vulnerable(
    baselines: Iterable[Baseline],
    known: Mapping[str, Sequence[Identity]],
    found: FoundAdvisories,
    said: Statements = SILENCE,
) -> tuple[Vulnerable, ...]:
    """Return the packages of *baselines* that are affected, by workspace, unless the repository says otherwise.

    *known* are identities by URL.
    """
    groups: dict[tuple[str, PackageName, PackageName], list[tuple[Baseline, tuple[AdvisoryVerdict, ...]]]] = {}
    for baseline in baselines:
        for record in baseline.records.values():
            for identity in known.get(record.url, ()):
                verdicts = tuple(_affected(identity, found.by_name.get(identity.project, ()), said))
                if verdicts:
                    key = (baseline.unit.workspace, record.name, identity.project)
                    groups.setdefault(key, []).append((baseline, verdicts))
    return tuple(
        Vulnerable(
            name=name,
            project=project,
            baselines=tuple(baseline for baseline, _ in group),
            verdicts=tuple({each.id: each for _, verdicts in group for each in verdicts}.values()),
            advisories=found.by_name[project],
            said=said,
        )
        for (_, name, project), group in sorted(groups.items(), key=lambda each: each[0])
    )


def fix_for(each: Vulnerable, lookups: Lookups, holds: Holds, policy: Policy, now: datetime) -> Fix:
    """Return what would mend *each*, of all that its channels offer."""
    lines = _lines(each)
    held = {place(line): hold for line, baseline in lines if (hold := holds.of(line, baseline.unit))}
    candidate = Candidate(
        name=each.name,
        ecosystem=CONDA,
        workspace=each.workspace,
        current=each.versions[0],
        releases=(),
        requirements=tuple({place(line): line for line, _ in lines}.values()),
        baselines=tuple(replace(baseline, newest_record=now) for baseline in each.baselines),
        frozen=frozenset(held),
        rules=policy.rules,
    )
    stays = next((hold for hold in held.values() if hold.scope is HoldScope.ALL), None)
    if stays:
        return Fix(vulnerable=each, candidate=candidate, obstacle=f"its line stays as it is: {stays}")
    return _with_releases(Fix(vulnerable=each, candidate=candidate), lookups, policy, now)


def secured(key: str, fixes: Sequence[Fix]) -> Program[Found]:
    """Find for each of *fixes*, which are of one package, the lowest release that solves; one plan with all of them."""
    outcomes = yield from together([_lowest(each) for each in fixes])
    plan = BranchPlan(
        key=key,
        updates=tuple(chain.from_iterable(each.plan.updates for each in outcomes)),
        purpose=Purpose.SECURITY,
        reasons=tuple(dict.fromkeys(chain.from_iterable(each.plan.reasons for each in outcomes))),
    )
    return Found(
        plan=plan,
        solutions={unit: records for each in outcomes for unit, records in each.solutions.items()},
        held_back=tuple(chain.from_iterable(each.held_back for each in outcomes)),
        not_judged=tuple(dict.fromkeys(chain.from_iterable(each.not_judged for each in outcomes))),
    )


def _affected(identity: Identity, advisories: Iterable[Advisory], said: Statements) -> Iterable[AdvisoryVerdict]:
    return (each for each in map(said.judge, verdicts_on(identity, advisories)) if each.exposure is Exposure.AFFECTED)


def _lines(each: Vulnerable) -> list[tuple[Requirement, Baseline]]:
    return [
        (line, baseline) for baseline in each.baselines for name, line in lines_about(baseline) if name == each.name
    ]


def _with_releases(fix: Fix, lookups: Lookups, policy: Policy, now: datetime) -> Fix:
    each, candidate = fix.vulnerable, fix.candidate
    safe = [release for release in _offered(each, lookups) if _is_safe(each, release)]
    if not safe:
        return replace(fix, obstacle="its channels have no release that is not affected")
    limit = _limit(each, lookups, replace(policy, minimum_release_age=timedelta(0)), now)
    kept_out = {r.version: why for r in safe if (why := limit.obstacle(r.version, r.built or now, now))}
    allowed = [release for release in safe if release.version not in kept_out]
    if not allowed:
        return replace(fix, obstacle=next(iter(kept_out.values())))
    written = [release for release in allowed if candidate.can_be_written(release)]
    if not written:
        why = "its line stays as it is, and does not admit one that is not affected"
        return replace(fix, obstacle=why if candidate.requirements else "no line asks for it, and no lock holds it")
    young = _limit(each, lookups, policy, now).obstacle(written[0].version, written[0].built or now, now)
    return replace(fix, candidate=replace(candidate, releases=tuple(written)), young=young)


def _offered(each: Vulnerable, lookups: Lookups) -> Iterable[Release]:
    """Return what is newer than all versions in use and there on all platforms, ascending."""
    subdirs = {baseline.unit.subdir for baseline in each.baselines}
    lookup = lookup_for(lookups, each.baselines[0].unit, each.name)
    offered = lookup.releases if isinstance(lookup, Releases) else ()
    there = [release for release in offered if subdirs <= release.subdirs]
    return CONDA.following(there, each.versions[-1], ())


def _is_safe(each: Vulnerable, release: Release) -> bool:
    """Tell whether no advisory that counts says that *release* is affected, or may be."""
    identity = Identity(name=each.name, project=each.project, version=release.version, url="")
    judged = map(each.said.judge, verdicts_on(identity, each.advisories))
    return all(verdict.exposure in {Exposure.FIXED, Exposure.NOT_AFFECTED} for verdict in judged)


def _limit(each: Vulnerable, lookups: Lookups, policy: Policy, now: datetime) -> AgeLimit:
    lookup = lookup_for(lookups, each.baselines[0].unit, each.name)
    channel = lookup.channel.url if isinstance(lookup, Releases) else ""
    asked = [(environment, channel) for b in each.baselines for environment in b.unit.environments]
    return conda_age_limit(each.name, asked, policy, now)


def _lowest(fix: Fix) -> Program[Found]:
    """Return the lowest release of *fix* that solves everywhere; else why the lowest does not."""
    plan = BranchPlan(key="", updates=(), purpose=Purpose.SECURITY)
    if fix.obstacle:
        return Found(plan=plan, solutions={}, held_back=(_held(fix, fix.obstacle),))
    candidate, failures = fix.candidate, []
    for release in candidate.releases[:MOST_TRIED]:
        trial = yield from tried({candidate: release})
        if trial.solved:
            solutions = yield from near_solutions(trial)
            plan = replace(plan, updates=(candidate.update_to(release),), reasons=_reasons(fix, release))
            return Found(plan=plan, solutions=solutions, held_back=())
        if trial.failure is None:
            return Found(plan=plan, solutions={}, held_back=(), not_judged=trial.not_judged)
        failures.append(trial.failure[0])
    lowest = replace(candidate, releases=candidate.releases[:1])
    sentence, blockers = yield from why_not(lowest, failures[0])
    return Found(plan=plan, solutions={}, held_back=(replace(_held(fix, sentence), blockers=blockers),))


def _held(fix: Fix, sentence: str) -> HeldBack:
    """Return that *fix* cannot be had: what is wrong with the version in use, and what is in the way.

    Where there is no release to be held back, it is the one in use that is spoken of.
    """
    wrong = " ".join(map(affected_sentence, fix.vulnerable.verdicts)).rstrip(".")
    releases = fix.candidate.releases
    return HeldBack(
        name=fix.vulnerable.name,
        current=fix.candidate.current,
        release=releases[0].version if releases else fix.candidate.current,
        sentence=f"{wrong}; {sentence}",
        workspace=fix.candidate.workspace,
    )


def _reasons(fix: Fix, release: Release) -> tuple[str, ...]:
    """Return what *release* mends, and that it is young where others would wait."""
    is_lowest = release == fix.candidate.releases[0]
    lower = (
        "" if is_lowest else f"{fix.vulnerable.name} {fix.candidate.releases[0].version} would do, but does not solve"
    )
    young = f"{fix.young}; what mends a vulnerability does not wait" if fix.young else ""
    wrong = (affected_sentence(each).rstrip(".") for each in fix.vulnerable.verdicts)
    return tuple(filter(None, (*wrong, lower, young)))
