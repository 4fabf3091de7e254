"""What owners do with the App and with their repositories, and what the bot knows and does after each."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from psycopg import sql

from bot.composition.service import LISTING
from bot.demo.github.repository import Repository
from bot.demo.github.state import USUAL_PERMISSIONS
from tests.e2e.conftest import ENVIRONMENT_YML, Living, titles

FILES = {"environment.yml": ENVIRONMENT_YML}
INVITED = {".github/condabot.yml": "ignoreDeps: [gamma]\n"}
BOTH = {1: "Update alpha from 1.0 to 1.1", 2: "Update alpha from 1.0 to 2.0"}
WITHOUT_CHECKS = {name: level for name, level in USUAL_PERMISSIONS.items() if name != "checks"}

TABLES = """
SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'repository_id'
AND table_name NOT IN ('delivery', 'wave')
"""
JOBS = """
SELECT count(*) FROM procrastinate_jobs WHERE (args ->> 'repository_id')::bigint = %s OR lock = %s OR queueing_lock = %s
"""
KNOWN = "SELECT full_name, installation_id, archived, fork FROM repository WHERE repository_id = %s"


def traces(living: Living, repository: Repository) -> set[str]:
    """Return the tables that know of a repository: but for the inbox, where what GitHub sent is kept for a week."""
    known = {
        table
        for (table,) in living.asked_of(TABLES)
        for (count,) in living.asked_of(f"SELECT count(*) FROM {table} WHERE repository_id = %s", repository.id)  # noqa: S608 - a table of ours
        if count
    }
    number = repository.id
    jobs = living.asked_of(JOBS, number, f"repo:{number}", f"scan:{number}")
    return known | ({"procrastinate_jobs"} if jobs != [(0,)] else set())


def known(living: Living, repository: Repository) -> tuple[str, int, bool, bool]:
    [(name, installation, archived, fork)] = living.asked_of(KNOWN, repository.id)
    return name, installation, archived, fork


def created(living: Living, name: str = "acme/app", files: Mapping[str, str] = FILES) -> Repository:
    return living.stage.github.create_repository(name, files)


async def pushed(living: Living, repository: Repository, files: Mapping[str, str] | None = None) -> None:
    await living.pushed(repository, files or {"environment.yml": ENVIRONMENT_YML + "\n"})


# -- installing


async def test_on_all_repositories_the_uninvited_ones_stay_silent_until_they_have_a_configuration(
    living: Living,
) -> None:
    silent, asking = created(living, "acme/silent"), created(living, "acme/asking")

    await living.stage.github.install("acme", None)
    await living.stage.idle()
    before = titles(silent) | titles(asking)
    await pushed(living, silent)
    await pushed(living, asking, INVITED)

    assert before == {}
    assert (titles(silent), titles(asking)) == ({}, BOTH)
    assert silent.check_runs == {}


async def test_an_uninvited_repository_is_served_once_a_person_has_ticked_it(living: Living) -> None:
    repository = created(living)
    await living.stage.github.install("acme", None)
    await living.stage.idle()

    await living.changed("UPDATE repository SET ticked = true")
    await living.wanted(repository)

    assert titles(repository) == BOTH


async def test_on_selected_repositories_these_are_served_and_no_others(living: Living) -> None:
    chosen, other = created(living), created(living, "acme/other")

    await living.stage.github.install("acme", [chosen])
    await living.stage.idle()

    assert (titles(chosen), titles(other)) == (BOTH, {})
    assert traces(living, other) == set()


async def test_what_is_added_is_served_and_what_is_removed_leaves_no_trace(living: Living) -> None:
    first, second = created(living), created(living, "acme/second")
    installation = await living.stage.github.install("acme", [first])
    await living.stage.idle()

    await installation.add_repositories([second])
    await living.stage.idle()
    added = titles(second)
    await installation.remove_repositories([first])
    await living.stage.idle()

    assert added == BOTH
    assert traces(living, first) == set()
    assert titles(first) == BOTH  # they are the maintainers' now
    assert {"repository", "run"} <= traces(living, second)


async def test_suspending_forgets_nothing_and_unsuspending_makes_up_for_what_was_missed(living: Living) -> None:
    repository = created(living)
    installation = await living.stage.github.install("acme", [repository])
    await living.stage.idle()

    await installation.suspend()
    asked = len(living.stage.github.requests)
    await living.stage.github.close(repository, 1)
    repository.commit("main", {"environment.yml": ENVIRONMENT_YML.replace("alpha=1.0", "alpha=1.1")}, message="By hand")
    await living.wanted(repository)
    meanwhile = living.asked_since(asked)
    await installation.unsuspend()
    await living.stage.idle()

    assert meanwhile == []
    assert titles(repository) == {2: "Update alpha from 1.1 to 2.0"}


async def test_without_checks_there_is_no_check_run_and_one_sentence_until_they_are_granted(living: Living) -> None:
    repository = created(living)
    installation = await living.stage.github.install("acme", [repository], WITHOUT_CHECKS)
    await living.stage.idle()
    before, runs = living.outcomes()[-1], len(repository.check_runs)
    pulls = titles(repository)

    await installation.accept_permissions(USUAL_PERMISSIONS)
    await living.stage.idle()

    assert (pulls, runs) == (BOTH, 0)
    assert len([each for each in before if each.startswith("the App may not write checks in this repository")]) == 1
    assert titles(repository) == BOTH
    assert len(repository.check_runs) > 0


# -- what owners do with a repository


async def test_a_renamed_repository_goes_on_under_its_new_name(living: Living) -> None:
    repository = created(living)
    await living.stage.github.install("acme", [repository])
    await living.stage.idle()

    await living.stage.github.owner.rename(repository, "application")
    await pushed(living, repository, {"environment.yml": ENVIRONMENT_YML.replace("alpha=1.0", "alpha=1.1")})

    assert known(living, repository)[0] == "acme/application"
    assert titles(repository) == {2: "Update alpha from 1.1 to 2.0"}


async def test_a_repository_that_moves_to_an_account_with_the_app_goes_on_there(living: Living) -> None:
    repository, other = created(living), created(living, "globex/other")
    await living.stage.github.install("acme", [repository])
    there = await living.stage.github.install("globex", None)
    await living.stage.idle()

    await living.stage.github.owner.transfer(repository, "globex")
    await living.stage.idle()
    await pushed(living, repository, INVITED)

    assert known(living, repository)[:2] == ("globex/app", there.id)
    assert titles(repository) == BOTH
    assert titles(other) == {}


async def test_a_repository_that_moves_to_an_account_without_the_app_leaves_no_trace(living: Living) -> None:
    repository = created(living)
    await living.stage.github.install("acme", [repository])
    await living.stage.idle()

    await living.stage.github.owner.transfer(repository, "initech")
    await living.stage.idle()

    assert traces(living, repository) == set()


async def test_a_deleted_repository_leaves_no_trace(living: Living) -> None:
    repository = created(living)
    await living.stage.github.install("acme", [repository])
    await living.stage.idle()

    await living.stage.github.owner.delete(repository)
    await living.stage.idle()

    assert traces(living, repository) == set()


async def test_an_archived_repository_is_left_alone_and_looked_at_once_it_is_none_any_more(living: Living) -> None:
    repository = created(living)
    await living.stage.github.install("acme", [repository])
    await living.stage.idle()

    await living.stage.github.owner.archive(repository)
    await living.wanted(repository)
    asked = len(living.stage.github.requests)
    await living.wanted(repository)
    meanwhile, archived = living.asked_since(asked), known(living, repository)[2]
    await living.stage.github.owner.unarchive(repository)
    await living.stage.idle()

    assert (meanwhile, archived) == ([], True)
    assert "git/get-tree" in living.asked_since(asked)
    assert (titles(repository), known(living, repository)[2]) == (BOTH, False)


async def test_another_default_branch_is_what_is_proposed_for_from_then_on(living: Living) -> None:
    repository = created(living)
    await living.stage.github.install("acme", [repository])
    await living.stage.idle()
    repository.commit("develop", FILES | {"README.md": "the new one"}, message="Another branch")

    await living.stage.github.owner.change_default_branch(repository, "develop")
    await living.stage.idle()

    opened = {pull.title: pull.base for pull in repository.pulls.values() if pull.state == "open"}
    assert opened == dict.fromkeys(BOTH.values(), "develop")


async def test_a_fork_is_known_and_left_alone(living: Living) -> None:
    repository = created(living, files=FILES | INVITED)
    await living.stage.github.install("acme", [repository])
    installation = await living.stage.github.install("ada", None)
    await living.stage.idle()

    fork = await living.stage.github.owner.fork(repository, "ada")
    await living.does(LISTING)
    await living.wanted(fork)

    assert known(living, fork) == ("ada/app", installation.id, False, True)
    assert titles(fork) == {}

    await living.changed(sql.SQL("UPDATE repository SET ticked = true WHERE repository_id = {}").format(fork.id))
    await living.wanted(fork)

    assert not any("left alone" in each for each in living.outcomes()[-1])  # but for the branches that came with it


# -- removing the App


async def test_an_installation_that_is_deleted_leaves_no_trace(living: Living) -> None:
    repositories = [created(living), created(living, "acme/second")]
    installation = await living.stage.github.install("acme", repositories)
    await living.stage.idle()

    await installation.delete()
    await living.stage.idle()

    assert [traces(living, each) for each in repositories] == [set(), set()]
    assert living.asked_of("SELECT count(*) FROM installation") == [(0,)]


@pytest.mark.parametrize("hours", [1, 25])
async def test_what_goes_while_nobody_tells_is_gone_after_the_next_listing(living: Living, hours: int) -> None:
    staying, going = created(living), created(living, "acme/going")
    await living.stage.github.install("acme", [staying, going])
    await living.stage.idle()
    living.stage.github.webhook_url = None

    await living.stage.github.owner.delete(going)
    await living.passes(timedelta(hours=hours))
    await living.does(LISTING)

    assert traces(living, going) == set()
    assert "repository" in traces(living, staying)
