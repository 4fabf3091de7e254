"""Registering the App from a manifest: what GitHub is asked for, and what it gives for the code that comes back.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib import resources
from typing import Any, Final

import httpx
import msgspec
import yaml

from bot.errors import AnswerLost, BadInput, GitHubError, GitHubUnavailable
from bot.github.api import HEADERS, JSON, UNSENT, USER_AGENT
from bot.github.people import web_address

PLACE: Final = "https://condabot.example"
"""What app.yml has instead of this service's address."""

LONGEST_NAME: Final = 34
"""Characters: https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/registering-a-github-app"""

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_URL: Final = re.compile(r"https?://[A-Za-z0-9._\[\]:-]+(?:/[A-Za-z0-9._~/-]*)?", re.ASCII)
_OWNER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The App that is wanted: at `url` it is reached; it is the organisation `owner`'s, or that of whoever agrees."""

    url: str
    name: str = "condabot"
    owner: str = ""


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """A new App, with what nobody is shown a second time.

    https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
    """

    id: int
    slug: str
    html_url: str
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str

    def __repr__(self) -> str:
        return f"Registration(id={self.id}, slug={self.slug!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a browser sends to GitHub: `manifest` to `address`, with a `state` that comes back with the code."""

    address: str
    manifest: str = field(repr=False)


def form(wanted: Wanted, *, github_api: str, redirect_url: str) -> Form:
    """Return the form that asks GitHub for *wanted*; it sends the person back to *redirect_url*.

    Raises:
        BadInput: GitHub would have no such name, owner or address.

    """
    if not _URL.fullmatch(wanted.url):
        raise BadInput(f"{wanted.url!r} is no address that GitHub could send webhooks to")
    if not 0 < len(wanted.name) <= LONGEST_NAME:
        raise BadInput(f"{wanted.name!r} is no name for an App: GitHub takes up to {LONGEST_NAME} characters")
    if wanted.owner and not _OWNER.fullmatch(wanted.owner):
        raise BadInput(f"{wanted.owner!r} is no name of an organisation")
    whose = f"/organizations/{wanted.owner}" if wanted.owner else ""
    manifest = {**_manifest(wanted.url), "name": wanted.name, "redirect_url": redirect_url}
    return Form(address=f"{web_address(github_api)}{whose}/settings/apps/new", manifest=json.dumps(manifest))


async def convert(http: httpx.AsyncClient, *, github_api: str, code: str) -> Registration:
    """Return the App that *code* stands for, within an hour and once: so this is asked once.

    Raises:
        BadInput: this is no code.
        GitHubUnavailable: GitHub was not asked; the code is as good as before.
        AnswerLost: it was, and the App may be there without anybody knowing its secrets.
        GitHubError: GitHub does not know the code, or not any more.

    """
    if not _CODE.fullmatch(code):
        raise BadInput("this is no code of GitHub's")
    headers = {**HEADERS, "accept": JSON, "user-agent": USER_AGENT}
    try:
        answer = await http.post(f"{github_api}/app-manifests/{code}/conversions", headers=headers)
    except UNSENT as error:
        raise GitHubUnavailable(f"GitHub cannot be reached: {type(error).__name__}") from error
    except httpx.HTTPError as error:
        raise AnswerLost(f"GitHub's answer was lost: {type(error).__name__}") from error
    if answer.status_code != HTTPStatus.CREATED:
        raise GitHubError(f"GitHub answered {answer.status_code} to the code", status=answer.status_code)
    try:
        return msgspec.json.decode(answer.content, type=Registration)
    except msgspec.DecodeError:
        raise AnswerLost("GitHub's answer is not what it says a new App is") from None  # it holds secrets


def _manifest(url: str) -> Any:
    """Return app.yml for a service at *url*, whose characters mean nothing in YAML."""
    text = resources.files("bot.github").joinpath("app.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text.replace(PLACE, url))
