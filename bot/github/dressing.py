"""Labels, assignees and reviewers of a pull request, given when it is opened: what people change later stays changed.

https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue
https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue
https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from bot.errors import GitHubError, GitHubUnavailable
from bot.github.client import Client
from bot.github.retrying import Repeat
from bot.model.handling import Handling

Given: TypeAlias = Mapping[str, list[str]]

TEAM = "team:"
LABELS = "/repos/{owner}/{repo}/issues/{issue_number}/labels"
ASSIGNEES = "/repos/{owner}/{repo}/issues/{issue_number}/assignees"
REVIEWERS = "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers"


async def dress(client: Client, number: int, handling: Handling) -> tuple[str, ...]:
    """Give the pull request *number* what *handling* says; return a sentence for each part that GitHub refused.

    Raises:
        GitHubUnavailable: GitHub did not answer, or limits us.

    """
    teams = [each.removeprefix(TEAM) for each in handling.reviewers if each.startswith(TEAM)]
    people = [each for each in handling.reviewers if not each.startswith(TEAM)]
    asked: tuple[tuple[Given, Callable[[Given], Awaitable[Any]]], ...] = (
        (
            {"labels": list(handling.labels)},
            lambda body: client.post(LABELS, Any, body, repeat=Repeat.SAFE, issue_number=number),
        ),
        (
            {"assignees": list(handling.assignees)},
            lambda body: client.post(ASSIGNEES, Any, body, repeat=Repeat.SAFE, issue_number=number),
        ),
        (
            {"reviewers": people, "team_reviewers": teams},
            lambda body: client.post(REVIEWERS, Any, body, repeat=Repeat.SAFE, pull_number=number),
        ),
    )
    refused = [await _given(body, give) for body, give in asked if any(body.values())]
    return tuple(f"#{number} did not get {each}" for each in refused if each)


async def _given(body: Given, give: Callable[[Given], Awaitable[Any]]) -> str:
    """Give what *body* names; return why GitHub did not, empty if it did."""
    try:
        await give(body)
    except GitHubUnavailable:
        raise
    except GitHubError as error:
        return f"its {' and '.join(name for name, each in body.items() if each)}: {error}"
    return ""
