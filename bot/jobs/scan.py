"""Scan one repository: read the world, and make the bot's pull requests what they should be.

Level-triggered: nothing is taken from the event that asked for it. With nothing to do it makes four requests to
GitHub (a token, the overview, the tree, the files), and one more for a configuration that is new; a token that may
write is only asked for when something is written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.errors import ConfigurationError, InspectionStopped, RefMoved
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
from bot.planning.holds import RepositoryFacts, of_other_bots
from bot.updating.inspection import Circumstances, Inspected, Inspection, Inspections
from bot.updating.read.relevance import WORKFLOWS

GONE = "What this proposed is no longer needed: the manifest changed, or a newer pull request replaces it."


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryScan:
    """The use case; called with the ids of an installation and a repository.

    It reads nothing of what files hold: that is for `inspections`.
    """

    app: GitHubApp
    inspections: Inspections
    keys: MarkerKeys
    prefix: str
    clock: Clock
    blobs: BlobCache = field(default_factory=BlobCache)

    async def __call__(self, installation_id: int, repository_id: int) -> RunReport:
        """Scan the repository and publish what it came to; a bound that is met on the way is an outcome."""
        outcomes: list[str] = []
        log: tuple[str, ...] = ()
        async with self.inspections.open(installation_id, repository_id) as inspection:
            try:
                read = await self._read(installation_id, repository_id, inspection)
                if isinstance(read, str):
                    return RunReport(outcomes=(read,))
                inspected = await inspection.scan(self._circumstances(read.repository))
                work, log = _work(read.repository, inspected), inspected.log
                await self._write(installation_id, read, work, inspection, outcomes)
                outcomes += [*_lines(work), *inspected.lines]
            except ConfigurationError as error:
                outcomes += [f"nothing is proposed: {each}" for each in error.problems]
            except InspectionStopped as error:
                outcomes.append(f"{'not finished' if outcomes else 'nothing is proposed'}: {error}")
        return RunReport(outcomes=tuple(outcomes), log=log)

    async def _read(self, installation_id: int, repository_id: int, inspection: Inspection) -> "_Read | str":
        """Have *inspection* given the files that it wants; return the repository, or why it is left alone."""
        async with self.app.installation(installation_id, repository_id, READ) as client:
            seen = await overview(client, prefix=self.prefix)
            if reason := _left_alone(seen):
                return reason
            base = _default_branch(seen)
            tree = await contents.tree(client, base.head.tree)
            await self._give(client, tree, inspection)
        repository = SeenRepository(overview=seen, keys=self.keys, prefix=self.prefix)
        return _Read(repository=repository, base=base, tree=tree)

    async def _give(self, client: Client, tree: Sequence[TreeEntry], inspection: Inspection) -> None:
        """Give every file that is wanted, each once."""
        entries = {entry.path: entry for entry in tree}
        wanted = await inspection.listed({path: entry.size for path, entry in entries.items()})
        while found := [entries.pop(path) for path in wanted if path in entries]:
            wanted = await inspection.given(await contents.read(client, found, self.blobs))

    def _circumstances(self, repository: SeenRepository) -> Circumstances:
        markers = tuple(repository.markers())
        return Circumstances(
            now=self.clock.now(),
            declined=declined(markers),
            open_keys=open_keys(markers),
            facts=RepositoryFacts(open_pull_requests=of_other_bots(repository.overview.others)),
            unwritable=(WORKFLOWS,),
        )

    async def _write(
        self, installation_id: int, read: "_Read", work: "_Work", inspection: Inspection, outcomes: list[str]
    ) -> None:
        """Publish and withdraw; *outcomes* are told of each as it is done."""
        if not work.to_publish and not work.to_withdraw:
            return
        permissions = WRITE if work.to_publish else WITHDRAW
        repository_id = read.repository.overview.repository.id
        async with self.app.installation(installation_id, repository_id, permissions) as client:
            publisher = Publisher(client=client, base=read.base, tree=read.tree, keys=self.keys, inspection=inspection)
            for decision in work.to_publish:
                outcomes.append(await _publish(publisher, read.repository, decision))  # noqa: PERF401 -- kept if the next fails
            for pull in work.to_withdraw:
                outcomes.append(await _withdraw(client, pull))  # noqa: PERF401 -- the same


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A repository as it was read: the branch that everything is made on, and its files."""

    repository: SeenRepository
    base: Branch
    tree: tuple[TreeEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is to be done for a repository."""

    decisions: tuple[Decision, ...]
    to_withdraw: tuple[PullRequest, ...]

    @property
    def to_publish(self) -> tuple[Decision, ...]:
        """The decisions that write."""
        return tuple(each for each in self.decisions if each.action in {Action.OPEN, Action.REFRESH})


def _work(repository: SeenRepository, inspected: Inspected) -> _Work:
    """Decide on every proposal. What could not be judged is no reason to withdraw anything."""
    gone = no_longer_wanted(repository, inspected.drafts) if inspected.complete else ()
    return _Work(decisions=tuple(decide(repository, draft) for draft in inspected.drafts), to_withdraw=gone)


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


async def _publish(publisher: Publisher, repository: SeenRepository, decision: Decision) -> str:
    if decision.branch is None:
        earlier = await pulls_of_branch(publisher.client, decision.name)
        if was_declined(repository, earlier, decision.draft):
            return f"declined before: {decision.draft.title}"
    try:
        number = await publisher.publish(decision)
    except RefMoved as error:
        return f"hands off {decision.name}: {error}"
    done = "opened" if decision.action is Action.OPEN else "refreshed"
    return f"{done} #{number}: {decision.draft.title}"


async def _withdraw(client: Client, pull: PullRequest) -> str:
    await withdraw(client, pull, comment=GONE)
    return f"withdrew #{pull.number}: {pull.title}"


def _lines(work: _Work) -> Iterable[str]:
    for decision in work.decisions:
        if decision.action is Action.KEEP and decision.pull:
            yield f"up to date #{decision.pull.number}: {decision.pull.title}"
        if decision.action is Action.HANDS_OFF:
            yield f"hands off {decision.name}: a person has committed to it"
