"""License changes between two states of a lock."""

from collections.abc import Iterator

from bot.model.audit import FindingRule
from bot.model.manifest import PackageName, PlatformName
from bot.model.package import Lock, Record
from bot.planning.audit.verdicts import Verdict, quote


def license_changes(before: Lock, after: Lock) -> Iterator[tuple[str, PlatformName, Record, Verdict]]:
    """Yield environment, platform and record of each package that both locks have under different licenses.

    A record that stays the same file counts as well: then somebody changed what the lock says of it.
    """
    for environment in after.environments:
        for platform, records in environment.conda.items():
            locked = _by_name(before, environment.name, platform)
            for record in records:
                old = locked.get(record.name)
                if old is not None and old.license != record.license:
                    yield environment.name, platform, record, _changed(old, record)


def _by_name(lock: Lock, name: str, platform: PlatformName) -> dict[PackageName, Record]:
    environment = lock.environment(name)
    return {} if environment is None else {record.name: record for record in environment.conda.get(platform, ())}


def _changed(old: Record, new: Record) -> Verdict:
    sentence = (
        f"{new.name} {quote(new.version)} states the license {_license(new)};"
        f" {quote(old.version)} stated {_license(old)}."
    )
    return Verdict(rule=FindingRule.LICENSE_CHANGED, sentence=sentence)


def _license(record: Record) -> str:
    return quote(record.license) if record.license else "none"
