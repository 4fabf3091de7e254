"""What is told of real packages, as rattler-build makes them, in either kind of archive, over real HTTP."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from bot.datasources.archives import ArchiveReader
from bot.datasources.provenance import ProvenanceDatasource
from bot.demo.channel import CONDA_FORGE
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import PackageName
from bot.model.provenance import MovedArchive, Provenance
from bot.provenance import changes
from bot.settings import ChannelSettings, Mirror
from tests.packages import Built, served_packages

KINDS = ["conda", "tarbz2"]


async def told(folder: Path, *packages: Built) -> list[Provenance | None]:
    async with DemoChannel(served_packages(*packages)) as channel, httpx.AsyncClient() as http:
        mirror = Mirror(canonical=CONDA_FORGE, url=f"{channel.url}/conda-forge")
        settings = ChannelSettings(mirrors=(mirror,), cache_dir=folder)
        reader = ArchiveReader(http, settings, check_url=lambda _: None)
        found = await ProvenanceDatasource(reader).provenances([each.url for each in packages])
        assert {each.status for each in channel["conda-forge"].requests} == {206}
        return list(found)


def moved(name: str) -> MovedArchive:
    return MovedArchive(
        name=PackageName(name),
        old_version="1.0",
        new_version="2.0",
        old_url="",
        new_url="",
        new_needs=(),
        becomes_binary=False,
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_package_runs_and_who_makes_it(packages: Mapping[str, Built], tmp_path: Path, kind: str) -> None:
    (found,) = await told(tmp_path, packages[f"tool-2.0.{kind}"])

    assert found is not None
    assert found.recipe == "rendered_recipe.yaml"
    assert found.maintainers == ("mallory",)
    assert found.commands == ("tool", "tool2")
    assert found.scripts == ("etc/conda/activate.d/tool.sh", "python-scripts/.tool-post-link.sh")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_changed_between_two_builds_is_said(
    packages: Mapping[str, Built], tmp_path: Path, kind: str
) -> None:
    names = ("tool-1.0", "tool-2.0", "lib-1.0", "lib-2.0")
    tool, newer, lib, forged = await told(tmp_path, *(packages[f"{name}.{kind}"] for name in names))

    assert [each.sentence for each in changes(moved("tool"), tool, newer)] == [
        "the maintainers of tool were all replaced: mallory now",
        "tool runs new scripts when it is linked or activated: python-scripts/.tool-post-link.sh",
        "tool has new commands: tool2",
    ]
    assert [(each.sentence, each.is_alarming) for each in changes(moved("lib"), lib, forged)] == [
        ("the source of lib comes from github.com/somebody; it came from github.com/lib", True),
        ("the maintainers of lib were all replaced: mallory now", False),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rest", [0, 10, 200])
async def test_of_one_that_is_cut_nothing_is_told(
    packages: Mapping[str, Built], tmp_path: Path, kind: str, rest: int
) -> None:
    whole = packages[f"tool-2.0.{kind}"]
    cut = Built(listed=whole.listed, content=whole.content[:rest] or b"x")

    (found,) = await told(tmp_path, cut)

    assert found is None
