"""Locked records that fulfil a request are its solution, and the solver would have said the same."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import rattler

from bot.datasources.repodata import Repodata
from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import ChannelPriority, PackageName, SolveStrategy, Subdir, VirtualPackage
from bot.model.package import Record
from bot.model.solve import PackageFile, Solution, SolveRequest, SolveResult
from bot.relock import solver
from bot.relock.solver import solve
from tests.channels import ALIAS, served, settings_for

GLIBC = VirtualPackage(name=PackageName("__glibc"), version="2.28")
OFFERED = (
    record("app", "1", depends=["tool >=1,<2", "__glibc >=2.17"]),
    record("app", "2", depends=["tool >=2", "data"]),
    record("tool", "1.0", constrains=["data <2"]),
    record("tool", "2.0", depends=["data >=1"]),
    record("data", "1", build="0"),
    record("data", "2", build="0", depends=["__glibc >=2.30"]),
    record("lone", "1"),
)
BELOW = (record("data", "3"), record("only-below", "1", depends=["data"]))
SPECS = (("app",), ("app", "lone"), ("app ==1",), ("app >=2", "tool"), ("tool", "data 1.*"), ("only-below",), ("gone",))
LIMITS: Sequence[tuple[str, ...]] = ((), ("data <2",), ("tool <2", "lone >=2"))


@pytest.fixture
async def channels() -> AsyncIterator[DemoChannel]:
    async with served(a=OFFERED, b=BELOW) as demo:
        yield demo


@pytest.fixture
def repodata(channels: DemoChannel, tmp_path: Path) -> Repodata:
    return Repodata(settings_for(channels, tmp_path))


def ask(*specs: str) -> SolveRequest:
    urls = (f"{ALIAS}/a", f"{ALIAS}/b")
    return SolveRequest(channels=urls, subdir=Subdir("linux-64"), specs=specs, virtual_packages=(GLIBC,))


async def every_record(repodata: Repodata) -> tuple[Record, ...]:
    """Return all records of both channels, as the solver returns them."""
    offers = (("a", OFFERED), ("b", BELOW))
    asked = [f"{ALIAS}/{channel}::{each.name} =={each.version}" for channel, rows in offers for each in rows]
    found: list[Record] = []
    for spec in asked:
        result = await solve(repodata, replace(ask(spec), virtual_packages=(replace(GLIBC, version="3"),)))
        found += result.records if isinstance(result, Solution) else ()
    return tuple({each.url: each for each in found}.values())


@pytest.fixture
def asked_solver(monkeypatch: pytest.MonkeyPatch) -> list[SolveRequest]:
    """Return the requests for which the solver itself was run."""
    seen: list[SolveRequest] = []
    plain = rattler.solve

    async def listening(*arguments: Any, **options: Any) -> object:
        seen.append(ask())
        return await plain(*arguments, **options)

    monkeypatch.setattr(rattler, "solve", listening)
    return seen


async def by_solver_alone(repodata: Repodata, request: SolveRequest, monkeypatch: pytest.MonkeyPatch) -> SolveResult:
    with monkeypatch.context() as patched:
        patched.setattr(solver, "kept", nothing_is_kept)
        return await solve(repodata, request)


async def nothing_is_kept(*_: object) -> None:
    """Leave everything to the solver."""


async def test_every_lock_of_a_small_world_comes_to_what_the_solver_says(
    repodata: Repodata, asked_solver: list[SolveRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name: dict[str, list[Record | None]] = {}
    for each in await every_record(repodata):
        by_name.setdefault(each.name, [None]).append(each)
    kept = 0
    for locked, specs, limits in product(product(*by_name.values()), SPECS, LIMITS):
        request = replace(ask(*specs), locked=tuple(filter(None, locked)), constraints=limits)
        asked_solver.clear()
        result = await solve(repodata, request)
        if asked_solver:
            continue
        kept += 1
        assert result == await by_solver_alone(repodata, request, monkeypatch)

    assert kept > 100


EVERYTHING = ("app ==1", "tool ==1.0")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda asked: replace(asked, strategy=SolveStrategy.LOWEST), id="another strategy"),
        pytest.param(lambda asked: replace(asked, specs=("app ==1", "data")), id="there is a choice of versions"),
        pytest.param(lambda asked: replace(asked, specs=(f"{ALIAS}/a::app ==1",)), id="a spec names its channel"),
        pytest.param(lambda asked: replace(asked, specs=("app[when='tool']",)), id="a spec has a condition"),
        pytest.param(lambda asked: replace(asked, virtual_packages=()), id="the machine lacks what a record needs"),
        pytest.param(lambda asked: replace(asked, constraints=("tool >=2",)), id="a constraint keeps a record out"),
    ],
)
async def test_what_is_not_plain_is_left_to_the_solver(
    repodata: Repodata, asked_solver: list[SolveRequest], change: Callable[[SolveRequest], SolveRequest]
) -> None:
    result = await solve(repodata, ask(*EVERYTHING))
    assert isinstance(result, Solution)
    locked = replace(ask(*EVERYTHING), locked=result.records)
    asked_solver.clear()
    assert await solve(repodata, locked) == result
    assert not asked_solver

    await solve(repodata, change(locked))

    assert asked_solver


async def test_a_record_of_a_channel_that_another_is_before_is_left_to_the_solver(
    repodata: Repodata, asked_solver: list[SolveRequest]
) -> None:
    below = [each for each in await every_record(repodata) if each.version == "3"]
    request = replace(ask("data"), locked=tuple(below))
    asked_solver.clear()

    await solve(repodata, request)
    assert asked_solver
    asked_solver.clear()
    await solve(repodata, replace(request, channel_priority=ChannelPriority.DISABLED))
    assert not asked_solver


async def test_of_builds_that_fit_alike_the_solver_chooses(
    tmp_path: Path, asked_solver: list[SolveRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one build of the highest number that fits what stays is taken; of two the solver takes its own."""
    rows = (
        record("python", "3.12"),
        record("python", "3.13"),
        record("tool", "1", depends=["python 3.12.*"]),
        *(record("tool", "2", build=f"py{each}_1", depends=[f"python 3.{each}.*"]) for each in (12, 13)),
        record("tool", "2", build="py12_0", depends=["python 3.12.*"]),
        *(record("tool", "3", build=build, depends=["python 3.12.*"]) for build in ("one", "two")),
    )
    async with served(a=rows, b=()) as demo:
        repodata = Repodata(settings_for(demo, tmp_path))
        base = replace(ask("tool ==1", "python 3.12.*"), channels=(f"{ALIAS}/a",))
        before = await solve(repodata, base)
        assert isinstance(before, Solution)
        builds, solved = {}, {}
        for version in ("2", "3"):
            asked = (f"tool =={version}", "python")
            request = replace(base, specs=asked, locked=before.records, constraints=("python 3.12.*",))
            asked_solver.clear()
            result = await solve(repodata, request)
            solved[version] = bool(asked_solver)
            assert isinstance(result, Solution)
            builds[version] = result.records[-1].build
            assert result == await by_solver_alone(repodata, request, monkeypatch)

    assert solved == {"2": False, "3": True}
    assert builds["2"] == "py12_1"


async def test_what_is_asked_for_by_its_file_is_part_of_it(
    repodata: Repodata, asked_solver: list[SolveRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = await every_record(repodata)
    lone = next(each for each in every if each.name == "lone")
    locked = tuple(each for each in every if each.version in {"1", "1.0"} and each.name in {"app", "tool"})
    request = replace(ask("app ==1"), files=(PackageFile(location=lone.url),), locked=locked)
    asked_solver.clear()

    result = await solve(repodata, request)

    assert not asked_solver
    assert isinstance(result, Solution)
    assert [each.name for each in result.records] == ["app", "lone", "tool"]
    assert result == await by_solver_alone(repodata, request, monkeypatch)
