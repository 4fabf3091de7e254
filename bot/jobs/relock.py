"""Relock a pull request: have the merge of both sides solved, and push it, or show it as a patch.

The branch is moved from where it was read, so that a person's push is never overwritten. If one came in between, what
is there now is read and solved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from bot.clock import Clock
from bot.errors import BadInput, CondabotError, GitHubError, GitHubUnavailable, RefMoved
from bot.github import changes, commits, contents, merges
from bot.github.auth import GitHubApp
from bot.github.changes import Change
from bot.github.client import Client
from bot.github.contents import BlobCache
from bot.github.merges import CommitShape, Item, TreeMerge
from bot.github.model import FileMode, Oid, TreeEntry
from bot.github.people import web_address
from bot.github.permissions import PUSH, READ
from bot.github.references import tip
from bot.jobs.answer import Answer
from bot.jobs.conflicts import STATES, merged_text
from bot.jobs.giving import give, give_configured
from bot.jobs.meanwhile import configuration_of
from bot.jobs.neighbours import Neighbours, NoNeighbours
from bot.jobs.report import CommandAssignment
from bot.model.update import BranchName
from bot.rendering import answers
from bot.rendering.answers import Offer
from bot.updating.inspection import RELOCKED, Inspection, Inspections, Resolved

TRIES: Final = 2
MOST_MERGED: Final = 20
"""Files besides manifests and locks that both sides changed, and that are merged as text."""

LARGEST_MERGED: Final = 500_000
"""Bytes of such a file."""

SWITCHED_OFF: Final = "the configuration says `enabled: false`, so that no lock here is condabot's"
NOT_PUSHED: Final = "it could not be pushed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposal:
    """A pull request, the tip of the branch that it is for, and where both began."""

    change: Change
    base: CommitShape
    head: CommitShape
    began: Oid


@dataclass(frozen=True, slots=True, kw_only=True)
class _Solved:
    """What the child made of it: its verdict, and the new texts by path; `merged` are files of no environment."""

    proposal: _Proposal
    resolved: Resolved
    texts: Mapping[str, bytes]
    tree: TreeMerge | None = None
    items: Mapping[str, Item] = field(default_factory=dict)
    merged: Mapping[str, bytes] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocking:
    """Relocks pull requests. It reads nothing of what files hold: that is for `inspections`."""

    app: GitHubApp
    inspections: Inspections
    clock: Clock
    blobs: BlobCache = field(default_factory=BlobCache)
    neighbours: Neighbours = field(default_factory=NoNeighbours)

    async def relock(self, assignment: CommandAssignment, *, may_push: bool) -> Answer:
        """Relock the pull request of *assignment*; unless it *may_push*, show what would be pushed."""
        for _ in range(TRIES):
            try:
                return await self._relock(assignment, may_push=may_push)
            except RefMoved:
                continue
        return Answer(text=answers.MOVED, outcome="not relocked: people push to it meanwhile")

    async def _relock(self, assignment: CommandAssignment, *, may_push: bool) -> Answer:
        where = assignment.repository
        try:
            async with (
                assignment.client(self.app, READ) as client,
                self.inspections.open(where.installation_id, where.repository_id) as inspection,
            ):
                proposal = await _proposal(client, assignment.command.number)
                if proposal is None:
                    return Answer(text=answers.CLOSED, outcome="not relocked: it is closed")
                solved = await self._solved(assignment, client, inspection, proposal)
                place = f"{web_address(client.api.base_url)}/{client.repository.owner}/{client.repository.name}"
        except GitHubUnavailable:
            raise
        except CondabotError as error:
            return Answer(text=answers.not_relocked([str(error)]), outcome=f"not relocked: {error}")
        if not solved.resolved.locks:
            return _nothing(solved.resolved)
        is_here = proposal.change.head_repository == where.repository_id
        if not (may_push and is_here and assignment.may("contents")) or solved.conflicts:
            why = answers.elsewhere(is_here=is_here, conflicts=solved.conflicts)
            return _offered(solved, place, why)
        return await self._pushed(assignment, solved, place)

    async def _solved(
        self, assignment: CommandAssignment, client: Client, inspection: Inspection, proposal: _Proposal
    ) -> _Solved:
        """Have *inspection* given every state, and solve; what it says is read while it is there."""
        await self._give(assignment, client, inspection, proposal)
        if not (await inspection.manners()).enabled:
            raise BadInput(SWITCHED_OFF)
        resolved = await inspection.relock(self.clock.now())
        texts = {path: await inspection.text(RELOCKED, path) for path in resolved.paths}
        solved = _Solved(proposal=proposal, resolved=resolved, texts=texts)
        return await self._merged(client, inspection, solved) if resolved.needs_merge else solved

    async def _give(
        self, assignment: CommandAssignment, client: Client, inspection: Inspection, proposal: _Proposal
    ) -> None:
        """Give where both sides began, theirs, ours; before these the same of what the last commit put together.

        By that a lock is resolved in which it left markers: a merge has its parents for that, another commit what was
        there before it, and the branch. Everywhere the configuration of the branch counts that the pull request is for:
        nobody's fork says how it is done.
        """
        head, base = proposal.head, proposal.base
        one, other = (*head.parents, base.oid, base.oid)[:2]
        before = (await changes.merge_base(client, other, one), other, one)
        neighbour = self.neighbours.of(assignment.repository.installation_id, client.budget)
        hand = partial(give, client, inspection=inspection, blobs=self.blobs, neighbour=neighbour)
        trees: dict[Oid, tuple[TreeEntry, ...]] = {base.oid: await contents.tree(client, base.tree)}
        configuration = configuration_of(trees[base.oid])
        for oid in (*before, proposal.began, base.oid, head.oid):
            if oid not in trees:
                trees[oid] = await contents.tree(client, oid)
            await give_configured(hand, trees[oid], configuration)

    async def _merged(self, client: Client, inspection: Inspection, solved: _Solved) -> _Solved:
        """Merge what no environment is made of: of most files one side has the newer state."""
        proposal = solved.proposal
        began, theirs, ours = [
            await merges.items(client, oid) for oid in (proposal.began, proposal.base.tree, proposal.head.tree)
        ]
        tree = merges.merged(began, theirs, ours)
        others = [path for path in tree.both if path not in solved.texts]
        merged: dict[str, bytes] = {}
        conflicts: list[str] = [] if len(others) <= MOST_MERGED else others
        for path in others if not conflicts else ():
            states = [each.get(path) for each in (began, theirs, ours)]
            content = await self._text(client, inspection, states)
            if content is None:
                conflicts.append(path)
            else:
                merged[path] = content
        return replace(solved, tree=tree, items={**theirs, **ours}, merged=merged, conflicts=tuple(conflicts))

    async def _text(self, client: Client, inspection: Inspection, states: Iterable[Item | None]) -> bytes | None:
        """Return a file with the changes of both sides, whose *states* these are; None if people have to do it."""
        files = [each for each in states if each is not None and each.is_file and each.size <= LARGEST_MERGED]
        if len(files) < len(STATES):
            return None
        entries = [TreeEntry(path="", mode=FileMode(each.mode), oid=each.oid, size=each.size) for each in files]
        return await merged_text(client, inspection, self.blobs, entries)

    async def _pushed(self, assignment: CommandAssignment, solved: _Solved, place: str) -> Answer:
        change = solved.proposal.change
        try:
            async with assignment.client(self.app, PUSH) as client:
                made = await _commit(client, solved)
                after = await commits.move_branch(
                    client, BranchName(change.head_branch), before=change.head, after=made
                )
        except (GitHubUnavailable, RefMoved):
            raise
        except GitHubError as error:
            return _offered(solved, place, f"{NOT_PUSHED}: {error}")
        resolved = solved.resolved
        text = answers.relocked(
            locks=resolved.locks,
            commit=after or made,
            merge=change.branch if resolved.needs_merge else "",
            summary=resolved.summary,
            problems=resolved.problems,
        )
        return Answer(text=text, outcome=f"relocked {', '.join(resolved.locks)}: {made[:7]}")


async def _proposal(client: Client, number: int) -> _Proposal | None:
    """Return the pull request as it is now, None if there is nothing to relock in it."""
    change = await changes.change(client, number)
    base = await tip(client, BranchName(change.branch))
    if not change.is_open or base is None:
        return None
    return _Proposal(
        change=change,
        base=await merges.shape(client, base),
        head=await merges.shape(client, change.head),
        began=await changes.merge_base(client, base, change.head),
    )


async def _commit(client: Client, solved: _Solved) -> Oid:
    """Make the commit; no branch points to it yet."""
    proposal, locks = solved.proposal, ", ".join(solved.resolved.locks)
    head, base = proposal.head, proposal.base
    if solved.tree is None:
        tree = await contents.tree(client, head.tree)
        modes = {each.path: str(each.mode) for each in tree}
        made = await commits.write_tree(
            client, head.tree, {path: (modes[path], text) for path, text in solved.texts.items()}
        )
        return await commits.write_commit(client, tree=made, parents=(head.oid,), message=f"Relock {locks}")
    kept = {path: (each.mode, each.oid) if each else None for path, each in solved.tree.ours.items()}
    written = {path: (solved.items[path].mode, text) for path, text in {**solved.merged, **solved.texts}.items()}
    made = await commits.write_tree(client, base.tree, {**kept, **written})
    message = f"Merge {proposal.change.branch} and relock {locks}"
    return await commits.write_commit(client, tree=made, parents=(head.oid, base.oid), message=message)


def _nothing(resolved: Resolved) -> Answer:
    if resolved.problems:
        outcome = f"not relocked: {'; '.join(resolved.problems)}"
        return Answer(text=answers.not_relocked(resolved.problems), outcome=outcome)
    return Answer(text=answers.in_step(resolved.unjudged), outcome="nothing to relock: no lock is out of step")


def _offered(solved: _Solved, place: str, why: str) -> Answer:
    """Show as a patch what cannot be pushed."""
    resolved, change = solved.resolved, solved.proposal.change
    offer = Offer(
        locks=resolved.locks,
        why=why,
        url=place,
        base=solved.proposal.base.oid if resolved.needs_merge else "",
        branch=change.branch,
    )
    text = answers.offered(offer, patch=resolved.patch, summary=resolved.summary, problems=resolved.problems)
    return Answer(text=text, outcome=f"offered {', '.join(resolved.locks)} as a patch, since {why}")
