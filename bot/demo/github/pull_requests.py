"""The life of a pull request, except its merge (`merging`).

https://docs.github.com/en/rest/pulls/pulls
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.demo.github.errors import ApiError, invalid
from bot.demo.github.events import PullRequestChanged, Reviewed
from bot.demo.github.model import BODY_LIMIT, ZERO_OID, Account, JsonObject, PullRequest, Review, State
from bot.demo.github.repository import Repository

REVIEWERS = (
    "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a "
    "collaborator of the repository."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a pull request is opened with: branch `head` (of `fork`, where there is one) is to go into branch `base`."""

    title: str
    head: str
    base: str
    body: str | None = None
    fork: Repository | None = None
    draft: bool = False


def open_pull_request(repository: Repository, proposal: Proposal, author: Account) -> PullRequest:
    """Open a pull request. Raises ApiError 422 in the cases in which GitHub does."""
    fork, head, base = proposal.fork, proposal.head, proposal.base
    head_sha, base_sha = (fork or repository).head(head), repository.head(base)
    if head_sha is None:
        raise invalid("PullRequest", "head")
    if base_sha is None:
        raise invalid("PullRequest", "base")
    check_body(proposal.body)
    now = repository.world.now()
    pull = PullRequest(
        id=repository.world.next_id(),
        number=repository.numbers + 1,
        title=proposal.title,
        body=proposal.body,
        author=author,
        created_at=now,
        updated_at=now,
        head=head,
        base=base,
        head_sha=head_sha,
        base_sha=base_sha,
        fork_owner=fork.owner.login if fork else None,
        fork=fork.id if fork else None,
        draft=proposal.draft,
    )
    _check_free(repository, pull)
    _make_readable(repository, pull, fork)
    if repository.git.is_ancestor(head_sha, base_sha):
        raise refusal(f"No commits between {base} and {head}")
    repository.next_number()
    repository.pulls[pull.number] = pull
    announce(repository, pull, "opened", author)
    return pull


def _check_free(repository: Repository, pull: PullRequest, *, field: str = "base", words: str = "") -> None:
    """Refuse a second open pull request for the same branches."""
    for each in repository.pulls.values():
        if each.state is State.OPEN and (each.head, each.fork, each.base) == (pull.head, pull.fork, pull.base):
            owner = repository.head_account(pull).login
            raise refusal(f"{words}A pull request already exists for {owner}:{pull.head}.", field=field)


def _make_readable(repository: Repository, pull: PullRequest, fork: Repository | None) -> None:
    """Let the commits of *pull* be found in the repository that it is for, also those of a fork.

    https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/checking-out-pull-requests-locally
    """
    if fork:
        repository.git.fetch(fork.path, [f"+{pull.head_ref}:{pull.readable_ref}"])
    else:
        repository.git.point(pull.readable_ref, pull.head_sha)


def check_body(body: str | None) -> None:
    """Refuse a body longer than GitHub stores."""
    if len(body or "") > BODY_LIMIT:
        raise refusal(f"body is too long (maximum is {BODY_LIMIT} characters)", field="body")


def refusal(message: str, *, field: str = "base") -> ApiError:
    """Return the 422 with which GitHub explains a refusal in words."""
    return invalid("PullRequest", field, code="custom", message=message)


def edit(repository: Repository, pull: PullRequest, wanted: JsonObject, sender: Account) -> None:
    """Change title, body, base and state as far as *wanted* names them."""
    check_body(wanted.get("body"))
    changes: JsonObject = {
        name: {"from": getattr(pull, name) or ""}
        for name in ("title", "body")
        if name in wanted and wanted[name] != getattr(pull, name)
    }
    pull.title, pull.body = wanted.get("title", pull.title), wanted.get("body", pull.body)
    if wanted.get("base", pull.base) != pull.base:
        changes["base"] = _change_base(repository, pull, wanted["base"])
    if changes:
        touch(repository, pull)
        announce(repository, pull, "edited", sender, {"changes": changes})
    if wanted.get("state", pull.state) != pull.state:
        (close if wanted["state"] == State.CLOSED else reopen)(repository, pull, sender)


def _change_base(repository: Repository, pull: PullRequest, base: str) -> JsonObject:
    base_sha = repository.head(base)
    if base_sha is None:
        raise invalid("PullRequest", "base")
    before = {"ref": {"from": pull.base}, "sha": {"from": pull.base_sha}}
    pull.base, pull.base_sha = base, base_sha
    return before


def close(repository: Repository, pull: PullRequest, sender: Account) -> None:
    """Close without merging."""
    pull.state, pull.closed_at, pull.auto_merge = State.CLOSED, repository.world.now(), None
    touch(repository, pull)
    announce(repository, pull, "closed", sender)


def reopen(repository: Repository, pull: PullRequest, sender: Account) -> None:
    """Open again. Raises ApiError 422 when merged, or when the branch is gone or was rewritten since.

    https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/about-pull-requests
    """
    tip = pull.head_sha if pull.from_fork else repository.head(pull.head)
    if pull.merged_at:
        raise refusal("state cannot be changed. The pull request has already been merged.", field="state")
    if tip is None:
        raise refusal(f"state cannot be changed. The {pull.head} branch has been deleted.", field="state")
    if not repository.git.is_ancestor(pull.head_sha, tip):
        raise refusal(f"state cannot be changed. The {pull.head} branch was force-pushed or recreated.", field="state")
    _check_free(repository, pull, field="state")
    pull.state, pull.closed_at, pull.head_sha = State.OPEN, None, tip
    touch(repository, pull)
    announce(repository, pull, "reopened", sender)


def mark_merged(repository: Repository, pull: PullRequest, oid: str, sender: Account) -> None:
    """Record that the base contains the pull request as of commit *oid*."""
    now = repository.world.now()
    pull.state, pull.closed_at, pull.merged_at = State.CLOSED, now, now
    pull.merged_by, pull.merge_commit_sha, pull.auto_merge = sender, oid, None
    touch(repository, pull)
    announce(repository, pull, "closed", sender)


def follow(repository: Repository, ref: str, before: str, after: str, sender: Account) -> None:
    """Bring open pull requests up to date after *ref* has moved.

    A deleted head closes, a moved head synchronizes, a base that contains the head merges.
    https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
    """
    if repository.parent:
        for pull in [each for each in repository.parent.pulls.values() if each.state is State.OPEN]:
            if (pull.fork, pull.head_ref) == (repository.id, ref):
                _follow_head(repository.parent, pull, before, after, sender, fork=repository)
    for pull in [each for each in repository.pulls.values() if each.state is State.OPEN]:
        if pull.head_ref == ref and not pull.from_fork:
            _follow_head(repository, pull, before, after, sender)
        elif ref == f"refs/heads/{pull.base}" and _contains(repository, after, pull.head_sha):
            mark_merged(repository, pull, after, sender)


def _follow_head(
    repository: Repository,
    pull: PullRequest,
    before: str,
    after: str,
    sender: Account,
    *,
    fork: Repository | None = None,
) -> None:
    if after == ZERO_OID:
        close(repository, pull, sender)
        return
    pull.head_sha = after
    _make_readable(repository, pull, fork)
    _dismiss_stale(repository, pull, sender)
    touch(repository, pull)
    announce(repository, pull, "synchronize", sender, {"before": before, "after": after})
    base = repository.head(pull.base)
    if base and repository.git.is_ancestor(after, base):
        close(repository, pull, sender)


def review(repository: Repository, pull: PullRequest, *, state: str, body: str, author: Account) -> Review:
    """Review *pull* as it is now. Raises ApiError 422 for one's own.

    https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
    """
    if author == pull.author and state != "COMMENTED":
        raise ApiError(422, "Can not approve your own pull request")
    made = Review(
        id=repository.world.next_id(),
        author=author,
        state=state,
        body=body,
        commit=pull.head_sha,
        submitted_at=repository.world.now(),
    )
    pull.reviews.append(made)
    pull.requested_reviewers = [each for each in pull.requested_reviewers if each != author.login]
    _announce_review(repository, pull, made, "submitted", author)
    return made


def _dismiss_stale(repository: Repository, pull: PullRequest, sender: Account) -> None:
    """Let approvals of an older commit be void, where the repository wants that."""
    for each in pull.reviews if repository.dismiss_stale_approvals else ():
        if each.state == "APPROVED":
            each.state = "DISMISSED"
            _announce_review(repository, pull, each, "dismissed", sender)


def _announce_review(repository: Repository, pull: PullRequest, about: Review, action: str, sender: Account) -> None:
    event = Reviewed(repository=repository.full_name, sender=sender, pull=pull, review=about, action=action)
    repository.world.announce(event)


def request_reviews(
    repository: Repository, pull: PullRequest, people: Sequence[str], teams: Sequence[str], sender: Account
) -> None:
    """Ask for reviews. Raises ApiError 422 for who may not see the repository, and for the author.

    https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
    """
    if pull.author.login in people:
        raise ApiError(422, "Review cannot be requested from pull request author.")
    if not all(repository.is_collaborator(each) for each in people):
        raise ApiError(422, REVIEWERS)
    for login in [each for each in people if each not in pull.requested_reviewers]:
        pull.requested_reviewers.append(login)
        announce(repository, pull, "review_requested", sender, {"requested_reviewer": {"login": login}})
    pull.requested_teams += [each for each in teams if each not in pull.requested_teams]


def touch(repository: Repository, pull: PullRequest) -> None:
    """Record that something about *pull* changed just now."""
    pull.updated_at = repository.world.now()


def announce(
    repository: Repository, pull: PullRequest, action: str, sender: Account, details: JsonObject | None = None
) -> None:
    """Send the webhook for *action*."""
    event = PullRequestChanged(
        repository=repository.full_name, sender=sender, pull=pull, action=action, details=details or {}
    )
    repository.world.announce(event)


def _contains(repository: Repository, tip: str, oid: str) -> bool:
    return tip != ZERO_OID and repository.git.is_ancestor(oid, tip)
