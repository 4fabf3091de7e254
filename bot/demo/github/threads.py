"""Issues, and what they share with pull requests: comments, reactions, labels, assignees.

https://docs.github.com/en/rest/issues
"""

from collections.abc import Iterable, Sequence

from bot.demo.github import pull_requests
from bot.demo.github.events import CommentChanged, IssueChanged, PullRequestChanged
from bot.demo.github.model import Account, Comment, Issue, JsonObject, PullRequest, Reaction, State
from bot.demo.github.pull_requests import check_body
from bot.demo.github.repository import Repository

AnyThread = Issue | PullRequest
LABEL_COLOR = "ededed"


def open_issue(repository: Repository, *, title: str, body: str | None, author: Account) -> Issue:
    """Open an issue. Raises ApiError 422."""
    check_body(body)
    now = repository.world.now()
    issue = Issue(
        id=repository.world.next_id(),
        number=repository.next_number(),
        title=title,
        body=body,
        author=author,
        created_at=now,
        updated_at=now,
    )
    repository.issues[issue.number] = issue
    announce(repository, issue, "opened", author)
    return issue


def edit(repository: Repository, thread: AnyThread, wanted: JsonObject, sender: Account) -> None:
    """Change title, body and state as far as *wanted* names them. Raises ApiError 422."""
    if isinstance(thread, PullRequest):
        pull_requests.edit(repository, thread, wanted, sender)
        return
    check_body(wanted.get("body"))
    changes = {
        name: {"from": getattr(thread, name) or ""}
        for name in ("title", "body")
        if name in wanted and wanted[name] != getattr(thread, name)
    }
    thread.title, thread.body = wanted.get("title", thread.title), wanted.get("body", thread.body)
    thread.updated_at = repository.world.now()
    if changes:
        announce(repository, thread, "edited", sender, {"changes": changes})
    if wanted.get("state", thread.state) != thread.state:
        _set_state(repository, thread, State(wanted["state"]), wanted.get("state_reason"), sender)


def _set_state(repository: Repository, issue: Issue, state: State, reason: str | None, sender: Account) -> None:
    issue.state = state
    closed = state is State.CLOSED
    issue.closed_at = repository.world.now() if closed else None
    issue.state_reason = reason or ("completed" if closed else "reopened")
    announce(repository, issue, "closed" if closed else "reopened", sender)


def comment(repository: Repository, thread: AnyThread, body: str, author: Account) -> Comment:
    """Write a comment. Raises ApiError 422."""
    check_body(body)
    now = repository.world.now()
    made = Comment(id=repository.world.next_id(), author=author, body=body, created_at=now, updated_at=now)
    thread.comments.append(made)
    _announce_comment(repository, thread, made, "created", author)
    return made


def edit_comment(repository: Repository, thread: AnyThread, edited: Comment, body: str, sender: Account) -> None:
    """Write a comment anew. Raises ApiError 422."""
    check_body(body)
    changes = {"changes": {"body": {"from": edited.body}}}
    edited.body, edited.updated_at = body, repository.world.now()
    _announce_comment(repository, thread, edited, "edited", sender, changes)


def delete_comment(repository: Repository, thread: AnyThread, gone: Comment, sender: Account) -> None:
    """Take a comment away."""
    thread.comments.remove(gone)
    _announce_comment(repository, thread, gone, "deleted", sender)


def react(repository: Repository, below: Comment, content: str, author: Account) -> tuple[Reaction, bool]:
    """Return the reaction of *author*, and whether it is new: nobody reacts twice in the same way. Nobody is told."""
    for each in below.reactions:
        if (each.author, each.content) == (author, content):
            return each, False
    made = Reaction(id=repository.world.next_id(), author=author, content=content, created_at=repository.world.now())
    below.reactions.append(made)
    return made, True


def label(repository: Repository, thread: AnyThread, names: Iterable[str], sender: Account) -> None:
    """Add labels; one that the repository does not have is made."""
    for name in [each for each in dict.fromkeys(names) if each not in thread.labels]:
        repository.labels.setdefault(name, LABEL_COLOR)
        thread.labels.append(name)
        _announce_thread(repository, thread, "labeled", sender, {"label": {"name": name}})


def unlabel(repository: Repository, thread: AnyThread, names: Iterable[str], sender: Account) -> None:
    """Take labels away."""
    for name in [each for each in names if each in thread.labels]:
        thread.labels.remove(name)
        _announce_thread(repository, thread, "unlabeled", sender, {"label": {"name": name}})


def assign(repository: Repository, thread: AnyThread, logins: Sequence[str], sender: Account) -> None:
    """Assign people, of whom GitHub passes over in silence those who may not write.

    https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue
    """
    for login in [each for each in logins if repository.may_write(each) and each not in thread.assignees]:
        thread.assignees.append(login)
        _announce_thread(repository, thread, "assigned", sender, {"assignee": {"login": login}})


def unassign(repository: Repository, thread: AnyThread, logins: Sequence[str], sender: Account) -> None:
    """Take assignees away."""
    for login in [each for each in logins if each in thread.assignees]:
        thread.assignees.remove(login)
        _announce_thread(repository, thread, "unassigned", sender, {"assignee": {"login": login}})


def announce(
    repository: Repository, issue: Issue, action: str, sender: Account, details: JsonObject | None = None
) -> None:
    """Send the webhook of an issue for *action*."""
    event = IssueChanged(
        repository=repository.full_name, sender=sender, issue=issue, action=action, details=details or {}
    )
    repository.world.announce(event)


def _announce_thread(
    repository: Repository, thread: AnyThread, action: str, sender: Account, details: JsonObject
) -> None:
    if isinstance(thread, Issue):
        announce(repository, thread, action, sender, details)
        return
    event = PullRequestChanged(
        repository=repository.full_name, sender=sender, pull=thread, action=action, details=details
    )
    repository.world.announce(event)


def _announce_comment(
    repository: Repository,
    thread: AnyThread,
    about: Comment,
    action: str,
    sender: Account,
    details: JsonObject | None = None,
) -> None:
    event = CommentChanged(
        repository=repository.full_name,
        sender=sender,
        thread=thread,
        comment=about,
        action=action,
        details=details or {},
    )
    repository.world.announce(event)
