"""The life of a pull request, except its merge (`merging`).

https://docs.github.com/en/rest/pulls/pulls
"""

from typing import NotRequired, TypedDict, Unpack

from bot.demo.github.errors import ApiError, invalid
from bot.demo.github.events import PullRequestChanged
from bot.demo.github.model import BODY_LIMIT, ZERO_OID, Account, JsonObject, PullRequest, State
from bot.demo.github.repository import Repository


def open_pull_request(
    repository: Repository, *, title: str, head: str, base: str, body: str | None, author: Account
) -> PullRequest:
    """Open a pull request. Raises ApiError 422 in the cases in which GitHub does."""
    head_sha, base_sha = _check_new(repository, head, base, body)
    return _open(
        repository, title=title, head=head, base=base, body=body, author=author, head_sha=head_sha, base_sha=base_sha
    )


def open_from_fork(
    repository: Repository, *, title: str, head: str, head_sha: str, body: str | None, author: Account
) -> PullRequest:
    """Open a pull request for the default branch from *author*'s fork, whose branch *head* is at *head_sha*."""
    base = repository.default_branch
    return _open(
        repository,
        title=title,
        head=head,
        base=base,
        body=body,
        author=author,
        head_sha=head_sha,
        base_sha=repository.git.resolve(base),
        fork_owner=author.login,
    )


class _Facts(TypedDict):
    title: str
    head: str
    base: str
    body: str | None
    author: Account
    head_sha: str
    base_sha: str
    fork_owner: NotRequired[str]


def _open(repository: Repository, **facts: Unpack[_Facts]) -> PullRequest:
    now = repository.world.now()
    pull = PullRequest(
        id=repository.world.next_id(),
        number=repository.next_number(),
        created_at=now,
        updated_at=now,
        **facts,
    )
    repository.pulls[pull.number] = pull
    announce(repository, pull, "opened", pull.author)
    return pull


def _check_new(repository: Repository, head: str, base: str, body: str | None) -> tuple[str, str]:
    head_sha, base_sha = repository.head(head), repository.head(base)
    if head_sha is None:
        raise invalid("PullRequest", "head")
    if base_sha is None:
        raise invalid("PullRequest", "base")
    check_body(body)
    if any(_proposes(pull, head) and pull.base == base for pull in repository.pulls.values()):
        raise refusal(f"A pull request already exists for {repository.owner.login}:{head}.")
    if repository.git.is_ancestor(head_sha, base_sha):
        raise refusal(f"No commits between {base} and {head}")
    return head_sha, base_sha


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
    if any(_proposes(other, pull.head) and other.base == pull.base for other in repository.pulls.values()):
        raise refusal(f"A pull request already exists for {repository.owner.login}:{pull.head}.", field="state")
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
    for pull in [each for each in repository.pulls.values() if each.state is State.OPEN]:
        if pull.head_ref == ref and not pull.from_fork:
            _follow_head(repository, pull, before, after, sender)
        elif ref == f"refs/heads/{pull.base}" and _contains(repository, after, pull.head_sha):
            mark_merged(repository, pull, after, sender)


def _follow_head(repository: Repository, pull: PullRequest, before: str, after: str, sender: Account) -> None:
    if after == ZERO_OID:
        close(repository, pull, sender)
        return
    pull.head_sha = after
    touch(repository, pull)
    announce(repository, pull, "synchronize", sender, {"before": before, "after": after})
    base = repository.head(pull.base)
    if base and repository.git.is_ancestor(after, base):
        close(repository, pull, sender)


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


def _proposes(pull: PullRequest, head: str) -> bool:
    return pull.state is State.OPEN and pull.head == head and not pull.from_fork
