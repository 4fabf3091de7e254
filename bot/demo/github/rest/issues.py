"""Issues, comments and labels; a pull request is an issue to all of them.

https://docs.github.com/en/rest/issues
"""

from collections.abc import Mapping

from bot.demo.github.errors import invalid, not_found
from bot.demo.github.events import Commented, IssueChanged, PullRequestChanged
from bot.demo.github.model import Comment, Issue, JsonObject, PullRequest, State
from bot.demo.github.pull_requests import check_body
from bot.demo.github.representations import LABEL_COLOR
from bot.demo.github.rest.call import Call, Handler, Reply


def list_issues(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/issues#list-repository-issues: pull requests too, newest first."""
    threads = [*call.repository.issues.values(), *call.repository.pulls.values()]
    wanted = set(filter(None, call.query.get("labels", "").split(",")))
    creator = call.query.get("creator")
    found = [
        each
        for each in threads
        if call.query.get("state", State.OPEN) in {each.state, "all"}
        and wanted <= set(each.labels)
        and creator in {None, each.author.login}
    ]
    found.sort(key=lambda each: -each.number)
    return call.page(found).reply(lambda each: call.show.issue(call.repository, each))


def create_issue(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/issues#create-an-issue."""
    check_body(call.body.get("body"))
    issue = Issue(
        id=call.state.next_id(),
        number=call.repository.next_number(),
        title=str(call.body["title"]),
        body=call.body.get("body"),
        author=call.actor,
        created_at=call.state.now(),
        updated_at=call.state.now(),
        labels=list(call.body.get("labels", [])),
    )
    call.repository.issues[issue.number] = issue
    _announce(call, issue, "opened")
    return Reply(status=201, facts=call.show.issue(call.repository, issue))


def update_issue(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/issues#update-an-issue."""
    thread, body = call.thread, call.body
    check_body(body.get("body"))
    changes = {
        name: {"from": getattr(thread, name) or ""}
        for name in ("title", "body")
        if name in body and body[name] != getattr(thread, name)
    }
    thread.title, thread.body = body.get("title", thread.title), body.get("body", thread.body)
    thread.labels = list(body.get("labels", thread.labels))
    thread.updated_at = call.state.now()
    if changes and isinstance(thread, Issue):
        _announce(call, thread, "edited", {"changes": changes})
    if body.get("state", thread.state) != thread.state and isinstance(thread, Issue):
        _set_state(call, thread, State(body["state"]))
    return Reply(facts=call.show.issue(call.repository, thread))


def _set_state(call: Call, issue: Issue, state: State) -> None:
    issue.state = state
    issue.closed_at = call.state.now() if state is State.CLOSED else None
    _announce(call, issue, "closed" if state is State.CLOSED else "reopened")


def _announce(call: Call, issue: Issue, action: str, details: JsonObject | None = None) -> None:
    event = IssueChanged(
        repository=call.repository.full_name, sender=call.actor, issue=issue, action=action, details=details or {}
    )
    call.state.announce(event)


def list_comments(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#list-issue-comments."""
    thread = call.thread
    return call.page(thread.comments).reply(lambda each: call.show.comment(call.repository, thread, each))


def create_comment(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#create-an-issue-comment."""
    thread, now = call.thread, call.state.now()
    check_body(call.body["body"])
    comment = Comment(
        id=call.state.next_id(), author=call.actor, body=call.body["body"], created_at=now, updated_at=now
    )
    thread.comments.append(comment)
    event = Commented(repository=call.repository.full_name, sender=call.actor, thread=thread, comment=comment)
    call.state.announce(event)
    return Reply(status=201, facts=call.show.comment(call.repository, thread, comment))


def update_comment(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#update-an-issue-comment."""
    thread, comment = _find_comment(call)
    check_body(call.body["body"])
    comment.body, comment.updated_at = call.body["body"], call.state.now()
    return Reply(facts=call.show.comment(call.repository, thread, comment))


def _find_comment(call: Call) -> tuple[Issue | PullRequest, Comment]:
    threads: list[Issue | PullRequest] = [*call.repository.issues.values(), *call.repository.pulls.values()]
    for thread in threads:
        for comment in thread.comments:
            if comment.id == call.number("comment_id"):
                return thread, comment
    raise not_found()


def add_labels(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue: an unknown label is made."""
    thread = call.thread
    new = [name for name in _names(call.body.get("labels", [])) if name not in thread.labels]
    for name in new:
        call.repository.labels.setdefault(name, LABEL_COLOR)
    thread.labels += new
    _tell_labels(call, thread, "labeled", new)
    return _labels(call, thread)


def remove_label(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/labels#remove-a-label-from-an-issue."""
    thread, name = call.thread, call.parameters["name"]
    if name not in thread.labels:
        raise not_found()
    thread.labels.remove(name)
    _tell_labels(call, thread, "unlabeled", [name])
    return _labels(call, thread)


def _tell_labels(call: Call, thread: Issue | PullRequest, action: str, names: list[str]) -> None:
    if not isinstance(thread, PullRequest):
        return
    for name in names:
        details = {"label": call.show.label(call.repository, name)}
        event = PullRequestChanged(
            repository=call.repository.full_name, sender=call.actor, pull=thread, action=action, details=details
        )
        call.state.announce(event)


def _names(labels: list[str | JsonObject]) -> list[str]:
    return [each if isinstance(each, str) else str(each["name"]) for each in labels]


def _labels(call: Call, thread: Issue | PullRequest) -> Reply:
    return Reply(facts=[call.show.label(call.repository, name) for name in thread.labels])


def create_label(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/labels#create-a-label."""
    name = call.body["name"]
    if name in call.repository.labels:
        raise invalid("Label", "name", code="already_exists")
    call.repository.labels[name] = call.body.get("color", LABEL_COLOR)
    return Reply(status=201, facts=call.show.label(call.repository, name))


def get_label(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/labels#get-a-label."""
    if call.parameters["name"] not in call.repository.labels:
        raise not_found()
    return Reply(facts=call.show.label(call.repository, call.parameters["name"]))


HANDLERS: Mapping[str, Handler] = {
    "issues/list-for-repo": list_issues,
    "issues/create": create_issue,
    "issues/update": update_issue,
    "issues/list-comments": list_comments,
    "issues/create-comment": create_comment,
    "issues/update-comment": update_comment,
    "issues/add-labels": add_labels,
    "issues/remove-label": remove_label,
    "issues/create-label": create_label,
    "issues/get-label": get_label,
}
