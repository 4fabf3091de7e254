"""What events on GitHub ask for: one module for each event, each a pure function from payload to requests.

A payload is a hint that something happened, never a description of what is: jobs read that themselves. Ids are taken
from it, names are not. An event that no router stands for asks for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.errors import BadInput
from bot.handlers import (
    check_run,
    check_suite,
    installation,
    installation_repositories,
    issue_comment,
    issues,
    merge_group,
    pull_request,
    push,
    repository,
)
from bot.handlers.policy import WebhookPolicy
from bot.jobs.requests import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """Where an event goes: the type its payload is read as, and the function that says what it asks for."""

    event: str
    payload: type[Any]
    requests: Callable[[Any, WebhookPolicy], tuple[Request, ...]]


ROUTERS = (
    Router(event="check_run", payload=check_run.CheckRun, requests=check_run.requests),
    Router(event="check_suite", payload=check_suite.CheckSuite, requests=check_suite.requests),
    Router(event="installation", payload=installation.Installation, requests=installation.requests),
    Router(
        event="installation_repositories",
        payload=installation_repositories.InstallationRepositories,
        requests=installation_repositories.requests,
    ),
    Router(event="issue_comment", payload=issue_comment.IssueComment, requests=issue_comment.requests),
    Router(event="issues", payload=issues.Issues, requests=issues.requests),
    Router(event="merge_group", payload=merge_group.MergeGroup, requests=merge_group.requests),
    Router(event="pull_request", payload=pull_request.PullRequest, requests=pull_request.requests),
    Router(event="push", payload=push.Push, requests=push.requests),
    Router(event="repository", payload=repository.Repository, requests=repository.requests),
)


def router(event: str) -> Router | None:
    """Return the router of *event*, None if it asks for nothing."""
    return next((each for each in ROUTERS if each.event == event), None)


def requests_of(event: str, body: bytes, policy: WebhookPolicy) -> tuple[Request, ...]:
    """Return what *event* with the JSON text *body* asks for.

    Raises:
        BadInput: the text is not JSON, is nested too deeply, or is not of the event's shape.

    """
    if (found := router(event)) is None:
        return ()
    try:
        payload = msgspec.json.decode(body, type=found.payload)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(f"not a payload of {event}: {error}") from error
    return found.requests(payload, policy)
