"""Comments of the bot on issues and pull requests: each has a key, hidden in its text, and there is one of each.

https://docs.github.com/en/rest/issues/comments https://docs.github.com/en/rest/reactions/reactions
"""

import re
from enum import StrEnum
from functools import partial
from http import HTTPStatus

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client
from bot.github.lookup import ensured
from bot.github.retrying import Repeat

KEY = re.compile(r"[a-z0-9-]+")
ONE = "/repos/{owner}/{repo}/issues/comments/{comment_id}"
OF_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/comments{?per_page}"


class Reaction(StrEnum):
    """What the bot says to a comment without words: that it has seen it, or that it does not do that."""

    SEEN = "eyes"
    NO = "confused"


class _User(msgspec.Struct):
    id: int


class _Comment(msgspec.Struct):
    id: int
    body: str | None = None
    user: _User | None = None


class _Reacted(msgspec.Struct):
    content: str


async def say(client: Client, number: int, *, key: str, text: str, author_id: int) -> int:
    """Have the issue or pull request *number* carry *text* as the comment *key*; return the comment's id.

    *author_id* is the bot's user: a comment of somebody else that has the marker, copied or forged, is not touched.
    """
    mark = _mark(key)
    body = f"{text}\n\n{mark}"
    comment = await ensured(
        partial(_found, client, number, mark, author_id),
        partial(_created, client, number, body),
        clock=client.api.clock,
    )
    if not comment.created and comment.it.body != body:
        await client.patch(ONE, {"body": body}, comment_id=comment.it.id)
    return comment.it.id


async def is_said(client: Client, number: int, *, key: str, author_id: int) -> bool:
    """Tell whether the issue or pull request *number* carries the comment *key* already."""
    return await _found(client, number, _mark(key), author_id) is not None


async def react(client: Client, comment_id: int, reaction: Reaction) -> None:
    """Have a comment carry *reaction* of ours, once; one that is gone needs none."""
    body = {"content": str(reaction)}
    template = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions"
    try:
        await client.post(template, _Reacted, body, repeat=Repeat.SAFE, comment_id=comment_id)
    except GitHubError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


def _mark(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} cannot be hidden in a comment")
    return f"<!-- condabot:comment {key} -->"


async def _found(client: Client, number: int, mark: str, author_id: int) -> _Comment | None:
    async for page in client.pages(OF_ISSUE, list[_Comment], issue_number=number, per_page=100):
        for each in page:
            if each.user and each.user.id == author_id and (each.body or "").endswith(mark):
                return each
    return None


async def _created(client: Client, number: int, body: str) -> _Comment:
    return await client.post(
        "/repos/{owner}/{repo}/issues/{issue_number}/comments", _Comment, {"body": body}, issue_number=number
    )
