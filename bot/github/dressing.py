"""Labels, assignees and reviewers of a pull request, given when it is opened: what people change later stays changed.

https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue
https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue
https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
"""

from collections.abc import Mapping
from typing import Any, LiteralString

from bot.errors import GitHubError, GitHubUnavailable
from bot.github.client import Client
from bot.github.retrying import Repeat
from bot.model.handling import Handling

TEAM = "team:"
LABELS = "/repos/{owner}/{repo}/issues/{number}/labels"
ASSIGNEES = "/repos/{owner}/{repo}/issues/{number}/assignees"
REVIEWERS = "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers"


async def dress(client: Client, number: int, handling: Handling) -> tuple[str, ...]:
    """Give the pull request *number* what *handling* says; return a sentence for each part that GitHub refused.

    Raises:
        GitHubUnavailable: GitHub did not answer, or limits us.

    """
    teams = [each.removeprefix(TEAM) for each in handling.reviewers if each.startswith(TEAM)]
    people = [each for each in handling.reviewers if not each.startswith(TEAM)]
    reviewers = {"reviewers": people, "team_reviewers": teams}
    given = (
        await _given(client, LABELS, number, {"labels": list(handling.labels)}),
        await _given(client, ASSIGNEES, number, {"assignees": list(handling.assignees)}),
        await _given(client, REVIEWERS, number, reviewers),
    )
    return tuple(filter(None, given))


async def _given(client: Client, where: LiteralString, number: int, body: Mapping[str, list[str]]) -> str:
    """Give what *body* names, if it names anything; return why GitHub did not, empty if it did."""
    if not any(body.values()):
        return ""
    try:
        await client.post(where, Any, body, repeat=Repeat.SAFE, number=number)
    except GitHubUnavailable:
        raise
    except GitHubError as error:
        return f"#{number} did not get its {' and '.join(name for name, each in body.items() if each)}: {error}"
    return ""
