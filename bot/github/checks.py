"""Check runs: what condabot says beside a commit. Each is known by our id for it, and there is one of each.

https://docs.github.com/en/rest/checks/runs
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from typing import NewType

import msgspec

from bot.github.client import Client
from bot.github.lookup import ensured
from bot.github.model import Oid
from bot.github.retrying import Repeat

CheckRunId = NewType("CheckRunId", int)

LONGEST_SUMMARY = 65_535
"""Characters that GitHub stores; a longer summary is cut."""

MOST_ANNOTATIONS = 50
"""Annotations that GitHub takes with one request."""

OF_COMMIT = "/repos/{owner}/{repo}/commits/{ref}/check-runs{?check_name,app_id,filter,per_page}"
ONE = "/repos/{owner}/{repo}/check-runs/{check_run_id}"


class Conclusion(StrEnum):
    """How a check ended, of those that condabot uses."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"


class AnnotationLevel(StrEnum):
    """How much an annotation matters."""

    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """Something that is wrong in a line of a file."""

    path: str
    line: int
    message: str
    level: AnnotationLevel = AnnotationLevel.FAILURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a check: `label` and `identifier` have at most 20 characters, the `description` has 40.

    https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks#check-runs-and-requested-actions
    """

    label: str
    description: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The end of a check: `title` is one line, `summary` is Markdown. Of `annotations` the first 50 are shown."""

    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    buttons: tuple[Button, ...] = ()


class _Output(msgspec.Struct):
    title: str | None = None
    summary: str | None = None


class _App(msgspec.Struct):
    id: int


class _CheckRun(msgspec.Struct):
    id: CheckRunId
    external_id: str | None = None
    status: str = ""
    conclusion: str | None = None
    output: _Output = msgspec.field(default_factory=_Output)
    app: _App | None = None


class _CheckRuns(msgspec.Struct):
    check_runs: list[_CheckRun]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """A check of ours on a commit, by what tells it from every other."""

    name: str
    head: Oid
    external_id: str


async def start(client: Client, *, name: str, head: Oid, external_id: str) -> CheckRunId:
    """Show the check *name* as running on the commit *head*; *external_id* is ours, for looking it up.

    One that has ended already is left as it is, and another one begins.
    """
    check = _Check(name=name, head=head, external_id=external_id)

    async def running() -> _CheckRun | None:
        found = await _found(client, check)
        return found if found and found.status != "completed" else None

    made = await ensured(running, partial(_created, client, check, {"status": "in_progress"}), clock=client.api.clock)
    return made.it.id


async def finish(client: Client, run: CheckRunId, result: CheckResult) -> None:
    """End a check that was started; buttons that it had and *result* has not are taken away."""
    await client.patch(ONE, {"actions": [], **_ended(result)}, check_run_id=run)


async def report(client: Client, *, name: str, head: Oid, external_id: str, result: CheckResult) -> CheckRunId:
    """Show the check *name* on the commit *head* as ended. One that is there is changed, if it says something else."""
    check = _Check(name=name, head=head, external_id=external_id)
    make = partial(_created, client, check, _ended(result))
    run = await ensured(partial(_found, client, check), make, clock=client.api.clock)
    if not run.created and not _says(run.it, result):
        await finish(client, run.it.id, result)
    return run.it.id


async def _found(client: Client, check: _Check) -> _CheckRun | None:
    """Return the newest run of *check*. The commit may be so new that not all of GitHub knows it."""
    of_app = {} if client.app_id is None else {"app_id": client.app_id}
    pages = client.pages(
        OF_COMMIT,
        _CheckRuns,
        repeat=Repeat.FRESH,
        ref=check.head,
        check_name=check.name,
        filter="all",
        per_page=100,
        **of_app,
    )
    runs = [each async for page in pages for each in page.check_runs if _is_ours(each, client, check)]
    return max(runs, key=lambda each: each.id, default=None)


def _is_ours(run: _CheckRun, client: Client, check: _Check) -> bool:
    """Tell whether *run* is *check*: the id is ours, and so is the App, where GitHub says which one it is."""
    by_us = client.app_id is None or run.app is None or run.app.id == client.app_id
    return by_us and run.external_id == check.external_id


async def _created(client: Client, check: _Check, state: dict[str, object]) -> _CheckRun:
    body = {"name": check.name, "head_sha": check.head, "external_id": check.external_id, **state}
    return await client.post("/repos/{owner}/{repo}/check-runs", _CheckRun, body)


def _says(run: _CheckRun, result: CheckResult) -> bool:
    shown = (run.status, run.conclusion, run.output.title, run.output.summary)
    return shown == ("completed", result.conclusion, result.title, result.summary[:LONGEST_SUMMARY])


def _ended(result: CheckResult) -> dict[str, object]:
    output: dict[str, object] = {"title": result.title, "summary": result.summary[:LONGEST_SUMMARY]}
    if result.annotations:
        output["annotations"] = [_noted(each) for each in result.annotations[:MOST_ANNOTATIONS]]
    ended: dict[str, object] = {"status": "completed", "conclusion": str(result.conclusion), "output": output}
    return {**ended, "actions": [asdict(each) for each in result.buttons]} if result.buttons else ended


def _noted(annotation: Annotation) -> dict[str, object]:
    return {
        "path": annotation.path,
        "start_line": annotation.line,
        "end_line": annotation.line,
        "annotation_level": str(annotation.level),
        "message": annotation.message,
    }
