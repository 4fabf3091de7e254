"""A lock against what its channels offer: what to ask them, and what the answers come to (pure).

A channel that did not answer makes its records unjudged, never gone. A record is judged by the channels of each
environment that it is locked in; what is wrong in the same way in several of them is one finding. Where a
lock names no channels, each record is judged by the channel that it says it lies in, and none is foreign.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.manifests.credentials import without_credentials
from bot.model.audit import ChannelAnswers, ChannelQuestion, Finding, FindingRule, LockAudit, NotJudged, Unanswered
from bot.model.manifest import PlatformName, Subdir
from bot.model.package import Channel, Lock, LockedEnvironment, LockFormat, Record
from bot.planning.audit.homes import home_of, names_of
from bot.planning.audit.licenses import license_changes
from bot.planning.audit.verdicts import Verdict, foreign, verdicts

__all__ = ["audit_lock", "channel_names", "questions"]


def channel_names(lock: Lock) -> tuple[str, ...]:
    """Return the channels by which the records of *lock* are judged, as written there, each once."""
    named = (name for environment in _environments(lock) for name in environment.channels)
    return tuple(dict.fromkeys(named))


def questions(lock: Lock, channels: Mapping[str, tuple[Channel, ...]]) -> tuple[ChannelQuestion, ...]:
    """Return what to ask about the records of *lock*: one question for each channel that any of them lies in.

    *channels* are those that may be asked, by their names as written in the lock.
    """
    wanted: dict[str, dict[str, Record]] = defaultdict(dict)
    for environment in _environments(lock):
        mine = {channel.url for channel in _channels(environment, channels)}
        for _, record in _records(environment):
            if (home := home_of(record.url).channel) in mine:
                wanted[home][record.url] = record
    by_url = {channel.url: channel for meant in channels.values() for channel in meant}
    return tuple(_question(by_url[url], records.values()) for url, records in wanted.items())


def audit_lock(lock: Lock, answers: ChannelAnswers, lines: Mapping[str, int], base: Lock | None = None) -> LockAudit:
    """Return what is wrong with *lock*, given the *answers* of its channels.

    *lines* says where in the lock the records stand, by URL. License changes are those against *base*.
    """
    collected = _Collected()
    for environment in _environments(lock):
        for platform, record in _records(environment):
            judged = _judge(record, environment, answers, lock.format)
            if isinstance(judged, Unanswered):
                collected.unjudged[judged.reason].add(record.url)
                continue
            for verdict in judged:
                collected.add(environment.name, lock.subdir(platform), record, verdict)
    for change in license_changes(base, lock) if base else ():
        collected.add(change[0], lock.subdir(change[1]), *change[2:])
    return LockAudit(
        path=lock.path,
        records=len({record.url for environment in _environments(lock) for _, record in _records(environment)}),
        others=len({url for environment in _environments(lock) for url in _others(environment)}),
        findings=collected.findings(lines),
        not_judged=tuple(
            NotJudged(reason=reason, records=len(urls), lasts=reason in answers.refused.values())
            for reason, urls in sorted(collected.unjudged.items())
        ),
    )


@dataclass(slots=True, kw_only=True)
class _Places:
    """A record that breaks a rule, and where it is locked."""

    record: Record
    environments: dict[str, None] = field(default_factory=dict)
    subdirs: dict[Subdir, None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Collected:
    """What was found so far: places by rule, URL and sentence, and URLs that are not judged by the reason."""

    places: dict[tuple[FindingRule, str, str], _Places] = field(default_factory=dict)
    unjudged: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, environment: str, subdir: Subdir, record: Record, verdict: Verdict) -> None:
        """Note that *record* has *verdict* in *environment* on *subdir*."""
        places = self.places.setdefault((verdict.rule, record.url, verdict.sentence), _Places(record=record))
        places.environments[environment] = None
        places.subdirs[subdir] = None

    def findings(self, lines: Mapping[str, int]) -> tuple[Finding, ...]:
        """Return the findings, in the order of the rules, then by package."""
        found = (
            Finding(
                rule=rule,
                name=places.record.name,
                version=places.record.version,
                url=without_credentials(url),
                environments=tuple(places.environments),
                subdirs=tuple(sorted(places.subdirs)),
                sentence=sentence,
                line=lines.get(url),
            )
            for (rule, url, sentence), places in self.places.items()
        )
        order = tuple(FindingRule)
        return tuple(sorted(found, key=lambda each: (order.index(each.rule), each.name, each.url)))


def _environments(lock: Lock) -> tuple[LockedEnvironment, ...]:
    if lock.format.names_channels:
        return lock.environments
    return tuple(
        replace(each, channels=tuple(dict.fromkeys(home_of(record.url).channel for _, record in _records(each))))
        for each in lock.environments
    )


def _question(channel: Channel, records: Iterable[Record]) -> ChannelQuestion:
    every = tuple(records)
    return ChannelQuestion(
        channel=channel,
        subdirs=frozenset(home_of(record.url).subdir for record in every),
        names=frozenset().union(*map(names_of, every)),
        urls=frozenset(record.url for record in every),
    )


def _judge(
    record: Record, environment: LockedEnvironment, answers: ChannelAnswers, lock_format: LockFormat
) -> tuple[Verdict, ...] | Unanswered:
    channels = _channels(environment, answers.channels)
    home = home_of(record.url).channel
    if home not in {channel.url for channel in channels}:
        return _refusal(record, environment, answers) or (foreign(record, channels),)
    answer = answers.answers[home]
    return answer if isinstance(answer, Unanswered) else tuple(verdicts(record, answer, lock_format))


def _refusal(record: Record, environment: LockedEnvironment, answers: ChannelAnswers) -> Unanswered | None:
    """Return why nothing can be said of *record*: it may lie in a channel that condabot does not ask."""
    for name in environment.channels:
        may_be_its_own = "://" not in name or record.url.startswith(f"{name.rstrip('/')}/")
        if name in answers.refused and may_be_its_own:
            return Unanswered(reason=answers.refused[name])
    return None


def _channels(environment: LockedEnvironment, channels: Mapping[str, tuple[Channel, ...]]) -> tuple[Channel, ...]:
    return tuple(channel for name in environment.channels for channel in channels.get(name, ()))


def _records(environment: LockedEnvironment) -> Iterator[tuple[PlatformName, Record]]:
    for platform, records in environment.conda.items():
        for record in records:
            yield platform, record


def _others(environment: LockedEnvironment) -> Iterator[str]:
    yield from (package.url for packages in environment.pypi.values() for package in packages)
    yield from (source.url for sources in environment.sources.values() for source in sources)
