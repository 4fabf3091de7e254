"""People's own pull requests: a check says whether their locks are in step, and what they move."""

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from bot.config import PATHS
from bot.demo.channel import Record, record
from bot.demo.github.model import CheckRun, PullRequest
from bot.demo.github.repository import Content, Repository
from tests.e2e.conftest import AFRESH, ENVIRONMENT_YML, World

CHANNEL = "https://conda.anaconda.org/conda-forge"
MANIFEST = """\
[workspace]
name = "app"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
core = "*"
alpha = "1.*"
"""
ALPHA_1 = record("alpha", "1.0", timestamp=AFRESH)
ALPHA_2 = record("alpha", "2.0", depends=["core >=2"], timestamp=AFRESH)
CORE_2 = record("core", "2.0", timestamp=AFRESH)
WANTS_2 = MANIFEST.replace('alpha = "1.*"', 'alpha = "2.*"')
READING = [
    "apps/create-installation-access-token",
    "pulls/get",
    "pulls/list-files",
    "apps/create-installation-access-token",
    "repos/compare-commits-with-basehead",
    "git/get-tree",
    "git/get-tree",
    "graphql",
]
"""What the scan read before is remembered: only the files of the head are asked for."""
WRITING = [
    "apps/create-installation-access-token",
    "checks/list-for-ref",
    "checks/create",
    "apps/revoke-installation-access-token",
]


def lock(*records: Record) -> str:
    """Return a lock that holds *records*."""
    urls = {f"{CHANNEL}/{each.subdir}/{each.fn}": each for each in records}
    listed = "".join(f"      - conda: {url}\n" for url in sorted(urls))
    entries = "".join(_entry(url, urls[url]) for url in sorted(urls))
    environment = f"  default:\n    channels:\n    - url: {CHANNEL}/\n    packages:\n      linux-64:\n{listed}"
    return f"version: 6\nenvironments:\n{environment}packages:\n{entries}"


def _entry(url: str, each: Record) -> str:
    depends = "".join(f"  - {spec}\n" for spec in each.depends)
    asked = f"  depends:\n{depends}" if depends else ""
    return (
        f"- conda: {url}\n  sha256: {each.sha256}\n  md5: {each.md5}\n{asked}"
        f"  license: {each.license}\n  size: {each.size}\n  timestamp: {each.timestamp}\n"
    )


LOCKED: Mapping[str, Content] = {"pixi.toml": MANIFEST, "pixi.lock": lock(ALPHA_1, CORE_2), "README.md": "hello"}


async def proposed(world: World, repository: Repository, files: Mapping[str, Content]) -> PullRequest:
    """A person opens a pull request from a branch of the repository, and the bot has done its work."""
    person = world.stage.github.acting_as("alice")
    await person.commit(repository, "topic", files)
    pull = await person.open_pull_request(repository, title="A change", head="topic")
    await world.stage.idle()
    return pull


def said(repository: Repository, head: str) -> list[CheckRun]:
    """Return the checks of changes beside the commit *head*."""
    return [each for each in repository.check_runs.values() if (each.external_id, each.head_sha) == ("look", head)]


def only(world: World, repository: Repository, head: str) -> CheckRun:
    """Return the one check of a change that there is beside the commit *head*."""
    found = said(repository, head)
    assert len(found) == 1, world.outcomes()
    return found[0]


def shown(run: CheckRun) -> tuple[str, str | None, Any]:
    return run.name, run.conclusion, run.output["title"]


def notes(run: CheckRun) -> list[tuple[str, int, str]]:
    return [(each["path"], each["start_line"], each["annotation_level"]) for each in run.annotations]


async def test_a_stale_lock_fails_at_the_line_and_the_push_that_repairs_it_succeeds(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)

    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})

    stale = only(world, repository, pull.head_sha)
    assert shown(stale) == ("condabot", "failure", "pixi.lock is not in step with its manifest")
    assert notes(stale) == [("pixi.toml", 8, "failure")]

    await world.stage.github.acting_as("alice").commit(repository, "topic", {"pixi.lock": lock(ALPHA_2, CORE_2)})
    await world.stage.idle()

    repaired = only(world, repository, pull.head_sha)
    assert repaired.head_sha != stale.head_sha
    assert shown(repaired) == ("condabot", "success", "1 lock in step; 1 package changes")
    assert "| **`alpha`** | `1.0` -> `2.0` | all |" in str(repaired.output["summary"])


async def test_what_a_look_asks_of_github(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    before = len(world.stage.github.requests)

    await proposed(world, repository, {"pixi.toml": WANTS_2})

    assert world.asked_since(before) == READING + WRITING


async def test_a_pull_request_from_a_fork_is_looked_at(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)

    pull = await world.stage.github.open_pull_request_from_fork(
        repository, {"pixi.toml": WANTS_2}, title="From outside", owner="stranger"
    )
    await world.stage.idle()

    run = only(world, repository, pull.head_sha)
    assert run.conclusion == "failure"


async def test_what_touches_nothing_costs_little_and_says_nothing(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"README.md": "hello, world"})
    before = len(world.stage.github.requests)

    await world.stage.github.acting_as("alice").commit(repository, "topic", {"README.md": "hello there"})
    await world.stage.idle()

    assert world.asked_since(before) == [
        "apps/create-installation-access-token",
        "pulls/get",
        "pulls/list-files",
        "repos/get-branch-rules",  # by its ETag: free while it is as it was
    ]
    assert said(repository, pull.head_sha) == []


async def test_what_touches_nothing_says_so_where_a_rule_waits_for_it(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    repository.required_checks = ("condabot",)

    pull = await proposed(world, repository, {"README.md": "hello, world"})

    run = only(world, repository, pull.head_sha)
    assert shown(run) == ("condabot", "success", "nothing that condabot manages is touched")


async def test_a_merge_queue_has_its_answer(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    repository.required_checks, repository.merge_queue = ("condabot",), True
    world.stage.github.state.events += ("merge_group",)
    pull = await proposed(world, repository, {"README.md": "hello, world"})

    await world.stage.github.acting_as("alice").enqueue(repository, pull.number)
    await world.stage.idle()

    assert pull.merged_at is not None
    assert pull.merge_commit_sha is not None
    assert [each.conclusion for each in said(repository, pull.merge_commit_sha)] == ["success"]


async def test_every_error_of_a_configuration_stands_at_its_line(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    pull = await proposed(world, repository, {PATHS[0]: "ignoreDep: [alpha]\nlockAge: soon\n"})

    run = only(world, repository, pull.head_sha)
    assert shown(run) == ("condabot", "failure", "the configuration has 2 errors")
    assert notes(run) == [(PATHS[0], 1, "failure"), (PATHS[0], 2, "failure")]


async def test_a_lock_that_was_stale_before_keeps_nobody_from_merging(world: World) -> None:
    repository = await world.installed("acme/app", {**LOCKED, "pixi.toml": WANTS_2})

    pull = await proposed(world, repository, {"more/environment.yml": ENVIRONMENT_YML})

    run = only(world, repository, pull.head_sha)
    assert run.conclusion == "neutral"
    assert "it stood so before this change" in str(run.output["summary"])


async def test_a_record_that_was_tampered_with_is_seen(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)

    forged = lock(ALPHA_2, CORE_2).replace(str(ALPHA_2.sha256), "0" * 64)
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2, "pixi.lock": forged})

    run = only(world, repository, pull.head_sha)
    assert shown(run) == ("condabot", "failure", "a lock holds what its channels do not offer")
    assert [each[0] for each in notes(run)] == ["pixi.lock"]


async def test_the_bots_own_are_not_looked_at(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    assert len(repository.pulls) == 2
    assert [each for each in repository.check_runs.values() if each.external_id == "look"] == []
    assert await _looks(world) == []


async def test_a_repository_that_is_too_large_is_said_to_be(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    repository.tree_limit = 2

    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})

    run = only(world, repository, pull.head_sha)
    assert shown(run) == ("condabot", "neutral", "this cannot be looked at")
    assert "more files than GitHub lists in one answer" in str(run.output["summary"])


async def test_without_the_permission_nothing_is_asked_and_that_is_said(world: World) -> None:
    repository = world.stage.github.create_repository("acme/app", LOCKED)
    permissions = {"contents": "write", "metadata": "read", "pull_requests": "write"}
    await world.stage.github.install("acme", [repository], permissions)
    await world.stage.idle()
    before = len(world.stage.github.requests)

    await proposed(world, repository, {"pixi.toml": WANTS_2})

    assert world.asked_since(before) == []
    assert world.outcomes()[-1][0].startswith("the App may not write checks in this repository")


@pytest.mark.parametrize("flag", ["suspended", "paused"])
async def test_who_is_left_alone_is_looked_at_when_that_has_ended(world: World, flag: str) -> None:
    repository = await world.installed("acme/app", LOCKED)
    await _set(world, flag, on=True)
    before = len(world.stage.github.requests)
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})

    assert world.asked_since(before) == []
    assert await _looks(world) == [pull.number]

    await _set(world, flag, on=False)
    await world.stage.idle()
    assert len(said(repository, pull.head_sha)) == 1
    assert await _looks(world) == []


@pytest.mark.interrupted  # to say the same again nothing is written, with a token that may
async def test_one_head_has_one_check_however_often_it_is_looked_at(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})

    for _ in range(2):
        await world.stage.github.close(repository, pull.number)
        await world.stage.github.reopen(repository, pull.number)
        await world.stage.idle()

    assert len(said(repository, pull.head_sha)) == 1


async def _looks(world: World) -> list[int]:
    async with await psycopg.AsyncConnection.connect(world.stage.conninfo) as connection:
        return [number for (number,) in await (await connection.execute("SELECT number FROM look")).fetchall()]


async def _set(world: World, flag: str, *, on: bool) -> None:
    statement = {"suspended": "UPDATE installation SET suspended = %s", "paused": "UPDATE installation SET paused = %s"}
    async with await psycopg.AsyncConnection.connect(world.stage.conninfo) as connection:
        await connection.execute(statement[flag].encode(), (on,))
