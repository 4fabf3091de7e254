"""Audits of locks: channels are asked what they offer, and pure code judges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.errors import ChannelError, EgressRefused
from bot.lockfiles.url_lines import lines_of_urls
from bot.model.advisory import LockAdvisories
from bot.model.audit import ChannelAnswers, ChannelQuestion, LockAudit, Offered, Unanswered
from bot.model.package import Channel, Lock
from bot.planning.advisories import advisory_findings, excused_findings
from bot.planning.audit import audit_lock, channel_names, questions
from bot.planning.statements import SILENCE, Statements
from bot.updating.advisories import AdvisoryAuditor
from bot.updating.ports import Progress
from bot.workspaces import ResolveChannel

BROKEN_LABEL = "label/broken"
"""Where anaconda.org keeps what conda-forge marks broken: https://github.com/conda-forge/admin-requests"""


class OfferIndex(Protocol):
    """Knows what channels offer."""

    async def offered(self, question: ChannelQuestion) -> Offered:
        """Return what the channel offers of what is asked for.

        Raises:
            ChannelError: it did not answer, or lists no package at all.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """What audits need beside the locks. `index` should be a session of its own: an audit judges by fresh repodata."""

    index: OfferIndex
    resolve: ResolveChannel
    progress: Progress = field(default=lambda _: None)
    advisories: AdvisoryAuditor | None = None
    said: Statements = SILENCE

    async def audit(self, lock: Lock, text: str, base: Lock | None = None) -> LockAudit:
        """Return what is wrong with *lock*, which was parsed from *text*; license changes are those against *base*.

        Never raises for what is in the lock or what a channel answers.

        Raises:
            BadInput, ChannelError: the advisories that it is to be held against are not to be had.

        """
        channels, refused = self._resolved(lock)
        asked = questions(lock, channels)
        answers = {question.channel.url: await self._ask(question) for question in asked}
        lines = lines_of_urls(text, set(_urls(lock)))
        audited = audit_lock(lock, ChannelAnswers(channels=channels, answers=answers, refused=refused), lines, base)
        return await self._held_against_advisories(audited, lock, lines)

    async def _held_against_advisories(self, audited: LockAudit, lock: Lock, lines: Mapping[str, int]) -> LockAudit:
        if self.advisories is None:
            return audited
        self.progress("advisories")
        return held_against(audited, await self.advisories.judge(lock, self.said), lines)

    def _resolved(self, lock: Lock) -> tuple[Mapping[str, tuple[Channel, ...]], Mapping[str, str]]:
        channels: dict[str, tuple[Channel, ...]] = {}
        refused: dict[str, str] = {}
        for name in channel_names(lock):
            try:
                channels[name] = self.resolve(name)
            except EgressRefused as error:
                refused[name] = str(error)
        return channels, refused

    async def _ask(self, question: ChannelQuestion) -> Offered | Unanswered:
        self.progress(f"repodata of {question.channel.name}")
        try:
            offered = await self.index.offered(question)
        except ChannelError as error:
            return Unanswered(reason=str(error))
        missing = question.urls - offered.records.keys()
        return replace(offered, broken=await self._broken(question, missing)) if missing else offered

    async def _broken(self, question: ChannelQuestion, missing: frozenset[str]) -> frozenset[str]:
        """Return those of *missing* that the channel keeps under its label for broken packages, if it has one."""
        channel = question.channel
        label = Channel(name=f"{channel.name}/{BROKEN_LABEL}", url=f"{channel.url}/{BROKEN_LABEL}")
        moved = {label.url + url.removeprefix(channel.url): url for url in missing}
        try:
            offered = await self.index.offered(replace(question, channel=label, urls=frozenset(moved)))
        except ChannelError:
            return frozenset()
        return frozenset(moved[url] for url in offered.records)


def held_against(audit: LockAudit, found: LockAdvisories, lines: Mapping[str, int]) -> LockAudit:
    """Return *audit* with what advisories say of its lock, *found*; *lines* say where URLs stand in it."""
    findings = (*audit.findings, *advisory_findings(found, lines))
    return replace(audit, advisories=found, findings=findings, excused=tuple(excused_findings(found, lines)))


def _urls(lock: Lock) -> Iterator[str]:
    for environment in lock.environments:
        yield from (record.url for records in environment.conda.values() for record in records)
        yield from (package.url for packages in environment.pypi.values() for package in packages)
