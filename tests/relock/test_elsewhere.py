"""What was answered about one machine answers for another, where nothing asks for what differs."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.model.manifest import PackageName, VirtualPackage
from bot.model.solve import PackageFile, Solution, SolveRequest, SolveResult
from bot.relock.recollection import Recollection
from bot.relock.refuted import Listings
from bot.relock.solver import solve
from tests.channels import served
from tests.relock.conftest import GLIBC, ask

CUDA = VirtualPackage(name=PackageName("__cuda"), version="12.6")
OFFERED = (
    record("tool", "1", depends=["base", "__glibc >=2.17"]),
    record("base", "1"),
    record("app", "1", depends=["net"]),
    record("net", "1"),
    record("net", "2", depends=["__cuda >=12"]),
    record("lone", "1", constrains=["__cuda >=13"]),
    record("odd", "1", depends=["base[when='__cuda']"]),
)


@pytest.fixture
async def channels() -> AsyncIterator[DemoChannel]:
    async with served(a=OFFERED) as demo:
        yield demo


async def after(listings: Listings, before: SolveRequest, request: SolveRequest) -> SolveResult:
    """Return the result of *request* once that of *before* is known."""
    solution = await solve(listings.repodata, before, listings)
    assert isinstance(solution, Solution)
    recollection = Recollection()
    recollection.add(before, solution)
    return await solve(listings.repodata, request, listings, elsewhere=recollection.elsewhere(request))


@pytest.mark.parametrize(
    ("specs", "solves"),
    [
        pytest.param(["tool"], 1, id="nothing asks for what differs"),
        pytest.param(["tool", "missing[version='>=1',when='__cuda']"], 2, id="what is asked is not plain"),
        pytest.param(["app"], 2, id="a record that may be in play asks for it"),
        pytest.param(["lone"], 2, id="a record is limited by it"),
        pytest.param(["odd"], 2, id="a record says what is not plain"),
    ],
)
async def test_the_solver_is_asked_where_the_machine_may_matter(
    specs: list[str], solves: int, listings: Listings, asked_solver: list[bool]
) -> None:
    there = replace(ask(*specs), virtual_packages=(GLIBC, CUDA))

    result = await after(listings, ask(*specs), there)

    assert len(asked_solver) == solves
    assert result == await solve(listings.repodata, there, listings)


async def test_what_is_asked_for_by_its_file_is_left_to_the_solver(
    listings: Listings, asked_solver: list[bool]
) -> None:
    found = await solve(listings.repodata, ask("tool"), listings)
    assert isinstance(found, Solution)
    (location,) = (each.url for each in found.records if each.name == "base")
    before = replace(ask("tool"), files=(PackageFile(location=location),))
    asked_solver.clear()

    await after(listings, before, replace(before, virtual_packages=(GLIBC, CUDA)))

    assert len(asked_solver) == len(("there", "here"))


@pytest.mark.parametrize(
    "request_now",
    [
        pytest.param(ask("app"), id="other specs"),
        pytest.param(replace(ask("tool"), constraints=("net <2",)), id="a limit"),
        pytest.param(replace(ask("tool"), undated=True), id="other ages"),
    ],
)
def test_only_the_same_question_goes_along(request_now: SolveRequest) -> None:
    recollection = Recollection()
    recollection.add(ask("tool"), Solution(records=()))

    assert recollection.elsewhere(replace(request_now, virtual_packages=(CUDA,))) is None


def test_the_virtual_packages_that_differ_go_along() -> None:
    recollection = Recollection()
    recollection.add(ask("tool"), Solution(records=()))
    newer = VirtualPackage(name=PackageName("__glibc"), version="2.40")

    found = recollection.elsewhere(replace(ask("tool"), virtual_packages=(newer, CUDA)))

    assert found is not None
    assert found.differing == ("__cuda", "__glibc")
