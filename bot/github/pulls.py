"""Pull requests of the bot: never two for one branch, however often a job is repeated.

https://docs.github.com/en/rest/pulls/pulls
"""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client
from bot.github.comments import say
from bot.github.commits import move_branch
from bot.github.lookup import ensured
from bot.github.model import PullRequest
from bot.github.ours import without_markers
from bot.model.update import BranchName

LONGEST_BODY = 65_536
"""Characters that GitHub stores."""

ROOM_OF_A_BODY = 60_000
"""Characters that are used of them: whoever edits a body may add some, and GitHub does not say how it counts."""

WITHDRAWN = "withdrawn"
"""The key of the comment that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestEnsured:
    """A pull request that is there now; `created` if it was not before."""

    number: int
    created: bool


class _Pull(msgspec.Struct):
    number: int
    title: str
    body: str | None = None


async def ensure(client: Client, *, head: BranchName, base: str, title: str, body: str) -> PullRequestEnsured:
    """Make an open pull request of *head* into *base* have *title* and *body*; open one if there is none.

    Raises:
        GitHubError: GitHub refused, or the body is longer than it stores.

    """
    if len(body) > LONGEST_BODY:
        raise GitHubError(f"the body of a pull request has {len(body)} characters, GitHub stores {LONGEST_BODY}")
    made = await ensured(
        partial(_open, client, head, base),
        partial(_created, client, head, base, title, body),
        clock=client.api.clock,
    )
    if not made.created:
        await _updated(client, made.it, title, body)
    return PullRequestEnsured(number=made.it.number, created=made.created)


async def _open(client: Client, head: BranchName, base: str) -> _Pull | None:
    """Return the open pull request; GitHub allows one for each pair of branches."""
    pulls = await client.get(
        "/repos/{owner}/{repo}/pulls{?state,head,base}",
        list[_Pull],
        state="open",
        head=f"{client.repository.owner}:{head}",
        base=base,
    )
    return pulls[0] if pulls else None


async def _updated(client: Client, pull: _Pull, title: str, body: str) -> None:
    if (pull.title, pull.body or "") != (title, body):
        await client.patch(
            "/repos/{owner}/{repo}/pulls/{pull_number}", {"title": title, "body": body}, pull_number=pull.number
        )


async def _created(client: Client, head: BranchName, base: str, title: str, body: str) -> _Pull:
    wanted = {"head": head, "base": base, "title": title, "body": body, "maintainer_can_modify": True}
    try:
        return await client.post("/repos/{owner}/{repo}/pulls", _Pull, wanted)
    except GitHubError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        found = await _open(client, head, base)
        if found is None:
            raise
        return found  # of a job before this one, which the list did not show yet


async def move_to(client: Client, pull: PullRequest, base: str) -> None:
    """Have *pull* be for the branch *base*."""
    await client.patch("/repos/{owner}/{repo}/pulls/{pull_number}", {"base": base}, pull_number=pull.number)


async def close(client: Client, number: int) -> None:
    """Close the pull request *number* as a person does: it counts as declined."""
    await client.patch("/repos/{owner}/{repo}/pulls/{pull_number}", {"state": "closed"}, pull_number=number)


async def say_in_body(client: Client, number: int, body: str) -> None:
    """Have the pull request *number* carry *body*."""
    await client.patch("/repos/{owner}/{repo}/pulls/{pull_number}", {"body": body}, pull_number=number)


async def withdraw(client: Client, pull: PullRequest, *, comment: str) -> None:
    """Close *pull* ourselves: say why, take its marker away, and delete its branch if nobody has pushed to it.

    Without the marker it does not count as declined by a person.
    """
    if pull.author_id is not None:
        await say(client, pull.number, key=WITHDRAWN, text=comment, author_id=pull.author_id)
    closed = {"state": "closed", "body": without_markers(pull.body)}
    await client.patch("/repos/{owner}/{repo}/pulls/{pull_number}", closed, pull_number=pull.number)
    await move_branch(client, pull.head, before=pull.head_oid, after=None)
