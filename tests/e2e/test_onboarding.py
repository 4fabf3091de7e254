"""Before it begins, condabot asks once: the story from installing it to the first updates, and every way to say no."""

from datetime import timedelta

import pytest

from bot.config import PATHS, Configuration, read_configuration
from bot.demo.github.repository import Repository
from bot.demo.github.state import Installation
from bot.rendering.onboarding import starter
from tests.e2e.conftest import ENVIRONMENT_YML, Living, titles

PATH = PATHS[0]
FILES = {"environment.yml": ENVIRONMENT_YML}
CURRENT = {"environment.yml": ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0")}
ASKED = {1: "Configure condabot"}
MINOR, MAJOR = "Update alpha from 1.0 to 1.1", "Update alpha from 1.0 to 2.0"


def created(calm: Living, name: str = "acme/app", files: dict[str, str] | None = None) -> Repository:
    return calm.stage.github.create_repository(name, FILES if files is None else files)


async def installed(calm: Living, *repositories: Repository) -> Installation:
    installation = await calm.stage.github.install("acme", list(repositories))
    await calm.stage.idle()
    return installation


def said(repository: Repository) -> str:
    """Return what stands beside the head of the default branch."""
    head = repository.head(repository.default_branch)
    runs = [each.output for each in repository.check_runs.values() if each.head_sha == head]
    return f"{runs[-1]['title']}\n{runs[-1]['summary']}" if runs else ""


async def test_installed_asked_merged_and_then_a_few_at_a_time(calm: Living) -> None:
    repository = created(calm)

    await installed(calm, repository)
    asked, body = titles(repository), repository.pulls[1].body or ""
    configuration = repository.read(repository.pulls[1].head_sha, PATH)
    await calm.wanted(repository)
    again = titles(repository)

    assert asked == again == ASKED
    assert configuration.decode() == starter()
    assert read_configuration({PATH: configuration}) == Configuration()
    assert "- `environment.yml`\n  - would move\n    - 6 alpha 1.0 -\\> 2.0" in body
    assert "2 pull requests are wanted by now" in body
    assert "In the first week they come 1 at a time, then at most 2 are open at once." in body
    assert "opens next on Monday, 2026-06-22 from 00:00 UTC" in body
    assert "nothing else is proposed until \\#\u200b1 is merged" in said(repository)

    await calm.stage.github.merge(repository, 1)
    await calm.stage.idle()
    first = titles(repository)
    await calm.stage.github.merge(repository, 2)
    await calm.stage.idle()
    waits = titles(repository), said(repository)
    await calm.passes(timedelta(days=5, hours=14))
    await calm.wanted(repository)

    assert first == {2: MINOR}
    assert waits[0] == {}
    assert "its turn is Monday" in waits[1]
    assert titles(repository) == {3: "Update alpha from 1.1 to 2.0"}


async def test_closed_is_no_for_ever_until_somebody_adds_a_configuration(calm: Living) -> None:
    repository = created(calm)
    await installed(calm, repository)

    await calm.stage.github.close(repository, 1)
    await calm.stage.idle()
    await calm.wanted(repository)
    silent = titles(repository), said(repository)
    await calm.pushed(repository, {PATH: ""})

    assert silent[0] == {}
    assert "which asked whether condabot may begin, was closed" in silent[1]
    assert f"A file \\`{PATH}\\` begins it" in silent[1]
    assert titles(repository) == {2: MINOR}


async def test_opened_again_it_is_asked_again(calm: Living) -> None:
    repository = created(calm)
    await installed(calm, repository)
    await calm.stage.github.close(repository, 1)
    await calm.stage.github.reopen(repository, 1)
    await calm.stage.github.merge(repository, 1)
    await calm.stage.idle()

    assert titles(repository) == {2: MINOR}


async def test_what_people_change_in_it_stays_and_counts(calm: Living) -> None:
    repository = created(calm)
    await installed(calm, repository)
    person = calm.stage.github.acting_as("octocat")
    await person.commit(repository, repository.pulls[1].head, {PATH: "ignoreDeps: [alpha]\n"})
    await calm.wanted(repository)
    await calm.stage.github.merge(repository, 1)
    await calm.stage.idle()

    assert repository.read("main", PATH) == b"ignoreDeps: [alpha]\n"
    assert titles(repository) == {}


async def test_whoever_adds_a_configuration_by_hand_is_asked_no_longer(calm: Living) -> None:
    repository = created(calm)
    await installed(calm, repository)

    await calm.pushed(repository, {PATH: "labels: [dependencies]\n"})

    assert titles(repository) == {2: MINOR}
    assert repository.pulls[1].state == "closed"


async def test_where_there_is_nothing_to_do_nobody_is_asked_before_there_is(calm: Living) -> None:
    empty, current = created(calm, "acme/empty", {"README.md": "hello\n"}), created(calm, "acme/current", CURRENT)
    await installed(calm, empty, current)
    before = titles(empty), titles(current)

    await calm.pushed(current, FILES)

    assert before == ({}, {})
    assert "nobody is asked yet" in said(empty)
    assert titles(current) == ASKED


async def test_on_all_repositories_nobody_is_asked(calm: Living) -> None:
    repository = created(calm)

    await calm.stage.github.install("acme", None)
    await calm.stage.idle()

    assert (repository.pulls, said(repository)) == ({}, "")


async def test_one_that_was_ticked_was_asked_for_and_begins(calm: Living) -> None:
    repository = created(calm)
    await calm.stage.github.install("acme", None)
    await calm.stage.idle()

    await calm.changed("UPDATE repository SET ticked = true")
    await calm.wanted(repository)

    assert titles(repository) == {1: MINOR}


@pytest.mark.parametrize("everything", [False, True], ids=["selected", "all"])
async def test_an_organisation_that_wants_no_questions_gets_work_everywhere(calm: Living, *, everything: bool) -> None:
    shared = created(calm, "acme/.github", {"condabot.yml": "onboarding: false\nlabels: [acme]\n"})
    repository = created(calm)

    await calm.stage.github.install("acme", None if everything else [shared, repository])
    await calm.stage.idle()

    assert titles(repository) == {1: MINOR}
    assert repository.pulls[1].labels == ["acme"]


async def test_an_organisation_that_only_has_defaults_invites_nobody(calm: Living) -> None:
    created(calm, "acme/.github", {"condabot.yml": "labels: [acme]\n"})
    repository = created(calm)

    await calm.stage.github.install("acme", None)
    await calm.stage.idle()

    assert repository.pulls == {}


async def test_a_repository_in_which_condabot_works_already_is_not_asked(calm: Living) -> None:
    repository = created(calm, files={**FILES, PATH: ""})
    await installed(calm, repository)

    await calm.pushed(repository, {PATH: None})

    assert titles(repository) == {1: MINOR}
    assert "1 pull request open" in said(repository)
