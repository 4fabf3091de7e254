"""What of a repository is vulnerable, and which releases would mend it: by advisories, channels and indexes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.model.advisory import LockAdvisories
from bot.model.environment import Workspace
from bot.model.manifest import PackageName, Subdir
from bot.model.report import Problem
from bot.model.update import Lookup
from bot.planning.advisories import judge_places
from bot.planning.baseline import Baseline
from bot.planning.groups import Declined
from bot.planning.offers import Lookups, channels_for, lookup_for
from bot.planning.policy import Policy
from bot.planning.security import Fix, Vulnerable, fix_for, vulnerable
from bot.planning.statements import SILENCE, Statements
from bot.updating.advisories import AdvisoryAuditor
from bot.updating.contained import contained
from bot.updating.ports import ChannelIndex
from bot.updating.survey.indexes import PypiLookups, PypiSource
from bot.updating.survey.survey import Survey
from bot.updating.survey.unsolved_lines import with_what_pip_installs
from bot.versioning.ecosystem import CONDA, PYPI

KEY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Finds what is vulnerable in a survey, unless it is `said` not to be, and the releases that would mend it."""

    auditor: AdvisoryAuditor
    index: ChannelIndex
    pypi: PypiSource
    policy: Policy
    now: datetime
    said: Statements = SILENCE

    async def secured(self, survey: Survey, offers: PypiLookups, declined: Declined) -> Survey:
        """Return *survey* with what would mend each vulnerable package of conda or PyPI, or why nothing does.

        What people *declined* is not repeated. *offers* are what indexes answered for what lines ask PyPI for.
        """
        baselines = with_what_pip_installs(survey.reading.workspaces, survey.baselines, offers, self.now)
        judged = await contained("advisories", partial(self._judged, baselines))
        if isinstance(judged, Problem):
            return replace(survey, problems=(*survey.problems, judged))
        found, standing = judged
        conda = await self._lookups([each for each in found if each.ecosystem is CONDA], survey.lookups)
        packages = [each for each in found if each.ecosystem is PYPI]
        pypi = await self._offers(survey.reading.workspaces, packages, offers)
        fixes = [fix_for(each, _lookup(each, conda, pypi), survey.holds, self.policy, self.now) for each in found]
        wanted = _by_key(_beyond(each, declined) for each in fixes)
        return replace(survey, fixes=wanted, advisories=standing)

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

    async def _offers(
        self, workspaces: Iterable[Workspace], found: Iterable[Vulnerable], offers: PypiLookups
    ) -> PypiLookups:
        """Return *offers* with what indexes offer of vulnerable packages that no line names."""
        by_path = {each.path: each for each in workspaces}
        missing: dict[str, set[PackageName]] = {}
        for each in found:
            if each.name not in offers.get(each.workspace, {}):
                missing.setdefault(each.workspace, set()).add(each.name)
        more = {path: await self.pypi.offered(by_path[path], sorted(names)) for path, names in missing.items()}
        return {path: {**offers.get(path, {}), **more.get(path, {})} for path in {*offers, *more}}


def _lookup(each: Vulnerable, conda: Lookups, pypi: PypiLookups) -> Lookup | None:
    if each.ecosystem is PYPI:
        return pypi.get(each.workspace, {}).get(each.name)
    return lookup_for(conda, each.baselines[0].unit, each.name)


def _places(baselines: Iterable[Baseline]) -> Iterator[tuple[str, Subdir, str]]:
    for baseline in baselines:
        for environment in baseline.unit.environments:
            urls = (each.url for each in baseline.records.values())
            for url in (*urls, *(each.url for each in baseline.packages)):
                yield environment.name, baseline.unit.subdir, url


def _by_key(fixes: Iterable[Fix]) -> Mapping[str, tuple[Fix, ...]]:
    keys: dict[str, tuple[Fix, ...]] = {}
    for each in fixes:
        key = key_of(each.vulnerable)
        keys[key] = (*keys.get(key, ()), each)
    return keys


def key_of(each: Vulnerable) -> str:
    """Return the key of the pull request that mends the package *each*."""
    return f"{KEY}-{each.ecosystem.key_prefix}{each.name}"


def _beyond(fix: Fix, declined: Declined) -> Fix:
    """Return *fix* with the releases newer than one that people declined."""
    refused = declined.get(key_of(fix.vulnerable), {}).get(fix.vulnerable.name)
    if refused is None or not fix.candidate.releases:
        return fix
    if left := fix.beyond(refused):
        return replace(left, lowest=left.candidate.releases[0].version)
    return replace(fix, obstacle=f"people closed the pull request to {refused}, and there is none beyond it")
