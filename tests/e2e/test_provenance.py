"""A pull request says where what moves comes from, and is red where somebody else has the source now."""

import msgspec

from bot.demo.channel.server import ARCHIVES
from bot.demo.github.repository import Repository
from tests.archives import conda_archive_of
from tests.e2e.conftest import ENVIRONMENT_YML, SMALL, World


def publish(world: World, version: str, source: str) -> None:
    """The channel has the archive of a version of alpha, built from *source*."""
    name = f"alpha-{version}-pyhd8ed1ab_0"
    recipe = f"source: {{url: '{source}', sha256: {'a' * 64}}}\nextra: {{recipe-maintainers: [ann]}}\n"
    files = {"info/recipe/meta.yaml": recipe.encode()}
    world.stage.channel["conda-forge"].archives[f"noarch/{name}.conda"] = conda_archive_of(files, stem=name)


def conclusions(repository: Repository, number: int) -> set[str | None]:
    head = repository.pulls[number].head_sha
    return {each.conclusion for each in repository.check_runs.values() if each.head_sha == head}


async def test_who_has_the_source_now_is_said_above_the_fold_and_is_red(world: World) -> None:
    publish(world, "1.0", "https://github.com/alpha/alpha/archive/1.0.tar.gz")
    publish(world, "1.1", "https://github.com/alpha/alpha/archive/1.1.tar.gz")
    publish(world, "2.0", "https://github.com/somebody/alpha/archive/2.0.tar.gz")
    (alpha,) = (each for each in SMALL if (each.name, each.version) == ("alpha", "2.0"))
    world.publish(msgspec.structs.replace(alpha, attestations_sha256="a" * 64))

    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    same, moved = (repository.pulls[number].body or "" for number in (1, 2))
    assert "Where it comes from has changed" not in same
    assert conclusions(repository, 1) == {"success"}
    assert "the source of alpha comes from" in moved
    assert moved.index("the source of alpha comes from") < moved.index("<details>")
    assert conclusions(repository, 2) == {"failure"}
    assert "<details><summary>Provenance (1)</summary>" in same
    assert "it is not known who published alpha\\: attestation sidecar" in moved
    assert "| unknown: attestation sidecar" in moved


async def test_without_moves_no_archive_is_read_and_without_archives_nothing_is_said(world: World) -> None:
    await world.installed("acme/still", {"environment.yml": ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0")})
    assert [each.path for each in world.stage.channel["conda-forge"].requests if each.path.endswith(ARCHIVES)] == []

    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    assert [each.path for each in world.stage.channel["conda-forge"].requests if each.path.endswith(ARCHIVES)]

    assert "Provenance" not in (repository.pulls[1].body or "")
    assert conclusions(repository, 1) == {"success"}
