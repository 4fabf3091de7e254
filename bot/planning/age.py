"""How old a release must be to be proposed: what the policy says and pixi's `exclude-newer`, the stricter of both.

What the policy or a span (`7d`) keeps out comes in by itself, and the day is said. What a date keeps out does not: the
line that says it is named instead. What pixi makes an exception for is still up to the policy.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model.environment import Environment
from bot.model.exclude_newer import CutOff, ExcludeNewer
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.planning.policy import Policy
from bot.planning.rules import Effect
from bot.versioning.records import admits


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLimit:
    """What the manifest at `path` keeps out of what `channel` offers."""

    exclude_newer: ExcludeNewer
    path: str
    channel: str = ""

    def cut_off(self, name: PackageName, version: str) -> CutOff | None:
        """Return the moment after which *version* of *name* does not count, None if there is none."""
        found = self.exclude_newer.of(name, self.channel)
        exempt = [
            each
            for each in self.exclude_newer.exemptions
            if each.name == name and each.channel in ("", self.channel) and admits(each.match_spec, version)
        ]
        if found is None or any(each.until is None for each in exempt):
            return None
        later = [CutOff(moment=each.until, is_fixed=True) for each in exempt if each.until]
        return max([found, *later], key=lambda each: each.moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLimit:
    """Releases of `name` that were built after `newest` are too young, and those that one of `written` keeps out."""

    name: PackageName
    newest: datetime
    written: tuple[WrittenLimit, ...] = ()

    def for_rules(self, effect: Effect, policy: Policy, now: datetime) -> "AgeLimit":
        """Return it as *effect*, what rules want, has it."""
        return self if effect.age is None else replace(self, newest=now - policy.age_for(effect))

    def obstacle(self, version: str, built: datetime, now: datetime) -> str:
        """Return why *version*, built then, is too young, as a sentence; empty if it is not."""
        cut_offs = [(found, each.path) for each in self.written if (found := each.cut_off(self.name, version))]
        release = f"{self.name} {version}"
        for cut_off, path in sorted(cut_offs, key=lambda pair: pair[0].moment):
            if cut_off.is_fixed and built > cut_off.moment:
                return f"`exclude-newer` in {path} keeps {release} out, which is of {built.date().isoformat()}"
        newest = min([self.newest, *(each.moment for each, _ in cut_offs)])
        if built <= newest:
            return ""
        due = now + (built - newest)
        return f"{release} is {_days(now - built)} old: due {due.date().isoformat()}"


def is_kept_out(record: Record, environment: Environment) -> bool:
    """Tell whether `exclude-newer` keeps *record* out of *environment*; what does not say when it was built is let in.

    That is how pixi judges what is locked.
    """
    limit = WrittenLimit(
        exclude_newer=environment.exclude_newer,
        path=environment.manifests[0],
        channel=environment.channel_of(record),
    )
    found = limit.cut_off(record.name, record.version)
    return found is not None and record.built is not None and record.built > found.moment


def conda_age_limit(
    name: PackageName, asked: Iterable[tuple[Environment, str]], policy: Policy, now: datetime
) -> AgeLimit:
    """Return the strictest limit on *name* in all environments in *asked*, each with the URL of its channel for it."""
    written = (
        WrittenLimit(exclude_newer=environment.exclude_newer, path=environment.manifests[0], channel=channel)
        for environment, channel in asked
    )
    return _limit(name, written, policy, now)


def pypi_age_limit(name: PackageName, environments: Iterable[Environment], policy: Policy, now: datetime) -> AgeLimit:
    """Return the strictest limit on the PyPI package *name* in all of *environments*."""
    written = (WrittenLimit(exclude_newer=each.pypi_exclude_newer, path=each.manifests[0]) for each in environments)
    return _limit(name, written, policy, now)


def _limit(name: PackageName, written: Iterable[WrittenLimit], policy: Policy, now: datetime) -> AgeLimit:
    return AgeLimit(name=name, newest=now - policy.minimum_release_age, written=tuple(written))


def _days(age: timedelta) -> str:
    days = max(age.days, 0)
    return "1 day" if days == 1 else f"{days} days"
