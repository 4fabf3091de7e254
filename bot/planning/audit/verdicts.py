"""What is wrong with one locked record, given what its channel offers.

Rules:
1. A record is looked for where its URL says that it lies, and its fields must agree with what is there.
2. Only what the format of a lock keeps is compared: what a format cannot say is not missing.
3. A sentence quotes text of the lock and the channel, shortened; it never repeats credentials.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.model.audit import FindingRule, Offered
from bot.model.package import Channel, LockFormat, Record
from bot.planning.audit.homes import home_of, host_of, names_of

_REVOKED: Final = "package_has_been_revoked"
"""The dependency by which conda-index marks what a channel has revoked: nothing provides it."""

_IDENTITY: Final = ("name", "version", "build", "subdir")
_LONGEST_QUOTE: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A rule that a record breaks, and the sentence that says how."""

    rule: FindingRule
    sentence: str


def verdicts(record: Record, offered: Offered, lock_format: LockFormat) -> Iterator[Verdict]:
    """Yield what is wrong with *record*, of a lock of *lock_format*, given what its channel has *offered*."""
    there = offered.records.get(record.url)
    if there is None:
        yield _absent(record, offered)
        return
    yield from _revoked(record, there)
    yield from _identity(record, there, lock_format)
    yield from _hashes(record, there, lock_format)
    yield from _size(record, there)
    if lock_format.is_complete:
        yield from _dependencies(record, there)


def foreign(record: Record, channels: Iterable[Channel]) -> Verdict:
    """Return that *record* lies in none of *channels*, which are those of its environment."""
    urls = [channel.url for channel in channels]
    host = host_of(record.url)
    listed = ", ".join(urls) or "none"
    if host and host not in map(host_of, urls):
        sentence = f"{_file(record)} comes from the host {quote(host)}; the channels of its environment are: {listed}."
        return Verdict(rule=FindingRule.FOREIGN_HOST, sentence=sentence)
    sentence = f"{_file(record)} lies in none of the channels of its environment, which are: {listed}."
    return Verdict(rule=FindingRule.FOREIGN_CHANNEL, sentence=sentence)


def quote(text: str) -> str:
    """Return *text* shortened to what a sentence bears."""
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _absent(record: Record, offered: Offered) -> Verdict:
    if record.url in offered.broken:
        sentence = f"{_file(record)} was marked broken and taken out of its channel: lock again."
        return Verdict(rule=FindingRule.RECORD_BROKEN, sentence=sentence)
    if names_of(record) & offered.names:
        sentence = f"{_file(record)} is not, or no longer, in its channel: lock again."
        return Verdict(rule=FindingRule.RECORD_GONE, sentence=sentence)
    sentence = f"{_file(record)} is unknown: its channel has no package called {quote(record.name)}."
    return Verdict(rule=FindingRule.RECORD_UNKNOWN, sentence=sentence)


def _revoked(record: Record, there: Record) -> Iterator[Verdict]:
    if any(depends.split(" ", 1)[0] == _REVOKED for depends in there.depends):
        sentence = f"{_file(record)} has been revoked by its channel and cannot be solved for any more: lock again."
        yield Verdict(rule=FindingRule.RECORD_BROKEN, sentence=sentence)


def _identity(record: Record, there: Record, lock_format: LockFormat) -> Iterator[Verdict]:
    for name in (*_IDENTITY, "build_number") if lock_format.is_complete else _IDENTITY:
        ours, theirs = str(getattr(record, name)), str(getattr(there, name))
        if ours != theirs:
            words = name.replace("_", " ")
            sentence = f"{_file(record)} has the {words} {quote(theirs)} in its channel, but {quote(ours)} in the lock."
            yield Verdict(rule=FindingRule.IDENTITY_DIFFERS, sentence=sentence)


def _hashes(record: Record, there: Record, lock_format: LockFormat) -> Iterator[Verdict]:
    for name, ours, theirs in (("sha256", record.sha256, there.sha256), ("md5", record.md5, there.md5)):
        if ours and theirs and ours.lower() != theirs.lower():
            sentence = (
                f"{_file(record)} has the {name} {quote(theirs)} in its channel, but {quote(ours)} in the lock:"
                " do not install it before you know why."
            )
            yield Verdict(rule=FindingRule.HASH_DIFFERS, sentence=sentence)
    if there.sha256 and not record.sha256 and lock_format.is_complete:
        rest = "only its md5 would be checked" if record.md5 else "nothing would check it"
        sentence = f"{_file(record)} has no sha256 in the lock, though its channel states one: {rest}."
        yield Verdict(rule=FindingRule.HASH_MISSING, sentence=sentence)


def _size(record: Record, there: Record) -> Iterator[Verdict]:
    if None not in (record.size, there.size) and record.size != there.size:
        sentence = f"{_file(record)} has {there.size} bytes in its channel, but {record.size} in the lock."
        yield Verdict(rule=FindingRule.SIZE_DIFFERS, sentence=sentence)


def _dependencies(record: Record, there: Record) -> Iterator[Verdict]:
    changes = [*_moved("depends", record.depends, there.depends)]
    changes += _moved("constrains", record.constrains, there.constrains)
    if changes:
        sentence = f"{_file(record)} has other dependencies in its channel than in the lock: {'; '.join(changes)}."
        yield Verdict(rule=FindingRule.DEPENDENCIES_DIFFER, sentence=sentence)


def _moved(field: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Iterator[str]:
    """Yield, in words, what the channel states in *field* and the lock does not, and the other way round."""
    for words, these, those in (("only in the channel", theirs, ours), ("only in the lock", ours, theirs)):
        alone = sorted(set(these) - set(those) - {_REVOKED})
        if alone:
            yield f"{field} {words}: {quote(', '.join(alone))}"


def _file(record: Record) -> str:
    return quote(home_of(record.url).file_name)
