"""What is to be done with each proposal and each pull request: decided on facts, before anything is written (pure)."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from bot.github.model import Branch, Oid, PullRequest, PullRequestState, RepositoryOverview
from bot.github.ours import (
    BranchState,
    Marker,
    MarkerKeys,
    MarkerPlace,
    branch_state,
    is_added_by_machine,
    is_ours,
    read_marker,
)
from bot.jobs.bases import is_base, keyed
from bot.model.manifest import PackageName
from bot.model.pull_request import is_ticked
from bot.model.update import BranchName
from bot.planning.groups import Declined
from bot.rendering.names import branch_name
from bot.updating.inspection import Draft
from bot.versioning.conda import is_newer


class Action(StrEnum):
    """What is to be done with a proposal."""

    OPEN = "open"
    REFRESH = "refresh"
    KEEP = "keep"
    DECLINED = "declined"
    HANDS_OFF = "hands-off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The draft of a proposal, the branch that it belongs on and as it is now, and what is to be done.

    Somebody has `asked` for it, who waits.
    """

    draft: Draft
    action: Action
    name: BranchName
    branch: Branch | None
    pull: PullRequest | None
    asked: bool = False

    @property
    def why_not_merged(self) -> str:
        """Why it does not merge by itself, as the end of a sentence; empty if it does."""
        if self.action is Action.HANDS_OFF:
            return "a person has committed to it"
        return self.draft.merge_hindrance if self.draft.handling.automerge else "nobody asks for it"


@dataclass(frozen=True, kw_only=True)
class SeenRepository:
    """A repository as the overview shows it, and what of it is the bot's.

    Without slots, since which markers are genuine is verified once for all that ask.

    `ignored_authors` are e-mail addresses of those whose commits on the bot's branches may be lost. What is decided is
    for the branch `onto`, None for the default one; `bases` are patterns of the others that are kept up. Where
    nobody is told when a box is ticked, it `reads_boxes`: who may edit a body may write to the repository.
    """

    overview: RepositoryOverview
    keys: MarkerKeys
    prefix: str
    ignored_authors: tuple[str, ...] = ()
    onto: Branch | None = None
    bases: tuple[str, ...] = ()
    reads_boxes: bool = False

    def is_to_rebuild(self, pull: PullRequest) -> bool:
        """Tell whether somebody wants *pull* made afresh: its marker says so, or a box that nobody else hears of."""
        marker = self.marker(pull)
        return marker is not None and (marker.rebuild or (self.reads_boxes and is_ticked(pull.body)))

    @property
    def into(self) -> str:
        """The branch that everything is proposed for; empty for the default one."""
        return self.onto.name if self.onto else ""

    @property
    def base(self) -> Branch | None:
        """That branch as it is; None where the repository is empty."""
        return self.onto or self.overview.default_branch

    @property
    def markers(self) -> tuple[tuple[PullRequest, Marker], ...]:
        """The pull requests for that branch that are the bot's own, with the marker that says what each proposed."""
        return tuple((pull, marker) for pull, marker in self.every_marker if marker.into == self.into)

    @cached_property
    def every_marker(self) -> tuple[tuple[PullRequest, Marker], ...]:
        """The same for all branches."""
        ours = filter(self.is_ours, self.overview.pulls)
        return tuple((pull, marker) for pull in ours if (marker := self.marker(pull)))

    def is_ours(self, pull: PullRequest) -> bool:
        """Tell whether the bot opened *pull* from a branch of this repository."""
        return is_ours(pull, bot=self.overview.bot, repository_id=self.overview.repository.id)

    def marker(self, pull: PullRequest) -> Marker | None:
        """Return what *pull* proposed, if its marker is genuine."""
        return read_marker(pull.body, self.place(pull.head), self.keys)

    def place(self, branch: BranchName) -> MarkerPlace:
        """Return where the marker of a pull request from *branch* is valid."""
        return MarkerPlace(repository_id=self.overview.repository.id, branch=branch)

    def is_pristine(self, branch: Branch) -> bool:
        """Tell whether nobody has put a commit on *branch* that stops the bot, which those named by people do not."""
        is_ours = branch_state(branch.head, self.overview.bot) is BranchState.PRISTINE
        return is_ours or branch.head.oid in self.made or branch.head.author_email in self.ignored_authors

    def is_free(self, branch: Branch, marker: Marker | None) -> bool:
        """Tell whether *branch* may be moved: no person has worked on it, though a machine may have on top of us."""
        is_added = marker is not None and is_added_by_machine(branch.head, marker.commit)
        return is_added or self.is_pristine(branch)

    def is_merged(self, branch: Branch) -> bool:
        """Tell whether all that is on *branch* was merged, whoever worked on it: GitHub leaves the branch there."""
        pulls = (pull for pull in self.overview.pulls if pull.head == branch.name and self.is_ours(pull))
        return any(pull.state is PullRequestState.MERGED and pull.head_oid == branch.head.oid for pull in pulls)

    @property
    def made(self) -> frozenset[Oid]:
        """The commits that genuine markers call the bot's own: all that tells them where GitHub does not sign them.

        That is so for what a person's token commits.
        https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
        """
        return frozenset(marker.commit for _, marker in self.markers)


def declined(markers: Iterable[tuple[PullRequest, Marker]]) -> Declined:
    """Return what was closed unmerged: closing a pull request means "not these versions"."""
    found: dict[str, dict[PackageName, str]] = {}
    for pull, marker in markers:
        if pull.state is not PullRequestState.CLOSED:
            continue
        versions = found.setdefault(marker.key, {})
        for each in marker.versions:
            name = PackageName(each.name)
            if name not in versions or is_newer(each.version, versions[name]):
                versions[name] = each.version
    return found


def open_keys(markers: Iterable[tuple[PullRequest, Marker]]) -> frozenset[str]:
    """Return the keys of the pull requests that are open."""
    return frozenset(marker.key for pull, marker in markers if pull.state is PullRequestState.OPEN)


def with_pulls(repository: SeenRepository, pulls: Sequence[PullRequest]) -> SeenRepository:
    """Return *repository* as if *pulls* were all that the bot ever opened there."""
    return replace(repository, overview=replace(repository.overview, pulls=tuple(pulls)))


def was_declined(repository: SeenRepository, pulls: Sequence[PullRequest], draft: Draft) -> bool:
    """Tell whether one of *pulls*, the earlier ones of the proposal's branch, was closed with all that it proposes.

    The overview shows pull requests that were closed lately; a decision is kept for longer than that.
    """
    earlier = with_pulls(repository, pulls)
    if _is_closed(earlier, draft):
        return True
    versions = declined(earlier.markers).get(draft.key)
    return versions is not None and all(
        each.name in versions and not is_newer(each.version, versions[each.name]) for each in draft.moves
    )


def _is_closed(repository: SeenRepository, draft: Draft) -> bool:
    """Tell whether a person closed a pull request that proposed just the same."""
    return any(
        pull.state is PullRequestState.CLOSED and marker.digest == draft.fingerprint
        for pull, marker in repository.markers
    )


def closed_again(repository: SeenRepository, drafts: Iterable[Draft]) -> Declined:
    """Return what of *drafts* says just what a person closed, as declined: a newer release may be written alike."""
    closed = (draft for draft in drafts if decide(repository, draft).action is Action.DECLINED)
    return {draft.key: {PackageName(each.name): each.version for each in draft.moves} for draft in closed}


def decide(repository: SeenRepository, draft: Draft) -> Decision:
    """Return what is to be done with *draft*."""
    wanted = branch_name(repository.prefix, keyed(repository.into, draft.key))
    pull = _open_pull(repository, wanted) or _of_key(repository, draft.key)
    name = pull.head if pull else wanted
    branch = repository.overview.branch(name)
    closed = pull is None and _is_closed(repository, draft)
    action = Action.DECLINED if closed else _action(repository, branch, pull, draft.fingerprint)
    asked = pull is not None and repository.is_to_rebuild(pull)
    return Decision(draft=draft, action=action, name=name, branch=branch, pull=pull, asked=asked)


def no_longer_wanted(
    repository: SeenRepository, drafts: Iterable[Draft], unread: AbstractSet[str] = frozenset()
) -> tuple[PullRequest, ...]:
    """Return the bot's open pull requests that nothing proposes any more, and that no person has worked on.

    One that changes a file that is *unread* now stays: nobody knows what will be wanted once it can be read again.
    """
    wanted = {draft.key for draft in drafts}
    gone = [(pull, marker) for pull, marker in repository.markers if marker.key not in wanted]
    return tuple(
        pull
        for pull, marker in (*gone, *_for_no_base(repository))
        if pull.state is PullRequestState.OPEN and unread.isdisjoint(marker.paths)
        if (branch := repository.overview.branch(pull.head)) and repository.is_free(branch, marker)
    )


def _for_no_base(repository: SeenRepository) -> Iterable[tuple[PullRequest, Marker]]:
    """Yield what is for a branch that is not kept up any more; that is for the default branch to tell."""
    others = repository.every_marker if not repository.into else ()
    return (each for each in others if each[1].into and not is_base(repository.bases, each[1].into))


def _open_pull(repository: SeenRepository, name: BranchName) -> PullRequest | None:
    pulls = (pull for pull in repository.overview.pulls if pull.head == name and repository.is_ours(pull))
    return next((pull for pull in pulls if pull.state is PullRequestState.OPEN), None)


def _of_key(repository: SeenRepository, key: str) -> PullRequest | None:
    """Return the open pull request with *key* whose branch was called otherwise once: it keeps that name."""
    found = (pull for pull, marker in repository.markers if marker.key == key)
    return next((pull for pull in found if pull.state is PullRequestState.OPEN), None)


def _action(repository: SeenRepository, branch: Branch | None, pull: PullRequest | None, fingerprint: str) -> Action:
    """A pull request is left as it is while it proposes the same and can be merged: pushing costs CI runs."""
    if branch is None:
        return Action.OPEN
    marker = repository.marker(pull) if pull else None
    if not (repository.is_free(branch, marker) or (pull is None and repository.is_merged(branch))):
        return Action.HANDS_OFF
    if pull and marker and marker.digest == fingerprint and _holds(branch, marker) and not pull.conflicted:
        if repository.is_to_rebuild(pull):
            return Action.REFRESH
        return Action.KEEP if _is_for_base(repository, pull) else Action.REFRESH
    return Action.REFRESH if pull else Action.OPEN


def _holds(branch: Branch, marker: Marker) -> bool:
    """Tell whether *branch* still has what was made for it; what another bot adds is not fought over."""
    return branch.head.oid == marker.commit or is_added_by_machine(branch.head, marker.commit)


def _is_for_base(repository: SeenRepository, pull: PullRequest) -> bool:
    """Tell whether *pull* is to be merged where everything is proposed for: a repository may change its mind."""
    return repository.base is None or pull.base == repository.base.name
