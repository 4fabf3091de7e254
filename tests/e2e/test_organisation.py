"""What an organisation says for all its repositories, and what repositories take over from each other."""

from collections.abc import Mapping
from datetime import timedelta

from bot.demo.github.repository import Repository
from bot.jobs.neighbours import FRESH
from tests.e2e.conftest import ENVIRONMENT_YML, Living, titles

FILES = {"environment.yml": ENVIRONMENT_YML}
BOTH = {1: "Update alpha from 1.0 to 1.1", 2: "Update alpha from 1.0 to 2.0"}
LATER = FRESH + timedelta(minutes=1)


async def installed(living: Living, **repositories: Mapping[str, str]) -> dict[str, Repository]:
    """Return repositories of one organisation on which the App was installed, by name: `github` is `.github`."""
    made = {
        name: living.stage.github.create_repository(f"acme/{'.github' if name == 'github' else name}", files)
        for name, files in repositories.items()
    }
    await living.stage.github.install("acme", list(made.values()))
    await living.stage.idle()
    return made


async def looked_at_again(living: Living, repository: Repository) -> list[str]:
    """Return what is asked of GitHub when *repository* is looked at once more."""
    asked = len(living.stage.github.requests)
    await living.wanted(repository)
    return living.asked_since(asked)


async def test_what_the_organisation_says_counts_until_it_says_something_else(living: Living) -> None:
    found = await installed(living, github={"condabot.yml": "ignoreDeps: [alpha]\n"}, app=FILES)
    app, shared = found["app"], found["github"]
    before = titles(app)
    again = await looked_at_again(living, app)

    shared.commit("main", {"condabot.yml": "labels: [acme]\n"}, message="Let alpha go on")
    await living.passes(LATER)
    await living.wanted(app)

    assert before == {}
    assert again == ["apps/create-installation-access-token", "graphql", "git/get-tree"]
    assert titles(app) == BOTH
    assert app.pulls[1].labels == ["acme"]


async def test_the_file_that_the_organisation_has_for_that_repository_itself_will_do(living: Living) -> None:
    found = await installed(living, github={".github/condabot.yml": "ignoreDeps: [alpha]\n"}, app=FILES)

    assert titles(found["app"]) == {}


async def test_the_repository_has_the_last_word(living: Living) -> None:
    own = {**FILES, ".github/condabot.yml": "labels: [own]\n"}
    found = await installed(living, github={"condabot.yml": "labels: [acme]\nassignees: [acme]\n"}, app=own)

    assert found["app"].pulls[1].labels == ["own"]


async def test_a_mistake_of_the_organisation_is_told_and_takes_no_repository_away(living: Living) -> None:
    found = await installed(living, github={"condabot.yml": "ignoreDep: [alpha]\n"}, app=FILES)
    app = found["app"]

    told = [each.output["summary"] for each in app.check_runs.values() if each.head_sha == app.head("main")]
    assert titles(app) == BOTH
    assert "the organisation's configuration does not count" in (told[-1] or "")


async def test_a_preset_is_read_where_the_same_installation_sees_it_and_nowhere_else(living: Living) -> None:
    stranger = living.stage.github.create_repository("other/presets", {"condabot.yml": "ignoreDeps: [alpha]\n"})
    await living.stage.github.install("other", [stranger])
    found = await installed(
        living,
        presets={"condabot.yml": "labels: [shared]\n", "team/py.condabot.yml": "labels: [team]\n"},
        app={**FILES, ".github/condabot.yml": 'extends: ["github>acme/presets"]\n'},
        below={**FILES, ".github/condabot.yml": 'extends: ["github>acme/presets//team/py"]\n'},
        lost={**FILES, ".github/condabot.yml": 'extends: ["github>other/presets"]\n'},
    )

    assert found["app"].pulls[1].labels == ["shared"]
    assert found["below"].pulls[1].labels == ["team"]
    assert titles(found["lost"]) == {}
    assert any("has no condabot.yml that condabot may read" in line for run in living.outcomes() for line in run)
