"""Versions under comments for Renovate: they are followed where Renovate itself is not at work."""

from bot.demo.channel import record
from tests.e2e.conftest import ENVIRONMENT_YML, World, titles

DOCKERFILE = """\
FROM debian
# renovate: datasource=conda depName=conda-forge/alpha
ENV ALPHA_VERSION=1.0
# renovate: datasource=conda depName=core
RUN micromamba install core=1.0 other=1.0
ENV OTHER_VERSION=1.0
"""
WORKFLOW = """\
env:
  # renovate: datasource=conda depName=alpha
  ALPHA: 1.0
"""


async def test_a_pull_request_changes_exactly_the_annotated_version(world: World) -> None:
    repository = await world.installed("acme/app", {"Dockerfile": DOCKERFILE, "README.md": "hello"})

    assert sorted(titles(repository).values()) == [
        "Update alpha from 1.0 to 1.1",
        "Update alpha from 1.0 to 2.0",
        "Update core from 1.0 to 2.0",
    ]
    alpha = repository.read("condabot/alpha-2.x", "Dockerfile").decode()
    core = repository.read("condabot/core-2.x", "Dockerfile").decode()
    assert alpha == DOCKERFILE.replace("ALPHA_VERSION=1.0", "ALPHA_VERSION=2.0")
    assert core == DOCKERFILE.replace("core=1.0", "core=2.0")


async def test_one_branch_moves_a_package_in_all_files(world: World) -> None:
    repository = await world.installed("acme/app", {"Dockerfile": DOCKERFILE, "environment.yml": ENVIRONMENT_YML})

    assert "ALPHA_VERSION=2.0" in repository.read("condabot/alpha-2.x", "Dockerfile").decode()
    assert "alpha=2.0" in repository.read("condabot/alpha-2.x", "environment.yml").decode()


async def test_where_renovate_is_configured_comments_are_its_own(world: World) -> None:
    repository = await world.installed("acme/app", {"Dockerfile": DOCKERFILE, "renovate.json": "{}"})

    assert titles(repository) == {}
    assert world.outcomes()[-1] == ["nothing to update"]

    await world.pushed(repository, {"renovate.json": None})
    assert "Update core from 1.0 to 2.0" in titles(repository).values()


async def test_a_workflow_file_is_named_and_not_written(world: World) -> None:
    repository = await world.installed("acme/app", {".github/workflows/test.yml": WORKFLOW})

    assert titles(repository) == {}
    reason = "permission: workflow files need the `workflows` permission"
    assert f"left alone .github/workflows/test.yml: {reason}" in world.outcomes()[-1]


async def test_a_scan_with_nothing_to_do_reads_in_four_requests(world: World) -> None:
    files = {f"deploy/{number}.yml": f"number: {number}\n" for number in range(120)}
    repository = await world.installed("acme/app", {"Dockerfile": DOCKERFILE, **files})
    before = len(world.stage.github.requests)

    await world.pushed(repository, {"Dockerfile": f"{DOCKERFILE}# the end\n"})

    asked = world.asked_since(before)
    assert asked[:4] == ["apps/create-installation-access-token", "graphql", "git/get-tree", "graphql"]
    assert [each for each in asked[4:] if each.startswith(("git/", "repos/"))] == []


async def test_files_are_read_a_hundred_at_a_time(world: World) -> None:
    files = {f"deploy/{number}.yml": f"number: {number}\n" for number in range(120)}
    before = len(world.stage.github.requests)

    await world.installed("acme/app", files)

    assert len(world.read_since(before)) <= 5  # a token, the overview, the tree, twice up to a hundred files


async def test_what_is_too_long_is_not_read(world: World) -> None:
    world.publish(record("core", "3.0"))
    repository = await world.installed("acme/app", {"Dockerfile": DOCKERFILE + "#" * 256_000})

    assert titles(repository) == {}
