"""What is wrong with locks, as alerts of GitHub's code scanning.

https://docs.github.com/en/rest/code-scanning/code-scanning
"""

import base64
import gzip
from http import HTTPStatus
from typing import Final

import msgspec

from bot.errors import GitHubError
from bot.github.client import Client
from bot.github.overview import HEADS
from bot.github.snapshots import DETECTOR, Commit

UPLOAD: Final = "/repos/{owner}/{repo}/code-scanning/sarifs"
ANALYSES: Final = "/repos/{owner}/{repo}/code-scanning/analyses{?tool_name,ref,per_page}"

LARGEST: Final = 10_000_000
"""Bytes that GitHub takes of an upload, packed."""


class _Created(msgspec.Struct):
    id: str


class _Tool(msgspec.Struct):
    version: str | None = None


class _Analysis(msgspec.Struct):
    tool: _Tool


async def upload(client: Client, sarif: bytes, commit: Commit) -> None:
    """Have code scanning show what *sarif* finds in *commit*, in place of what it showed of its branch before.

    Raises:
        GitHubError: GitHub refused, or it is too large.
        GitHubUnavailable: GitHub did not answer.

    """
    packed = gzip.compress(sarif, mtime=0)
    if len(packed) > LARGEST:
        raise GitHubError(f"the SARIF has {len(packed)} bytes, packed; GitHub takes {LARGEST}")
    body = {
        "commit_sha": commit.oid,
        "ref": f"{HEADS}{commit.branch}",
        "sarif": base64.b64encode(packed).decode("ascii"),
        "started_at": commit.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tool_name": DETECTOR,
    }
    await client.post(UPLOAD, _Created, body)


async def shown_version(client: Client, branch: str) -> str:
    """Return the version of the tool of condabot's latest analysis of *branch*, empty if there is none.

    Raises:
        GitHubError: GitHub refused.
        GitHubUnavailable: GitHub did not answer.

    """
    try:
        found = await client.get(ANALYSES, list[_Analysis], tool_name=DETECTOR, ref=f"{HEADS}{branch}", per_page=1)
    except GitHubError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return ""
        raise
    return found[0].tool.version or "" if found else ""
