"""The issue in which the bot says what there is to say: found by who opened it and what is signed in it, by no title.

https://docs.github.com/en/rest/issues/issues
"""

import base64
import binascii
import re
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from bot.github.client import Client
from bot.github.model import BotIdentity
from bot.github.ours import MarkerKeys, MarkerPlace
from bot.model.update import BranchName

MARKER: Final = re.compile(r"<!-- condabot:dashboard ([A-Za-z0-9+/=]{1,40000}) ([0-9a-f]{64}) -->")
NO_BRANCH: Final = BranchName("dashboard:")
"""Where its marker is valid. git knows no branch that is called so: what is signed for one counts for nothing here.

https://git-scm.com/docs/git-check-ref-format
"""
OPEN: Final = "open"
LIST = "/repos/{owner}/{repo}/issues{?creator,state,sort,direction,per_page}"
ALL = "/repos/{owner}/{repo}/issues"
ONE = "/repos/{owner}/{repo}/issues/{issue_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardMarker:
    """What the bot has signed in it: the `keys` of what waits, those that people have `asked` for.

    It is `ours` that it is closed if the bot closed it: one that a person closed stays so.
    """

    keys: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """The issue as it is; `body` is its text with the marker in it."""

    number: int
    body: str
    is_open: bool
    marker: DashboardMarker


class _User(msgspec.Struct):
    id: int


class _Issue(msgspec.Struct):
    number: int
    state: str
    body: str | None = None
    user: _User | None = None
    pull_request: Any = None


class _Opened(msgspec.Struct):
    number: int


async def dashboard(client: Client, keys: MarkerKeys, bot: BotIdentity) -> Dashboard | None:
    """Return the dashboard of the repository, open or closed; of several the one that changed last.

    Raises:
        GitHubError: GitHub refused, with status 410 where the repository has no issues.

    """
    pages = client.pages(
        LIST, list[_Issue], creator=bot.login, state="all", sort="updated", direction="desc", per_page=100
    )
    async for page in pages:
        for each in page:
            if each.pull_request is not None or each.user is None or each.user.id != bot.user_id:
                continue
            if marker := _marker(each.body or "", client.repository.id, keys):
                return Dashboard(number=each.number, body=each.body or "", is_open=each.state == OPEN, marker=marker)
    return None


def signed(text: str, marker: DashboardMarker, repository_id: int, keys: MarkerKeys) -> str:
    """Return the body with *text* and *marker*."""
    payload = base64.b64encode(msgspec.json.encode(marker))
    signature = keys.sign(payload, _place(repository_id))
    return f"{text}\n\n<!-- condabot:dashboard {payload.decode()} {signature} -->"


async def open_dashboard(client: Client, title: str, body: str) -> int:
    """Open it; return its number."""
    return (await client.post(ALL, _Opened, {"title": title, "body": body})).number


async def say_in_dashboard(client: Client, found: Dashboard, body: str) -> None:
    """Have it open, with *body*."""
    reopened = {} if found.is_open else {"state": OPEN}
    await client.patch(ONE, {"body": body, **reopened}, issue_number=found.number)


async def close_dashboard(client: Client, found: Dashboard, keys: MarkerKeys) -> None:
    """Close it ourselves, and sign that."""
    marker = replace(found.marker, ours=True)
    body = signed(without_marker(found.body), marker, client.repository.id, keys)
    await client.patch(ONE, {"body": body, "state": "closed"}, issue_number=found.number)


def without_marker(body: str) -> str:
    """Return the text of *body*."""
    return MARKER.sub("", body).rstrip()


def _marker(body: str, repository_id: int, keys: MarkerKeys) -> DashboardMarker | None:
    for payload, signature in MARKER.findall(body):
        if keys.verify(payload.encode(), _place(repository_id), signature):
            try:
                return msgspec.json.decode(base64.b64decode(payload, validate=True), type=DashboardMarker)
            except (binascii.Error, msgspec.DecodeError):
                return None
    return None


def _place(repository_id: int) -> MarkerPlace:
    return MarkerPlace(repository_id=repository_id, branch=NO_BRANCH)
