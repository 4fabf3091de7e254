"""Check runs: what condabot says beside a commit.

https://docs.github.com/en/rest/checks/runs
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

import msgspec

from bot.github.client import Client
from bot.github.model import Oid

CheckRunId = NewType("CheckRunId", int)

LONGEST_SUMMARY = 65_535
"""Characters that GitHub stores; a longer summary is cut."""


class Conclusion(StrEnum):
    """How a check ended, of those that condabot uses."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The end of a check: `title` is one line, `summary` is Markdown."""

    conclusion: Conclusion
    title: str
    summary: str


class _CheckRun(msgspec.Struct):
    id: CheckRunId


async def start(client: Client, *, name: str, head: Oid, external_id: str) -> CheckRunId:
    """Show the check *name* as running on the commit *head*; *external_id* is ours, for looking it up."""
    body = {"name": name, "head_sha": head, "external_id": external_id, "status": "in_progress"}
    return (await client.post("/repos/{owner}/{repo}/check-runs", _CheckRun, body)).id


async def finish(client: Client, run: CheckRunId, result: CheckResult) -> None:
    """End a check that was started."""
    await client.patch("/repos/{owner}/{repo}/check-runs/{check_run_id}", _ended(result), check_run_id=run)


async def report(client: Client, *, name: str, head: Oid, external_id: str, result: CheckResult) -> CheckRunId:
    """Show the check *name* on the commit *head* as ended, in one call."""
    body = {"name": name, "head_sha": head, "external_id": external_id, **_ended(result)}
    return (await client.post("/repos/{owner}/{repo}/check-runs", _CheckRun, body)).id


def _ended(result: CheckResult) -> dict[str, object]:
    output = {"title": result.title, "summary": result.summary[:LONGEST_SUMMARY]}
    return {"status": "completed", "conclusion": str(result.conclusion), "output": output}
