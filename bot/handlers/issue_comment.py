"""Somebody wrote a comment: one below a pull request may hold a command.

Only what was written at first counts: an edit of it asks for nothing. Who may give commands is for GitHub to say when
it is carried out; `author_association` does not tell, since it hides members who hide that they are.
https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment
"""

from typing import Any

import msgspec

from bot.handlers.payloads import Account, Id, InstallationId, RepositoryId, installed
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import CommandRequest, Request
from bot.jobs.spoken import spoken
from bot.store.commands import COMMENT, PullCommand


class Comment(msgspec.Struct, frozen=True):
    """The comment itself."""

    id: Id
    user: Account | None = None
    body: str = ""


class Issue(msgspec.Struct, frozen=True):
    """The thread that it stands in; only a pull request has the second member."""

    number: Id
    pull_request: Any = None


class IssueComment(msgspec.Struct, frozen=True):
    """The payload."""

    action: str
    issue: Issue
    comment: Comment
    repository: RepositoryId
    sender: Account = Account()
    installation: InstallationId | None = None


def requests(payload: IssueComment, policy: WebhookPolicy) -> tuple[Request, ...]:  # noqa: ARG001 - every event's signature
    """Carry out the command that a person has written, if there is one."""
    by, comment = payload.sender, payload.comment
    if payload.installation is None or payload.action != "created" or payload.issue.pull_request is None:
        return ()
    if not by.is_person or comment.user is None or comment.user.id != by.id:
        return ()
    command = spoken(comment.body)
    if command is None:
        return ()
    asked = PullCommand(
        repository=installed(payload.installation, payload.repository),
        number=payload.issue.number,
        source=f"{COMMENT}{comment.id}",
        command=command,
        login=by.login,
        user_id=by.id,
    )
    return (CommandRequest(command=asked),)
