"""One bad file, channel or lock spoils nothing else, and what was not done is said."""

from bot.demo.channel import ChannelData, record
from tests.e2e.conftest import ENVIRONMENT_YML, World, titles

GOOD = {"environment.yml": ENVIRONMENT_YML}
PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = "1.0.*"
"""
EMPTY_LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64: []
packages: []
"""
BOTH = {1: "Update alpha from 1.0 to 1.1", 2: "Update alpha from 1.0 to 2.0"}


async def test_an_unparsable_manifest_is_named_with_its_line_and_the_others_get_their_updates(world: World) -> None:
    repository = await world.installed("acme/app", GOOD | {"docs/environment.yml": "dependencies:\n  - a\n - b\n"})

    assert titles(repository) == BOTH
    assert [each for each in world.outcomes()[-1] if each.startswith("not done: docs/environment.yml:")]


async def test_nothing_is_judged_beside_an_unknown_spec_form_which_is_named(world: World) -> None:
    odd = ENVIRONMENT_YML.replace("  - core\n", "  - core\n  - 'beta >=!oddly=='\n")

    repository = await world.installed("acme/app", {"environment.yml": odd})

    assert titles(repository) == {}
    assert any("nobody can tell what is asked for by environment.yml:" in each for each in world.outcomes()[-1])


async def test_a_channel_that_answers_500_makes_nothing_of_its_environments_known(world: World) -> None:
    world.stage.channel["conda-forge"].failures[""] = 500

    repository = await world.installed("acme/app", GOOD)

    assert titles(repository) == {}
    assert any("500" in each and "conda-forge" in each for each in world.outcomes()[-1])


async def test_a_channel_that_wants_credentials_is_said_so_and_no_mirror_is_named(world: World) -> None:
    world.stage.channel["conda-forge"].failures[""] = 401

    await world.installed("acme/app", GOOD)

    said = " ".join(world.outcomes()[-1])
    assert "401" in said
    assert "127.0.0.1" not in said


async def test_after_a_failure_of_the_channel_open_pull_requests_stay(world: World) -> None:
    repository = await world.installed("acme/app", GOOD)
    world.stage.channel["conda-forge"].failures[""] = 503

    await world.pushed(repository, {"environment.yml": ENVIRONMENT_YML + "\n"})

    assert titles(repository) == BOTH


async def test_a_package_that_is_nowhere_is_named_and_other_files_get_their_updates(world: World) -> None:
    nowhere = ENVIRONMENT_YML.replace("core", "no-such-package")

    repository = await world.installed("acme/app", GOOD | {"docs/environment.yml": nowhere})

    assert titles(repository) == BOTH
    assert any("docs/environment.yml" in each and "no-such-package" in each for each in world.outcomes()[-1])


async def test_a_platform_that_the_channel_does_not_have_is_said(world: World) -> None:
    served = world.stage.channel["conda-forge"]
    served.replace(
        ChannelData.of(*(each for each in served.data.records()), record("gamma", "1.0", subdir="osx-arm64"))
    )
    strange = ENVIRONMENT_YML.replace("linux-64", "linux-ppc64le").replace("core", "gamma")

    repository = await world.installed("acme/app", GOOD | {"docs/environment.yml": strange})

    assert titles(repository) == BOTH
    assert any("docs/environment.yml" in each for each in world.outcomes()[-1])


async def test_a_lock_that_does_not_agree_with_its_manifest_is_first_brought_in_step(world: World) -> None:
    repository = await world.installed("acme/app", GOOD | {"sub/pixi.toml": PIXI_TOML, "sub/pixi.lock": EMPTY_LOCK})

    relock = next(pull for pull in repository.pulls.values() if pull.title.startswith("Bring"))
    assert relock.title == "Bring sub/pixi.lock in step with its manifest"
    assert b"alpha-1.0-" in repository.read(relock.head, "sub/pixi.lock")
    assert repository.tree(relock.head)["sub/pixi.toml"] == repository.tree("main")["sub/pixi.toml"]
    assert {pull.title for pull in repository.pulls.values()} == {relock.title, *BOTH.values()}
    assert any(each.startswith("not done: sub/pixi.lock") for each in world.outcomes()[-1])


async def test_a_relock_that_was_closed_is_not_opened_again(world: World) -> None:
    repository = await world.installed("acme/app", {"sub/pixi.toml": PIXI_TOML, "sub/pixi.lock": EMPTY_LOCK})
    await world.stage.github.close(repository, 1)

    await world.pushed(repository, {"sub/pixi.toml": PIXI_TOML + "\n"})

    assert titles(repository) == {}


async def test_after_the_relock_is_merged_updates_go_on(world: World) -> None:
    repository = await world.installed("acme/app", {"sub/pixi.toml": PIXI_TOML, "sub/pixi.lock": EMPTY_LOCK})

    await world.stage.github.merge(repository, 1)
    await world.stage.idle()

    assert sorted(titles(repository).values()) == sorted(BOTH.values())


async def test_a_url_inside_the_network_is_refused_before_it_is_asked(world: World) -> None:
    inside = ENVIRONMENT_YML.replace("- conda-forge", "- http://169.254.169.254/latest")

    repository = await world.installed("acme/app", GOOD | {"docs/environment.yml": inside})

    assert titles(repository) == BOTH
    assert any(each.startswith("not done: docs/environment.yml") for each in world.outcomes()[-1])
