"""What is refuted without the solver, the solver refuses: put to it over every question of a small world."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
import rattler

from bot.datasources.repodata import Repodata
from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import ChannelPriority, PackageName, SolveStrategy, Subdir, VirtualPackage
from bot.model.solve import NotSolved, PackageFile, Solution, SolveRequest, Unsolvable
from bot.relock.refuted import Listings
from bot.relock.solver import solve
from tests.channels import ALIAS, served, settings_for

GLIBC = VirtualPackage(name=PackageName("__glibc"), version="2.28")
YESTERDAY = datetime(2026, 1, 1, tzinfo=UTC)
YOUNG = int(datetime(2026, 1, 2, tzinfo=UTC).timestamp() * 1000)
OFFERED = (
    record("app", "1", depends=["tool >=1,<2", "__glibc >=2.17"]),
    record("app", "2", depends=["tool >=2", "data"], timestamp=YOUNG),
    record("app", "3", depends=["tool", "gone"]),
    record("tool", "1.0", constrains=["data <2"]),
    record("tool", "2.0", depends=["data >=1", "python"]),
    record("data", "1", depends=["python 3.12.*"]),
    record("data", "2", depends=["__glibc >=2.30"]),
    record("python", "3.12"),
    record("python", "3.13", constrains=["lone <2"], timestamp=YOUNG),
    record("lone", "2", depends=["__cuda", "app[extras=[more]]"]),
)
BELOW = (
    record("data", "3"),
    record("only-below", "1", depends=["data >=3"]),
    record("lone", "1", depends=["app[when='data']"]),
)
SPECS = (
    ("app",),
    ("app ==2",),
    ("app >=3",),
    ("app", "data 2.*"),
    ("tool ==1.0", "data"),
    ("tool 2.*", "python >=3.13"),
    ("only-below",),
    ("only-below", f"{ALIAS}/b::data"),
    ("lone >=2",),
    ("lone", "python >=3.13"),
    ("app[when='lone'] ==3", "tool"),
    ("gone",),
)
LIMITS: Sequence[tuple[str, ...]] = ((), ("data <2",), ("tool <2", "lone >=2"), (f"{ALIAS}/b::data >=3",))
MACHINES = ((GLIBC,), (), (replace(GLIBC, version="2.40"), VirtualPackage(name=PackageName("__cuda"), version="12")))
MOMENTS = (None, YESTERDAY)


@pytest.fixture
async def channels() -> AsyncIterator[DemoChannel]:
    async with served(a=OFFERED, b=BELOW) as demo:
        yield demo


@pytest.fixture
def repodata(channels: DemoChannel, tmp_path: Path) -> Repodata:
    return Repodata(settings_for(channels, tmp_path))


def ask(*specs: str) -> SolveRequest:
    urls = (f"{ALIAS}/a", f"{ALIAS}/b")
    return SolveRequest(
        channels=urls, subdir=Subdir("linux-64"), specs=specs, virtual_packages=(GLIBC,), is_doubtful=True
    )


async def test_what_is_refuted_in_a_small_world_the_solver_refuses(repodata: Repodata) -> None:
    """And most of what the solver refuses is refuted."""
    listings = Listings(repodata)
    refuted = refused = 0
    for specs, limits, machine, moment, priority in product(SPECS, LIMITS, MACHINES, MOMENTS, ChannelPriority):
        asked = replace(
            ask(*specs),
            constraints=limits,
            virtual_packages=machine,
            exclude_newer=moment,
            channel_priority=priority,
        )
        result = await solve(repodata, asked, listings)
        plain = await solve(repodata, replace(asked, is_doubtful=False), listings)
        assert type(result) is type(plain), asked
        refused += isinstance(plain, Unsolvable)
        refuted += isinstance(result, Unsolvable) and not result.text

    assert refuted > 0.9 * refused > 100


async def test_what_it_is_because_of_has_no_solution_whatever_else_is_asked(repodata: Repodata) -> None:
    result = await solve(repodata, ask("app", "tool 2.*", "python >=3.13", "data"))

    assert isinstance(result, Unsolvable)
    assert set(result.because) == {"python", "data"}
    less = replace(ask("python >=3.13", "data"), is_doubtful=False)
    assert isinstance(await solve(repodata, less), Unsolvable)


async def test_a_locked_record_may_be_seen_though_it_is_young_or_of_a_channel_below(repodata: Repodata) -> None:
    found = await solve(repodata, replace(ask("app ==2", f"{ALIAS}/b::data"), is_doubtful=False))
    assert isinstance(found, Solution)
    asked = replace(ask("app ==2", "data >=3", "lone"), exclude_newer=YESTERDAY)
    refused = await solve(repodata, asked)
    assert isinstance(refused, Unsolvable)
    assert not refused.text

    locked = replace(ask("app ==2", "data >=3"), exclude_newer=YESTERDAY, locked=found.records)

    assert await solve(repodata, locked) == found
    result = await solve(repodata, replace(locked, strategy=SolveStrategy.LOWEST))
    assert result == await solve(repodata, replace(locked, strategy=SolveStrategy.LOWEST, is_doubtful=False))
    assert isinstance(result, Solution)


async def test_what_is_asked_for_by_its_file_is_all_that_there_is_of_it(repodata: Repodata) -> None:
    found = await solve(repodata, ask("data ==1"))
    assert isinstance(found, Solution)
    data = next(each for each in found.records if each.name == "data")
    asked = replace(ask("tool"), files=(PackageFile(location=data.url),))
    assert isinstance(await solve(repodata, asked), Solution)

    refused = await solve(repodata, replace(asked, specs=("tool", "python >=3.13")))

    assert isinstance(refused, Unsolvable)
    assert set(refused.because) == {"data", "python"}


async def test_only_what_is_doubtful_is_refuted(repodata: Repodata, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await solve(repodata, ask("app >=3")) == Unsolvable(text="", because=(PackageName("app"),))
    told = await solve(repodata, replace(ask("app >=3"), is_doubtful=False))
    assert isinstance(told, Unsolvable)
    assert "gone" in told.text

    monkeypatch.setattr(rattler, "solve", None)
    assert await solve(repodata, ask("app >=3")) == Unsolvable(text="", because=(PackageName("app"),))


async def test_a_channel_that_lists_nothing_gives_no_verdict(tmp_path: Path) -> None:
    async with served(a=(), b=BELOW) as demo:
        result = await solve(Repodata(settings_for(demo, tmp_path)), ask("app"))

    assert isinstance(result, NotSolved)
