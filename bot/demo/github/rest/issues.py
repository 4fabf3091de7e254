"""Issues, labels and assignees; a pull request is an issue to all of them.

https://docs.github.com/en/rest/issues
"""

from collections.abc import Mapping

from bot.demo.github import threads
from bot.demo.github.errors import invalid, not_found
from bot.demo.github.model import JsonObject, State
from bot.demo.github.rest.call import Call, Handler, Reply
from bot.demo.github.threads import LABEL_COLOR, AnyThread


def list_issues(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/issues#list-repository-issues: pull requests too, newest first."""
    wanted = set(filter(None, call.query.get("labels", "").split(",")))
    found = [
        each
        for each in (*call.repository.issues.values(), *call.repository.pulls.values())
        if call.query.get("state", State.OPEN) in {each.state, "all"}
        and wanted <= set(each.labels)
        and call.query.get("creator") in {None, each.author.login}
        and call.query.get("assignee") in {None, "*", *each.assignees}
    ]
    found.sort(key=lambda each: each.updated_at.timestamp() if call.query.get("sort") == "updated" else each.number)
    if call.query.get("direction", "desc") == "desc":
        found.reverse()
    return call.page(found).reply(lambda each: call.show.issue(call.repository, each))


def create_issue(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/issues#create-an-issue."""
    title, body = str(call.body["title"]), call.body.get("body")
    issue = threads.open_issue(call.repository, title=title, body=body, author=call.actor)
    threads.label(call.repository, issue, _names(call.body.get("labels", [])), call.actor)
    threads.assign(call.repository, issue, call.body.get("assignees", []), call.actor)
    return Reply(status=201, facts=call.show.issue(call.repository, issue))


def get_issue(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/issues#get-an-issue."""
    return Reply(facts=call.show.issue(call.repository, call.thread))


def update_issue(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/issues#update-an-issue: labels and assignees become those named."""
    thread, repository = call.thread, call.repository
    threads.edit(repository, thread, call.body, call.actor)
    if "labels" in call.body:
        names = _names(call.body["labels"])
        threads.unlabel(repository, thread, [each for each in thread.labels if each not in names], call.actor)
        threads.label(repository, thread, names, call.actor)
    if "assignees" in call.body:
        logins = call.body["assignees"]
        threads.unassign(repository, thread, [each for each in thread.assignees if each not in logins], call.actor)
        threads.assign(repository, thread, logins, call.actor)
    return Reply(facts=call.show.issue(repository, thread))


def add_assignees(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue."""
    threads.assign(call.repository, call.thread, call.body.get("assignees", []), call.actor)
    return Reply(status=201, facts=call.show.issue(call.repository, call.thread))


def remove_assignees(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/assignees#remove-assignees-from-an-issue."""
    threads.unassign(call.repository, call.thread, call.body.get("assignees", []), call.actor)
    return Reply(facts=call.show.issue(call.repository, call.thread))


def check_assignee(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/assignees#check-if-a-user-can-be-assigned."""
    if not call.repository.may_write(call.parameters["assignee"]):
        raise not_found()
    return Reply(status=204)


def list_labels(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/labels#list-labels-for-an-issue."""
    return call.page(call.thread.labels).reply(lambda name: call.show.label(call.repository, name))


def add_labels(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue: an unknown label is made."""
    thread = call.thread
    threads.label(call.repository, thread, _names(call.body.get("labels", [])), call.actor)
    return _labels(call, thread)


def remove_label(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/labels#remove-a-label-from-an-issue."""
    thread, name = call.thread, call.parameters["name"]
    if name not in thread.labels:
        raise not_found()
    threads.unlabel(call.repository, thread, [name], call.actor)
    return _labels(call, thread)


def _names(labels: list[str | JsonObject]) -> list[str]:
    return [each if isinstance(each, str) else str(each["name"]) for each in labels]


def _labels(call: Call, thread: AnyThread) -> Reply:
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
    "issues/get": get_issue,
    "issues/update": update_issue,
    "issues/add-assignees": add_assignees,
    "issues/remove-assignees": remove_assignees,
    "issues/check-user-can-be-assigned": check_assignee,
    "issues/list-labels-on-issue": list_labels,
    "issues/add-labels": add_labels,
    "issues/remove-label": remove_label,
    "issues/create-label": create_label,
    "issues/get-label": get_label,
}
