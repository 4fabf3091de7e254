"""Scan one repository: read the world, and make the bot's pull requests what they should be.

Level-triggered: nothing is taken from the event that asked for it. With nothing to do it makes four requests to
GitHub (a token, the overview, the tree, the files), and one more for a configuration that is new; a token that may
write is only asked for when something is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.clock import Clock
from bot.config import PATHS, Configuration, read_configuration
from bot.errors import ConfigurationError, RefMoved
from bot.github import contents
from bot.github.auth import GitHubApp
from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.model import Branch, PullRequest, RepositoryOverview, TreeEntry
from bot.github.ours import MarkerKeys
from bot.github.overview import overview, pulls_of_branch
from bot.github.permissions import READ, WITHDRAW, WRITE
from bot.github.pulls import withdraw
from bot.jobs.decide import (
    Action,
    Decision,
    SeenRepository,
    decide,
    declined,
    no_longer_wanted,
    open_keys,
    was_declined,
)
from bot.jobs.publish import Publisher
from bot.jobs.report import RunReport
from bot.manifests.paths import matches_pattern
from bot.model.manifest import SkipReason
from bot.model.report import DependencyStatus, Recognised, ScanReport, Standing
from bot.planning.holds import RepositoryFacts, of_other_bots
from bot.rendering.names import title
from bot.updating.ports import Progress
from bot.updating.read.named import named_paths
from bot.updating.read.relevance import WORKFLOWS, left_out, relevant_paths
from bot.updating.scan import Scanner
from bot.updating.survey.lock_refresh import LockAuditor

GONE = "What this proposed is no longer needed: the manifest changed, or a newer pull request replaces it."


class Engine(Protocol):
    """Makes scanners. Each sees one state of the channels and indexes."""

    def scanner(self, now: datetime, progress: Progress) -> Scanner:
        """Return a scanner that counts ages from *now* and tells *progress* what it does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryScan:
    """The use case; called with the ids of an installation and a repository."""

    app: GitHubApp
    engine: Engine
    keys: MarkerKeys
    prefix: str
    clock: Clock
    blobs: BlobCache = field(default_factory=BlobCache)

    async def __call__(self, installation_id: int, repository_id: int) -> RunReport:
        """Scan the repository and publish what it came to."""
        log: list[str] = []
        async with self.app.installation(installation_id, repository_id, READ) as client:
            seen = await overview(client, prefix=self.prefix)
            if reason := _left_alone(seen):
                return RunReport(outcomes=(reason,))
            base = _default_branch(seen)
            tree = await contents.tree(client, base.head.tree)
            try:
                configuration = await self._configuration(client, tree)
            except ConfigurationError as error:
                return RunReport(outcomes=tuple(f"nothing is proposed: {each}" for each in error.problems))
            files = await self._files(client, tree, configuration)
        repository = SeenRepository(overview=seen, keys=self.keys, prefix=self.prefix)
        scanner = replace(
            self.engine.scanner(self.clock.now(), log.append),
            unwritable=(WORKFLOWS,),
            facts=RepositoryFacts(open_pull_requests=of_other_bots(seen.others)),
        )
        markers = tuple(repository.markers())
        report = await scanner.configured(configuration).scan(files, declined(markers), open_keys(markers))
        work = _work(repository, report)
        words = (*_words(work, report), *map(_left_out, left_out(_sizes(tree), configuration)))
        outcomes = [*await self._write(installation_id, base, tree, work, scanner.auditor), *words]
        return RunReport(outcomes=tuple(outcomes), log=tuple(log))

    async def _configuration(self, client: Client, tree: Iterable[TreeEntry]) -> Configuration:
        """Return what the repository asks for; one more request, until that content is remembered."""
        entries = [each for each in tree if each.path in PATHS]
        return read_configuration(await contents.read(client, entries, self.blobs) if entries else {})

    async def _files(
        self, client: Client, tree: Sequence[TreeEntry], configuration: Configuration
    ) -> Mapping[str, bytes]:
        files = await contents.read(client, _relevant(tree, configuration), self.blobs)
        return {**files, **await contents.read(client, _named(tree, files), self.blobs)}

    async def _write(
        self, installation_id: int, base: Branch, tree: Sequence[TreeEntry], work: "_Work", auditor: LockAuditor
    ) -> list[str]:
        if not work.to_publish and not work.to_withdraw:
            return []
        permissions = WRITE if work.to_publish else WITHDRAW
        async with self.app.installation(
            installation_id, work.repository.overview.repository.id, permissions
        ) as client:
            publisher = Publisher(
                client=client, base=base, tree=tree, keys=self.keys, now=self.clock.now(), auditor=auditor
            )
            published = [await _publish(publisher, work.repository, decision) for decision in work.to_publish]
            return [*published, *[await _withdraw(client, pull) for pull in work.to_withdraw]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is to be done for a repository."""

    repository: SeenRepository
    decisions: tuple[Decision, ...]
    to_withdraw: tuple[PullRequest, ...]

    @property
    def to_publish(self) -> tuple[Decision, ...]:
        """The decisions that write."""
        return tuple(each for each in self.decisions if each.action in {Action.OPEN, Action.REFRESH})


def _work(repository: SeenRepository, report: ScanReport) -> _Work:
    """Decide on every proposal. What could not be judged is no reason to withdraw anything."""
    gone = () if report.problems else no_longer_wanted(repository, report.proposals)
    decisions = tuple(decide(repository, proposal) for proposal in report.proposals)
    return _Work(repository=repository, decisions=decisions, to_withdraw=gone)


def _left_alone(seen: RepositoryOverview) -> str | None:
    """Forks, archived and template repositories are never touched unless asked."""
    kinds = {"archived": seen.archived, "a fork": seen.fork, "a template": seen.template}
    kind = next((kind for kind, applies in kinds.items() if applies), None)
    if kind:
        return f"left alone: the repository is {kind}"
    return None if seen.default_branch else "left alone: the repository is empty"


def _default_branch(seen: RepositoryOverview) -> Branch:
    if seen.default_branch is None:
        raise ValueError("an empty repository has no default branch")
    return seen.default_branch


def _relevant(tree: Iterable[TreeEntry], configuration: Configuration) -> list[TreeEntry]:
    entries = {entry.path: entry for entry in tree}
    return [entries[path] for path in relevant_paths(_sizes(entries.values()), configuration)]


def _named(tree: Iterable[TreeEntry], files: Mapping[str, bytes]) -> list[TreeEntry]:
    entries = {entry.path: entry for entry in tree}
    return [entries[path] for path in named_paths(files, _sizes(entries.values()))]


def _sizes(tree: Iterable[TreeEntry]) -> Mapping[str, int]:
    return {entry.path: entry.size for entry in tree}


async def _publish(publisher: Publisher, repository: SeenRepository, decision: Decision) -> str:
    if decision.branch is None:
        earlier = await pulls_of_branch(publisher.client, decision.name)
        if was_declined(repository, earlier, decision.proposal):
            return f"declined before: {title(decision.proposal)}"
    try:
        number = await publisher.publish(decision)
    except RefMoved as error:
        return f"hands off {decision.name}: {error}"
    done = "opened" if decision.action is Action.OPEN else "refreshed"
    return f"{done} #{number}: {title(decision.proposal)}"


async def _withdraw(client: Client, pull: PullRequest) -> str:
    await withdraw(client, pull, comment=GONE)
    return f"withdrew #{pull.number}: {pull.title}"


def _words(work: _Work, report: ScanReport) -> Iterable[str]:
    for decision in work.decisions:
        if decision.action is Action.KEEP and decision.pull:
            yield f"up to date #{decision.pull.number}: {decision.pull.title}"
        if decision.action is Action.HANDS_OFF:
            yield f"hands off {decision.name}: a person has committed to it"
    for held in report.held_back:
        yield f"held back {held.name} {held.current}: {held.sentence}"
    for path, reason in dict.fromkeys((each.manifest, each.reason) for each in report.statuses if _is_beyond_us(each)):
        yield f"left alone {path}: {reason}"
    for problem in report.problems:
        yield f"not done: {problem}"
    if not report.proposals and not report.problems:
        yield "nothing to update"


def _left_out(recognised: Recognised) -> str:
    return f"left alone {recognised.path}: {recognised.sentence}"


def _is_beyond_us(status: DependencyStatus) -> bool:
    is_too_many = status.reason.startswith(f"{SkipReason.TOO_MANY}: ")
    return status.standing is Standing.LEFT_ALONE and (is_too_many or matches_pattern(status.manifest, WORKFLOWS))
