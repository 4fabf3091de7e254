"""One proposal becomes one pull request, in an order that may break off anywhere and be begun again.

Commit, branch (moved only from where it was read), check run, pull request: the marker in the pull request's body
comes last and says that everything before it is done. Until then the next scan does it again, with the same end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.errors import LockRejected
from bot.github import checks, commits, pulls
from bot.github.client import Client
from bot.github.dressing import dress
from bot.github.model import Branch, Oid, TreeEntry
from bot.github.ours import Marker, MarkerKeys, MarkerPlace, ProposedVersion, render_marker, without_markers
from bot.github.releases import Releases
from bot.jobs.decide import Decision
from bot.jobs.telling import CHECK_NAME
from bot.rendering.automerge import merge_words
from bot.updating.inspection import CheckWords, Draft, Prepared, Publishable, Words

MOST_PATHS = 100
"""A marker tells so many paths or none: a body has only so much room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Publishes proposals of *inspection*, which were made on `base`, whose files are `tree`.

    `into` is the name of `base`, empty for the default branch.
    """

    client: Client
    base: Branch
    tree: Sequence[TreeEntry]
    keys: MarkerKeys
    inspection: Publishable
    releases: Releases = field(default_factory=Releases)
    into: str = ""
    on_push: Callable[[str], None] = field(default=lambda _: None)

    async def publish(self, decision: Decision) -> "Published":
        """Open or refresh the pull request of *decision*. A tree that stands on the branch already is not pushed again.

        Raises:
            LockRejected: what would be committed is not what its channel offers.
            RefMoved: somebody pushed to the branch since it was read; nothing of theirs is touched.
            GitHubError: GitHub refused a step; those before it are done, and found done the next time.

        """
        draft = decision.draft
        prepared = await self.inspection.prepared(draft.key)
        if prepared.check.rejected:
            raise LockRejected(f"{draft.title}: {prepared.check.headline}")
        commit = await self._pushed(decision, prepared)
        if self.client.may("checks", "write"):
            result = check_result(prepared.check)
            await checks.report(self.client, name=CHECK_NAME, head=commit, external_id=draft.fingerprint, result=result)
        if decision.pull and decision.pull.base != self.base.name:
            await pulls.move_to(self.client, decision.pull, self.base.name)
        body = await self._body(decision, commit, prepared)
        ensured = await pulls.ensure(self.client, head=decision.name, base=self.base.name, title=draft.title, body=body)
        notes = await dress(self.client, ensured.number, draft.handling) if ensured.created else ()
        return Published(number=ensured.number, body=without_markers(body), notes=notes)

    async def _pushed(self, decision: Decision, prepared: Prepared) -> Oid:
        """Return the commit on the branch that holds the proposal; `on_push` hears of it if it had to be pushed."""
        files = {path: await self.inspection.text(decision.draft.key, path) for path in prepared.paths}
        tree = await commits.make_tree(self.client, base=self.base.head, tree=self.tree, files=files)
        head = decision.branch.head if decision.branch else None
        if head and head.tree == tree and head.parents == (self.base.head.oid,):
            return head.oid
        made = await commits.commit(self.client, base=self.base.head, tree=tree, message=prepared.message)
        before = head.oid if head else None
        tip = await commits.move_branch(self.client, decision.name, before=before, after=made)
        self.on_push(decision.draft.key)
        return tip or made

    async def _body(self, decision: Decision, commit: Oid, prepared: Prepared) -> str:
        draft = decision.draft
        marker = Marker(
            key=draft.key,
            versions=tuple(ProposedVersion(name=each.name, version=each.version) for each in draft.moves),
            base=self.base.head.oid,
            digest=draft.fingerprint,
            commit=commit,
            into=self.into,
            paths=prepared.paths if len(prepared.paths) <= MOST_PATHS else (),
        )
        place = MarkerPlace(repository_id=self.client.repository.id, branch=decision.name)
        end = f"{_merge_words(draft)}\n\n{render_marker(marker, place, self.keys)}"
        words = Words(
            base=self.base.head.oid,
            longest=pulls.ROOM_OF_A_BODY - len(end),
            releases=await self.releases.of(self.client, prepared.upstreams),
        )
        return f"{await self.inspection.body(draft.key, words)}{end}"


def _merge_words(draft: Draft) -> str:
    """Return what is said of a merge by itself, after a blank line; empty where nobody asked for one."""
    words = merge_words(draft.merge_hindrance) if draft.handling.automerge else ""
    return f"\n\n{words}" if words else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A pull request that stands, its body but for the marker, and what it did not get."""

    number: int
    body: str
    notes: tuple[str, ...] = ()


def check_result(words: CheckWords) -> checks.CheckResult:
    """Return how the check that says *words* ends.

    What an honest lock never has is a failure. What channels take back in time is only said: the pull request that
    brings the lock up to date again may not be kept from merging.
    """
    if words.tampered:
        conclusion = checks.Conclusion.FAILURE
    elif words.findings:
        conclusion = checks.Conclusion.NEUTRAL
    else:
        conclusion = checks.Conclusion.SUCCESS
    return checks.CheckResult(conclusion=conclusion, title=words.headline, summary=words.summary)
