"""A body leads to the projects behind its packages, and tells what they say of their releases."""

from bot.model.pull_request import REBUILD_MARKER
from tests.archives import conda_archive
from tests.e2e.conftest import ENVIRONMENT_YML, World, titles

UPSTREAM = "https://github.com/alpha/alpha"
NOTES = """\
## New
* Faster, by @somebody in https://github.com/alpha/alpha/pull/3
* Fixes #3
"""


async def released(world: World) -> None:
    about = {"home": "https://alpha.example", "dev_url": UPSTREAM}
    channel = world.stage.channel["conda-forge"]
    for version in ("1.1", "2.0"):
        name = f"alpha-{version}-pyhd8ed1ab_0"
        channel.archives[f"noarch/{name}.conda"] = conda_archive(about, stem=name)
    repository = world.stage.github.create_repository("alpha/alpha", {"README.md": "alpha"})
    for tag, notes in (("v1.0", "The first."), ("v1.1", "Smaller."), ("v2.0", NOTES)):
        await world.stage.github.owner.release(repository, tag, notes)


async def test_a_pull_request_links_to_the_project_and_quotes_its_releases(world: World) -> None:
    await released(world)

    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    body = repository.pulls[2].body or ""
    assert f"| [`alpha`](https://alpha.example) | [`1.0` -> `2.0`]({UPSTREAM}/compare/v1.0...v2.0) | major |" in body
    assert "<details><summary>Release notes of alpha (2)</summary>" in body
    assert "- Faster, by \\@\u200bsomebody in https\\://github\u200b.com/alpha/alpha/pull/3\n- Fixes \\#\u200b3" in body
    assert f"- [ ] {REBUILD_MARKER} " in body


async def test_releases_are_asked_for_once_and_only_when_something_is_written(world: World) -> None:
    await released(world)
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})
    before = len(world.stage.github.requests)

    await world.wanted(repository)

    assert len(titles(repository)) == 2
    asked = world.asked_since(0)
    assert asked.count("repos/list-releases") == 1
    assert "repos/list-releases" not in asked[before:]


async def test_without_an_archive_that_can_be_read_the_name_leads_to_its_page_in_the_channel(world: World) -> None:
    repository = await world.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    body = repository.pulls[2].body or ""
    assert "| [`alpha`](https://anaconda.org/conda-forge/alpha) | `1.0` -> `2.0` | major |" in body
    assert "repos/list-releases" not in world.asked_since(0)
