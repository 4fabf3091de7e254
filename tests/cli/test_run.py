"""`condabot run`: what the App does for one repository, once, on a GitHub of this machine and without a database."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.demo.stage import APP_ID, Keys
from bot.rendering.run import AS_RUNNER, NO_PULLS_OF_RUNNERS
from tests.cli.conftest import NEEDED, SMALL, TITLE, AtGitHub
from tests.e2e.test_pull_looks import lock

LOCKED = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = "*"
core = "*"
"""


async def test_a_runner_opens_one_pull_request_with_the_apps_own_words_and_then_has_nothing_to_do(
    world: AtGitHub, tmp_path: Path
) -> None:
    words = ("--title", str(tmp_path / "title"), "--body", str(tmp_path / "body"))

    first = await world(*words, GITHUB_TOKEN=world.runner())
    writes = len(world.writes)
    second = await world(GITHUB_TOKEN=world.runner())

    assert (first.code, second.code) == (0, 0), first.stdout + first.stderr + second.stderr
    [pull] = world.repository.pulls.values()
    assert (pull.title, pull.author.login) == (TITLE, "github-actions[bot]")
    assert pull.head.startswith("condabot/")
    assert "| package | change |" in (pull.body or "")
    assert b"beta=1.1  # first" in world.content(pull.head)
    assert (tmp_path / "title").read_text() == f"{TITLE}\n"
    assert f"## [#1 {TITLE}]({world.github.url}/acme/app/pull/1)\n" in (tmp_path / "body").read_text()
    assert (pull.body or "").partition("<!--")[0].strip() in (tmp_path / "body").read_text()
    assert (AS_RUNNER in first.stdout, AS_RUNNER in second.stdout) == (True, False)
    assert f"up to date #1: {TITLE}" in second.stdout
    assert len(world.writes) == writes


async def test_what_a_runners_token_may_not_do_is_said_and_done_once_it_may(world: AtGitHub) -> None:
    reading = await world(GITHUB_TOKEN=world.runner({"contents": "read", "pull_requests": "read"}))
    world.repository.runners_may_open_pulls = False
    writing = await world(GITHUB_TOKEN=world.runner())
    world.repository.runners_may_open_pulls = True
    opening = await world(GITHUB_TOKEN=world.runner())

    assert f"could not publish: {TITLE}: GitHub refused POST" in reading.stdout
    assert "may lack a permission" in reading.stdout
    assert NO_PULLS_OF_RUNNERS in writing.stdout
    assert (reading.code, writing.code, opening.code) == (1, 1, 0)
    assert [each.title for each in world.repository.pulls.values()] == [TITLE]


async def test_a_dry_run_prints_the_pull_request_and_writes_nothing(world: AtGitHub) -> None:
    token = world.runner({"contents": "read", "pull_requests": "read"})

    ended = await world("--dry-run", GITHUB_TOKEN=token)

    assert ended.code == 0, ended.stdout
    lines = ended.stdout.splitlines()
    assert f"not written, since this is a dry run: would open {TITLE}" in lines
    assert TITLE in lines
    assert any(each.startswith("branch condabot/") for each in lines)
    assert "| package | change | kind | where | age |" in lines
    assert (world.writes, world.repository.pulls) == ([], {})
    assert token not in ended.stdout + ended.stderr


async def test_a_token_of_a_person_makes_it_afresh_after_a_push_and_keeps_what_people_commit_to_it(
    world: AtGitHub,
) -> None:
    token = world.github.personal_token("ada", [world.repository], NEEDED)
    first = await world(GITHUB_TOKEN=token)
    world.pushed("# why")
    second = await world(GITHUB_TOKEN=token)
    [pull] = world.repository.pulls.values()
    refreshed = world.content(pull.head)
    world.repository.commit(pull.head, {"environment.yml": "mine"}, message="A person's commit")
    world.pushed("# why not")
    third = await world(GITHUB_TOKEN=token)

    assert (first.code, second.code, third.code) == (0, 0, 0), first.stdout + second.stdout
    assert (pull.author.login, AS_RUNNER in first.stdout) == ("ada", False)
    assert f"refreshed #1: {TITLE}" in second.stdout
    assert b"# why" in refreshed
    assert f"hands off {pull.head}" in third.stdout
    assert world.content(pull.head) == b"mine"


async def test_a_box_that_somebody_ticked_has_it_made_afresh_once(world: AtGitHub) -> None:
    token = world.github.personal_token("ada", [world.repository], NEEDED)
    await world(GITHUB_TOKEN=token)
    [pull] = world.repository.pulls.values()
    world.repository.commit("main", {"README.md": "more"}, message="Something else")
    await world.github.acting_as("ada").tick(world.repository, pull.number, "made afresh")

    afresh = await world(GITHUB_TOKEN=token)
    head, body = pull.head_sha, pull.body or ""
    again = await world(GITHUB_TOKEN=token)

    assert f"refreshed #1: {TITLE}" in afresh.stdout
    assert [str(each.id) for each in world.repository.git.commit(head).parents] == [world.repository.head("main")]
    assert ("[x]" in body, pull.head_sha) == (False, head)
    assert f"up to date #1: {TITLE}" in again.stdout


async def test_the_app_does_it_with_its_own_keys_and_reports_checks(world: AtGitHub, keys: Keys) -> None:
    await world.github.install("acme", [world.repository])

    ended = await world(CONDABOT_APP_ID=str(APP_ID), CONDABOT_PRIVATE_KEY=keys.private_key)

    assert ended.code == 0, ended.stdout + ended.stderr
    [pull] = world.repository.pulls.values()
    assert pull.author.login == "condabot[bot]"
    assert {each.name for each in world.repository.check_runs.values()} == {"condabot"}


async def test_the_dependency_graph_and_code_scanning_are_told_where_it_is_configured(world: AtGitHub) -> None:
    wanted = ".github/condabot.yml"
    said = "codeScanning: true\ndependencySnapshots: true\n"
    files = {wanted: said, "pixi.toml": LOCKED, "pixi.lock": lock(SMALL[0], SMALL[6])}
    world.repository.commit("main", files, message="A lock")
    token = world.runner({**NEEDED, "security_events": "write"})

    first = await world(GITHUB_TOKEN=token)
    second = await world(GITHUB_TOKEN=token)
    refused = await world(GITHUB_TOKEN=world.runner())

    assert (first.code, second.code, refused.code) == (0, 0, 0), first.stdout + second.stdout + refused.stdout
    assert len(world.repository.scans) == 1
    assert {each["job"]["correlator"] for each in world.repository.snapshots} == {"condabot pixi.lock default linux-64"}
    assert "code scanning shows " in second.stdout
    assert refused.stdout.count("code scanning is not told what is wrong with locks: GitHub refused") == 1


async def test_an_app_that_is_not_installed_there_says_so(world: AtGitHub, keys: Keys) -> None:
    ended = await world(CONDABOT_APP_ID=str(APP_ID), CONDABOT_PRIVATE_KEY=keys.private_key)

    assert (ended.code, ended.stdout) == (2, "")
    assert "the App is not installed at acme: install it there, and on acme/app" in ended.stderr


async def test_an_archived_repository_is_left_alone(world: AtGitHub) -> None:
    world.repository.archived = True

    ended = await world(GITHUB_TOKEN=world.runner())

    assert (ended.code, ended.stdout) == (0, "left alone: the repository is archived\n")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        pytest.param(
            {"GITHUB_TOKEN": "ghp_" + "0" * 36}, "401 Bad credentials", id="a token that GitHub does not know"
        ),
        pytest.param({"GITHUB_REPOSITORY": "acme/other"}, "Could not resolve to a Repository", id="not there"),
        pytest.param({"GITHUB_REPOSITORY": "acme"}, "'acme' is no repository: it has to be OWNER/REPO", id="no name"),
        pytest.param({"GITHUB_REPOSITORY": ""}, "GITHUB_REPOSITORY: is not set", id="no repository"),
        pytest.param({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN: is not set: it is a token", id="no token"),
        pytest.param({"GITHUB_API_URL": "ftp://x"}, "GITHUB_API_URL: 'ftp://x' is not an http(s) URL", id="no address"),
        pytest.param({"CONDABOT_APP_ID": "1"}, "CONDABOT_PRIVATE_KEY: is not set", id="an App without a key"),
    ],
)
async def test_what_is_wrong_is_one_sentence(world: AtGitHub, variables: Mapping[str, str], said: str) -> None:
    ended = await world(**{"GITHUB_TOKEN": world.runner(), **variables})

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[-1].startswith("condabot: ")
    assert said in ended.stderr
    assert world.writes == []
