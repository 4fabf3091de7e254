"""One issue for those who want one: what it says, what a tick does, and how it comes and goes."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.demo.github.model import Issue
from bot.demo.github.repository import Repository
from bot.demo.github.state import USUAL_PERMISSIONS
from tests.e2e.conftest import ENVIRONMENT_YML, Living, titles
from tests.e2e.test_onboarding import MAJOR, MINOR, PATH, said

WANTED = "dependencyDashboard: true\n"
WITHOUT_ISSUES = {name: level for name, level in USUAL_PERMISSIONS.items() if name != "issues"}


async def installed(
    calm: Living, configuration: str = WANTED, permissions: Mapping[str, str] = USUAL_PERMISSIONS
) -> Repository:
    files = {"environment.yml": ENVIRONMENT_YML, PATH: configuration}
    repository = calm.stage.github.create_repository("acme/app", files)
    await calm.stage.github.install("acme", [repository], permissions)
    await calm.stage.idle()
    return repository


def issue(repository: Repository) -> Issue:
    [found] = repository.issues.values()
    return found


def body(repository: Repository) -> str:
    return issue(repository).body or ""


async def ticked(calm: Living, repository: Repository, line: str, who: str = "") -> None:
    person = calm.stage.github.acting_as(who or calm.stage.github.person.login)
    await person.tick(repository, issue(repository).number, line)
    await calm.stage.idle()


async def test_it_lists_what_is_open_and_what_waits_and_a_tick_opens_it(calm: Living) -> None:
    repository = await installed(calm)
    before, first = titles(repository), body(repository)

    await ticked(calm, repository, "alpha 2.0")

    assert before == {1: MINOR}
    assert issue(repository).title == "Conda dependency dashboard"
    assert f"--> #1 {MINOR}" in first.replace("\\", "")
    assert "alpha 2.0, as far as it solves: 1 of at most 1 pull requests are open" in first.replace("\\", "")
    assert titles(repository) == {1: MINOR, 3: MAJOR}
    assert f"--> #3 {MAJOR}" in body(repository).replace("\\", "")
    assert "[x]" not in body(repository)


async def test_a_look_that_finds_nothing_else_writes_nothing(calm: Living) -> None:
    repository = await installed(calm)

    asked = len(calm.stage.github.requests)
    await calm.wanted(repository)

    assert not {"issues/update", "issues/create"} & set(calm.asked_since(asked))
    assert len(repository.issues) == 1


async def test_who_may_not_write_ticks_in_vain(calm: Living) -> None:
    repository = await installed(calm)
    repository.collaborators["stranger"] = "triage"

    await ticked(calm, repository, "alpha 2.0", who="stranger")
    await calm.wanted(repository)

    assert titles(repository) == {1: MINOR}
    assert "[x]" not in body(repository)


async def test_a_tick_has_a_pull_request_made_afresh_or_everything_looked_at(calm: Living) -> None:
    repository = await installed(calm)
    head = repository.pulls[1].head_sha
    repository.commit("main", {"README.md": "more\n"}, message="Something else")
    await calm.passes(timedelta(hours=1))

    await ticked(calm, repository, "#1")
    afresh = repository.pulls[1].head_sha
    runs = len(calm.outcomes())
    await ticked(calm, repository, "Look at everything again")

    assert afresh != head
    assert len(calm.outcomes()) == runs + 2  # what was ticked, and the scan
    assert "[x]" not in body(repository)


async def test_closed_by_a_person_it_stays_closed_until_they_open_it_again(calm: Living) -> None:
    repository = await installed(calm)
    number = issue(repository).number
    await calm.stage.github.merge(repository, 1)
    person = calm.stage.github.acting_as(calm.stage.github.person.login)
    await person.close(repository, number)

    await calm.wanted(repository)
    closed = issue(repository).state, said(repository)
    await person.reopen(repository, number)
    await calm.stage.idle()

    assert closed[0] == "closed"
    assert "was closed, and stays so" in closed[1]
    assert issue(repository).state == "open"
    assert "#1 " not in body(repository)


async def test_it_goes_when_it_is_not_wanted_and_comes_back_when_it_is(calm: Living) -> None:
    repository = await installed(calm)

    await calm.pushed(repository, {PATH: "labels: [x]\n"})
    gone = issue(repository).state
    await calm.pushed(repository, {PATH: WANTED})

    assert gone == "closed"
    assert issue(repository).state == "open"


async def test_where_approval_is_asked_for_nothing_is_opened_without_a_tick(calm: Living) -> None:
    repository = await installed(calm, "dependencyDashboardApproval: true\n")
    before = titles(repository)

    await ticked(calm, repository, "alpha 2.0")

    assert before == {}
    assert titles(repository) == {2: MAJOR}
    assert "it is opened once it is ticked in the dashboard" in body(repository).replace("\\", "")


async def test_a_rule_may_ask_for_approval_of_some(calm: Living) -> None:
    rule = "packageRules: [{matchUpdateTypes: [major], dependencyDashboardApproval: true}]\nprConcurrentLimit: 9\n"
    repository = await installed(calm, f"{rule}schedule: [at any time]\n")
    before = titles(repository)

    await ticked(calm, repository, "to 2.0")

    assert before == {1: MINOR}
    assert titles(repository) == {1: MINOR, 3: MAJOR}


async def test_without_the_permission_it_is_one_sentence_in_the_check(calm: Living) -> None:
    repository = await installed(calm, permissions=WITHOUT_ISSUES)

    assert repository.issues == {}
    assert titles(repository) == {1: MINOR}
    assert said(repository).count("the App may not write issues in this repository") == 1


@pytest.mark.parametrize("whose", ["copied", "edited"])
async def test_what_others_write_is_no_dashboard(calm: Living, whose: str) -> None:
    repository = await installed(calm)
    person = calm.stage.github.acting_as(calm.stage.github.person.login)
    number = issue(repository).number
    if whose == "copied":
        copy = await person.open_issue(repository, "Conda dependency dashboard", body(repository))
        await person.tick(repository, copy.number, "alpha 2.0")
    else:
        await person.edit(
            repository, number, body=body(repository).replace(" condabot:dashboard e", " condabot:dashboard f")
        )
    await calm.wanted(repository)

    assert titles(repository) == {1: MINOR}
    assert len(repository.issues) == 2  # one that is forged, and one that is the bot's
