"""What of a repository is vulnerable, and what would mend it: by advisories, channels and a solver."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.model.advisory import LockAdvisories
from bot.model.manifest import PackageName, Subdir
from bot.model.report import Problem
from bot.planning.advisories import judge_places
from bot.planning.baseline import Baseline
from bot.planning.groups import Declined
from bot.planning.offers import Lookups, channels_for, lookup_for
from bot.planning.policy import Policy
from bot.planning.security import Fix, Vulnerable, fix_for, secured, vulnerable
from bot.planning.statements import SILENCE, Statements
from bot.updating.advisories import AdvisoryAuditor
from bot.updating.contained import contained, parted
from bot.updating.drive import drive
from bot.updating.ports import ChannelIndex, Solver
from bot.updating.survey.survey import Survey

KEY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Finds what is vulnerable in a survey, unless it is `said` not to be, and the lowest releases that mend it."""

    auditor: AdvisoryAuditor
    index: ChannelIndex
    solver: Solver
    policy: Policy
    now: datetime
    said: Statements = SILENCE

    async def secured(self, survey: Survey, declined: Declined) -> Survey:
        """Return *survey* with an update for each vulnerable conda package, or why there is none.

        What people *declined* is not repeated.
        """
        judged = await contained("advisories", partial(self._judged, survey.baselines))
        if isinstance(judged, Problem):
            return replace(survey, problems=(*survey.problems, judged))
        found, standing = judged
        lookups = await self._lookups(found, survey.lookups)
        fixes = [fix_for(each, lookups, survey.holds, self.policy, self.now) for each in found]
        wanted = _by_key(_beyond(each, declined) for each in fixes)
        searches = (
            contained(key, partial(drive, secured(key, mine), self.solver.solve)) for key, mine in wanted.items()
        )
        fixed, failures = parted(await asyncio.gather(*searches))
        return replace(survey, fixes=fixed, advisories=standing, problems=(*survey.problems, *failures))

    async def _judged(self, baselines: Sequence[Baseline]) -> tuple[tuple[Vulnerable, ...], LockAdvisories]:
        """Return what of *baselines* is vulnerable, and where everything in them stands."""
        records = [each for baseline in baselines for each in baseline.records.values()]
        packages = [each for baseline in baselines for each in baseline.packages]
        each = await self.auditor.identified(records, packages)
        standing = judge_places(_places(baselines), each.known, each.unknown, each.found, self.said)
        return vulnerable(baselines, each.known, each.found, self.said), standing

    async def _lookups(self, found: Iterable[Vulnerable], lookups: Lookups) -> Lookups:
        """Return *lookups* with what channels offer of vulnerable packages that no line names."""
        more = {channels: dict(answers) for channels, answers in lookups.items()}
        for each in found:
            unit = each.baselines[0].unit
            if lookup_for(lookups, unit, each.name) is None:
                channels = channels_for(unit, each.name)
                subdirs = sorted({baseline.unit.subdir for baseline in each.baselines})
                priority = unit.environments[0].channel_priority
                answers = await self.index.releases(channels, subdirs, [each.name], priority)
                more.setdefault(tuple(channel.url for channel in channels), {}).update(answers)
        return more


def _places(baselines: Iterable[Baseline]) -> Iterator[tuple[str, Subdir, str]]:
    for baseline in baselines:
        for environment in baseline.unit.environments:
            urls = (each.url for each in baseline.records.values())
            for url in (*urls, *(each.url for each in baseline.packages)):
                yield environment.name, baseline.unit.subdir, url


def _by_key(fixes: Iterable[Fix]) -> Mapping[str, list[Fix]]:
    keys: dict[str, list[Fix]] = {}
    for each in fixes:
        keys.setdefault(key_of(each.vulnerable.name), []).append(each)
    return keys


def key_of(name: PackageName) -> str:
    """Return the key of the pull request that mends the package *name*."""
    return f"{KEY}-{name}"


def _beyond(fix: Fix, declined: Declined) -> Fix:
    """Return *fix* with the releases newer than one that people declined."""
    refused = declined.get(key_of(fix.vulnerable.name), {}).get(fix.vulnerable.name)
    if refused is None or not fix.candidate.releases:
        return fix
    if left := fix.candidate.beyond(refused):
        return replace(fix, candidate=left)
    return replace(fix, obstacle=f"people closed the pull request to {refused}, and there is none beyond it")
