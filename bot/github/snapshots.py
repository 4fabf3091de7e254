"""Snapshots of what a repository depends on, for GitHub's dependency graph, from which alerts come.

https://docs.github.com/en/rest/dependency-graph/dependency-submission#create-a-snapshot-of-dependencies-for-a-repository
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from bot import __version__
from bot.github.client import Client
from bot.github.model import Oid
from bot.github.overview import HEADS

DETECTOR: Final = "condabot"
DETECTOR_URL: Final = "https://condabot.example"
PATH: Final = "/repos/{owner}/{repo}/dependency-graph/snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """The commit `oid` at the head of `branch`, which was looked at at the moment `at`."""

    oid: Oid
    branch: str
    at: datetime


class _Created(msgspec.Struct):
    id: int


async def submit(client: Client, key: str, manifests: Any, commit: Commit) -> None:
    """Submit *manifests*, as GitHub has them, in place of what was submitted under *key* before.

    Raises:
        GitHubError: GitHub refused.
        GitHubUnavailable: GitHub did not answer.

    """
    body = {
        "version": 0,
        "sha": commit.oid,
        "ref": f"{HEADS}{commit.branch}",
        "job": {"id": commit.oid, "correlator": f"{DETECTOR} {key}"},
        "detector": {"name": DETECTOR, "version": __version__, "url": DETECTOR_URL},
        "scanned": commit.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "manifests": manifests,
    }
    await client.post(PATH, _Created, body)
