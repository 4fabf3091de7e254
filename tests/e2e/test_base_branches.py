"""Branches of releases are kept up beside the default one: by patches, and by locks within what is written."""

from bot.config import PATHS
from bot.demo.channel import record
from bot.demo.github.repository import Repository
from tests.e2e.conftest import AFRESH, ENVIRONMENT_YML, World

CONFIGURATION = {PATHS[0]: 'baseBranchPatterns: ["release/*"]\n'}


def proposed(repository: Repository) -> set[tuple[str, str, str]]:
    return {(pull.base, pull.head, pull.title) for pull in repository.pulls.values() if pull.state == "open"}


async def kept_up(world: World) -> Repository:
    world.publish(
        record("alpha", "1.0.1", timestamp=AFRESH),
        record("alpha", "1.2.0", timestamp=AFRESH),
    )
    pinned = ENVIRONMENT_YML.replace("alpha=1.0", "alpha=1.0.0")
    repository = world.stage.github.create_repository("acme/app", {"environment.yml": pinned, **CONFIGURATION})
    repository.commit("release/1.x", {"README.md": "a release", PATHS[0]: "enabled: false\n"})
    repository.commit("feature/1", {"README.md": "a feature"})
    await world.stage.github.install("acme", [repository])
    await world.stage.idle()
    return repository


async def test_a_release_gets_patches_and_nothing_else(world: World) -> None:
    repository = await kept_up(world)

    found = proposed(repository)
    assert {title for base, _, title in found if base == "main"} == {
        "Update alpha from 1.0 to 1.2.0",
        "Update alpha from 1.0 to 2.0",
    }
    [(_, head, title)] = [each for each in found if each[0] == "release/1.x"]
    assert title == "Update alpha from 1.0 to 1.0.1"
    assert head.startswith("condabot/release-1.x-")
    assert "alpha=1.0.1" in repository.read(head, "environment.yml").decode()
    assert repository.read(head, "README.md") == b"a release"
    assert {base for base, _, _ in found} == {"main", "release/1.x"}


async def test_what_is_proposed_for_a_release_stays_as_it_is_and_goes_with_the_pattern(world: World) -> None:
    repository = await kept_up(world)
    before, pushed = proposed(repository), {pull.number: pull.head_sha for pull in repository.pulls.values()}

    await world.wanted(repository)
    assert proposed(repository) == before
    assert {pull.number: pull.head_sha for pull in repository.pulls.values()} == pushed

    await world.pushed(repository, {PATHS[0]: "labels: []\n"})
    assert {base for base, _, _ in proposed(repository)} == {"main"}


async def test_what_is_closed_for_one_branch_is_proposed_for_the_other(world: World) -> None:
    repository = await kept_up(world)
    number = next(each for each, pull in repository.pulls.items() if pull.base == "release/1.x")

    await world.stage.github.close(repository, number)
    await world.wanted(repository)

    assert {base for base, _, _ in proposed(repository)} == {"main"}
    assert len(proposed(repository)) == 2
