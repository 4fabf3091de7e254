"""A package that is asked for by its file is that file, and what it needs is heard from whoever can say it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.datasources.repodata import Repodata
from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import ChannelPriority, PackageName, Subdir, VirtualPackage
from bot.model.package import Record
from bot.model.solve import NotSolved, PackageFile, Solution, SolveRequest, Unsolvable
from bot.relock.solver import solve
from bot.settings import ChannelSettings
from tests.channels import ALIAS, served, settings_for

LINUX = Subdir("linux-64")
HASH = "0" * 64


@pytest.fixture
async def server() -> AsyncIterator[DemoChannel]:
    a = (
        record("numpy", "1.26"),
        record("numpy", "2.3"),
        record("limited", "1.0", build="a_0", depends=["numpy <2"]),
        record("limited", "2.0"),
    )
    b = (
        record("limited", "1.0", build="b_0", depends=["numpy <2"]),
        record("limited", "3.0"),
        record("numpy", "9"),
    )
    async with served(a=a, b=b) as demo:
        yield demo


@pytest.fixture
def settings(server: DemoChannel, tmp_path: Path) -> ChannelSettings:
    return settings_for(server, tmp_path)


def ask(*files: PackageFile) -> SolveRequest:
    return SolveRequest(
        channels=(f"{ALIAS}/a",),
        subdir=LINUX,
        specs=("numpy",),
        files=files,
        virtual_packages=(VirtualPackage(name="__unix", version="0"),),
    )


def locked(url: str, *depends: str, sha256: str | None = HASH) -> PackageFile:
    mine = Record(
        name=PackageName("limited"),
        version="1.0",
        build="x_0",
        build_number=0,
        subdir="noarch",
        url=url,
        sha256=sha256,
        depends=depends,
        license_family="OTHER",
    )
    return PackageFile(location=url, record=mine)


async def solved(settings: ChannelSettings, request: SolveRequest) -> dict[str, Record]:
    result = await solve(Repodata(settings), request)
    assert isinstance(result, Solution), result
    return {each.name: each for each in result.records}


@pytest.mark.parametrize("priority", ChannelPriority)
async def test_a_file_of_a_channel_needs_what_the_channel_says(
    settings: ChannelSettings, priority: ChannelPriority
) -> None:
    url = f"{ALIAS}/a/noarch/limited-1.0-a_0.conda"
    found = await solved(settings, replace(ask(PackageFile(location=url)), channel_priority=priority))

    assert (found["limited"].url, found["numpy"].version) == (url, "1.26")


async def test_a_file_that_only_a_lock_tells_of_stays_as_the_lock_has_it(settings: ChannelSettings) -> None:
    file = locked("https://files.example/pkgs/noarch/limited-1.0-x_0.conda", "numpy <2")
    found = await solved(settings, ask(file))

    assert (found["limited"], found["numpy"].version) == (file.record, "1.26")


async def test_a_file_by_its_path_is_as_the_lock_has_it_also_without_hash(settings: ChannelSettings) -> None:
    file = locked("./pkgs/noarch/limited-1.0-x_0.conda", "numpy <2", sha256=None)
    found = await solved(settings, ask(file))

    assert (found["limited"], found["numpy"].version) == (file.record, "1.26")


async def test_of_another_channel_only_the_file_is_offered(settings: ChannelSettings) -> None:
    url = f"{ALIAS}/b/noarch/limited-1.0-b_0.conda"
    found = await solved(settings, ask(PackageFile(location=url)))

    assert (found["limited"].url, found["numpy"].version) == (url, "1.26")


async def test_a_file_is_never_too_young(settings: ChannelSettings) -> None:
    url = f"{ALIAS}/b/noarch/limited-1.0-b_0.conda"
    request = replace(ask(PackageFile(location=url)), specs=(), exclude_newer=datetime(2000, 1, 1, tzinfo=UTC))
    numpy = await solved(settings, replace(ask(), specs=("numpy 1.26",)))
    found = await solved(settings, replace(request, locked=tuple(numpy.values())))

    assert found["limited"].url == url


@pytest.mark.parametrize(
    "location",
    [f"{ALIAS}/a/noarch/limited-0.1-0.conda", f"{ALIAS}/b/noarch/limited-0.1-0.conda", "./limited-1.0-0.conda"],
)
async def test_without_knowing_what_a_file_needs_there_is_no_verdict(settings: ChannelSettings, location: str) -> None:
    result = await solve(Repodata(settings), ask(PackageFile(location=location)))

    assert isinstance(result, NotSolved)
    assert result.reason == f"What {location} needs is not known: no channel lists it, and no lock holds it."


@pytest.mark.parametrize(("condition", "expected"), [("__unix", "2.0"), ("__win", None)])
async def test_what_is_asked_for_under_a_condition_counts_where_it_holds(
    settings: ChannelSettings, condition: str, expected: str | None
) -> None:
    found = await solved(settings, replace(ask(), specs=("numpy", f"limited[version='2.0',when='{condition}']")))

    assert (found["limited"].version if "limited" in found else None) == expected


def from_source(*depends: str, version: str = "0.5") -> PackageFile:
    url = "limited[0a1b2c3d] @ git+https://git.example/limited#0123456"
    mine = Record(
        name=PackageName("limited"),
        version=version,
        build="0",
        build_number=0,
        subdir="noarch",
        url=url,
        depends=depends,
        constrains=("user <2",),
        is_source=True,
    )
    return PackageFile(location=url, record=mine)


@pytest.mark.parametrize("newest", [None, datetime(2000, 1, 1, tzinfo=UTC)])
@pytest.mark.parametrize("priority", ChannelPriority)
async def test_what_is_built_from_source_is_what_the_lock_says_whatever_channels_have(
    settings: ChannelSettings, priority: ChannelPriority, newest: datetime | None
) -> None:
    file = from_source("numpy <2")
    known = await solved(settings, replace(ask(), specs=("numpy 1.26",)))
    request = replace(ask(file), channel_priority=priority, exclude_newer=newest, locked=tuple(known.values()))
    found = await solved(settings, request)

    assert (found["limited"], found["numpy"].version) == (file.record, "1.26")


async def test_others_are_content_with_what_is_built_from_source_or_do_not_solve(settings: ChannelSettings) -> None:
    asked = replace(ask(from_source()), specs=("limited >=0.1",))

    assert (await solved(settings, asked))["limited"].version == "0.5"
    assert isinstance(await solve(Repodata(settings), replace(asked, specs=("limited >=1",))), Unsolvable)
