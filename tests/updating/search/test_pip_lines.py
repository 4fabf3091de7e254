"""What pip installs beside conda packages that move, where no lock holds it, it still installs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from bot.errors import EgressRefused
from bot.model.package import Channel, PypiPackage
from bot.model.pypi_solve import PypiRequest, PypiResult
from bot.model.report import ScanReport
from bot.updating.survey.indexes import PypiSource
from tests.planning.toy import record
from tests.planning.toy_pypi import ToyIndex, wheel
from tests.updating.search.test_without_solving import INDEX, Index
from tests.updating.test_scan import encoded
from tests.updating.toy import Toy, scanner

RECORDS = (
    *(record("python", version) for version in ("3.11.9", "3.14.0")),
    *(record("numpy", version) for version in ("1.26.4", "2.0.0", "2.3.0")),
    record("pip", "25.0"),
)
ENVIRONMENT_YML = """\
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - python=3.11
  - numpy=1.26
  - pip
  - pip:
    - {line}
"""
IGNORED = "  # condabot: ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """The toy resolver, as a scan meets it; remembers what it was asked."""

    index: ToyIndex
    asked: list[PypiRequest]

    async def resolve(self, request: PypiRequest) -> PypiResult:
        self.asked.append(request)
        return self.index.resolve(request)


async def scanned(
    line: str, *packages: PypiPackage, versions: Mapping[str, tuple[str, ...]] | None = None, refused: bool = False
) -> ScanReport:
    def resolve(url: str | None) -> Channel:
        if refused:
            raise EgressRefused("The index may not be asked.")
        return replace(INDEX, url=url) if url else INDEX

    known: Mapping[str, tuple[str, ...]] = versions or {each.name: (each.version,) for each in packages}
    here = replace(
        scanner(Toy(*RECORDS)),
        pypi=PypiSource(index=Index(versions=known), resolve=resolve),
        resolver=Resolver(index=ToyIndex(packages=packages), asked=[]),
    )
    return await here.scan_at_once(encoded({"environment.yml": ENVIRONMENT_YML.format(line=line)}), ())


def moved(report: ScanReport) -> list[str]:
    return [f"{each.name} {each.target.version}" for found in report.proposals for each in found.plan.updates]


def held(report: ScanReport) -> dict[str, str]:
    every = (*report.held_back, *(each for found in report.proposals for each in found.held_back))
    return {each.name: each.sentence for each in every}


async def test_conda_packages_go_only_as_far_as_a_line_of_pip_admits() -> None:
    report = await scanned(f"tool==1.0{IGNORED}", wheel("tool", "1.0", "numpy<2.1", python="<3.12"))

    assert moved(report) == ["numpy 2.0.0"]
    assert "tool 1.0 needs numpy <2.1, and 2.3.0 is there" in held(report)["numpy"]
    assert "tool 1.0 needs python <3.12, and 3.14.0 is there" in held(report)["numpy"]


async def test_python_does_not_leave_a_line_of_pip_without_a_wheel() -> None:
    report = await scanned(f"tool==1.0{IGNORED}", wheel("tool", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64"))

    assert moved(report) == ["numpy 2.3.0"]
    assert "the wheel of tool 1.0 is not for python 3.14.0" in held(report)["python"]


@pytest.mark.parametrize(
    ("line", "packages"),
    [
        pytest.param("tool==1.0", (wheel("tool", "1.0", "numpy>=1.20"),), id="a line that admits what is wanted"),
        pytest.param(
            "tool>=1", (wheel("tool", "1.0", "numpy<2"), wheel("tool", "1.1")), id="a range with a release that does"
        ),
    ],
)
async def test_lines_of_pip_that_go_with_everything_hold_nothing(line: str, packages: tuple[PypiPackage, ...]) -> None:
    versions = {"tool": tuple(each.version for each in packages)}
    report = await scanned(line, *packages, versions=versions)

    assert moved(report) == ["numpy 2.3.0", "python 3.14.0"]
    assert report.problems == ()


async def test_a_pinned_line_of_which_the_index_knows_nothing_holds_what_it_might_depend_on() -> None:
    report = await scanned("tool==1.0")

    assert moved(report) == []
    assert held(report)["numpy"] == (
        "nobody can say whether tool ==1.0 (environment.yml:8) goes with it: No project is called tool in the index."
    )


async def test_a_line_that_cannot_be_had_even_now_holds_nothing_and_is_named() -> None:
    packages = (wheel("tool", "1.0", "numpy>=99"), wheel("other", "1.0", "numpy<2.1"))
    report = await scanned(f"tool==1.0{IGNORED}\n    - other==1.0{IGNORED}", *packages)

    assert moved(report) == ["numpy 2.0.0", "python 3.14.0"]
    assert {each.sentence for each in report.problems} == {
        "what pip makes of tool ==1.0 (environment.yml:8) in default on linux-64 is not known: it is not counted"
    }


async def test_a_line_of_an_index_that_may_not_be_asked_is_one_of_which_nothing_is_known() -> None:
    pinned = await scanned("tool==1.0", wheel("tool", "1.0"), refused=True)
    ranged = await scanned("tool>=1.0", wheel("tool", "1.0"), refused=True)

    assert (moved(pinned), moved(ranged)) == ([], ["numpy 2.3.0", "python 3.14.0"])
    assert "goes with it: The index may not be asked." in held(pinned)["python"]
    assert any("what pip makes of tool >=1.0" in each.sentence for each in ranged.problems)
