"""Virtual packages in whole scans: said beside a manifest or in the configuration, else taken for granted and named."""

from dataclasses import replace

import pytest

from bot.model.manifest import VirtualPackage
from bot.model.report import ScanReport
from tests.planning.toy import record
from tests.updating.test_scan import encoded
from tests.updating.toy import Toy, scanner

ENVIRONMENT_YML = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - {line}\n"
BESIDE = "subdirs:\n  linux-64:\n    packages:\n      __glibc: '2.35'\n      __cuda: '11.0'\n"
PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
tool = "1.0.*"
"""
TOOLS = (record("tool", "1.0"), record("tool", "2.0", "__glibc >=2.34"))
DRIVERS = (
    record("driver", "12.6", "__cuda >=12"),
    record("driver", "12.9", "__cuda >=12"),
    record("driver", "13.0", "__cuda >=13"),
)
GLIBC = VirtualPackage(name="__glibc", version="2.35")


async def scanned(files: dict[str, str], *configured: VirtualPackage) -> ScanReport:
    here = replace(scanner(Toy(*TOOLS, *DRIVERS)), virtual_packages=configured)
    return await here.scan(encoded(files), {})


def moved(report: ScanReport) -> list[str]:
    return [f"{each.name} {each.target.version}" for found in report.proposals for each in found.plan.updates]


@pytest.mark.parametrize(
    ("files", "said_in"),
    [
        pytest.param(
            {"environment.yml": ENVIRONMENT_YML.format(line="tool=1.0")},
            "a `virtual-packages.yml` beside environment.yml, or `virtualPackages` of the configuration",
            id="environment.yml",
        ),
        pytest.param({"pixi.toml": PIXI_TOML}, "`[system-requirements]` of pixi.toml", id="pixi.toml"),
    ],
)
async def test_a_virtual_package_that_keeps_a_release_out_is_named_with_its_version_and_its_place(
    files: dict[str, str], said_in: str
) -> None:
    report = await scanned(files)

    assert moved(report) == []
    (held,) = report.held_back
    assert held.sentence.endswith(
        ": tool 2.0 needs __glibc >=2.34, and __glibc 2.28 is what there is taken to be on linux-64 "
        f"(it is said in {said_in})"
    )


@pytest.mark.parametrize(
    ("files", "said_in"),
    [
        pytest.param(
            {"environment.yml": ENVIRONMENT_YML.format(line="fast=1.0")},
            "a `virtual-packages.yml` beside environment.yml, or `virtualPackages` of the configuration",
            id="environment.yml",
        ),
        pytest.param(
            {"pixi.toml": PIXI_TOML.replace("tool", "fast")},
            "`archspec` of a table in `platforms` of pixi.toml",
            id="pixi.toml",
        ),
    ],
)
async def test_a_processor_that_keeps_a_release_out_is_named_with_its_level(
    files: dict[str, str], said_in: str
) -> None:
    fast = (record("fast", "1.0"), record("fast", "2.0", "__archspec 1 x86_64_v3"))

    report = await scanner(Toy(*fast)).scan(encoded(files), {})

    assert moved(report) == []
    (held,) = report.held_back
    assert held.sentence.endswith(
        ": fast 2.0 needs __archspec 1 x86_64_v3, and __archspec 1 x86_64 is what there is taken to be on linux-64 "
        f"(it is said in {said_in})"
    )


async def test_what_is_said_beside_an_environment_file_counts_without_a_lock() -> None:
    files = {"envs/environment.yml": ENVIRONMENT_YML.format(line="tool=1.0"), "envs/virtual-packages.yml": BESIDE}

    assert moved(await scanned(files)) == ["tool 2.0"]


async def test_what_is_configured_counts() -> None:
    files = {"environment.yml": ENVIRONMENT_YML.format(line="tool=1.0")}

    assert moved(await scanned(files, GLIBC)) == ["tool 2.0"]


async def test_what_cannot_be_read_beside_an_environment_file_is_named_and_nothing_is_proposed() -> None:
    files = {"environment.yml": ENVIRONMENT_YML.format(line="tool=1.0"), "virtual-packages.yml": "subdirs: 1\n"}
    report = await scanned(files)

    assert moved(report) == []
    assert [each.path for each in report.problems] == ["virtual-packages.yml"]


async def test_where_nobody_says_it_the_driver_is_what_the_packages_ask_for() -> None:
    report = await scanned({"environment.yml": ENVIRONMENT_YML.format(line="driver=12.6")})

    assert report.problems == ()
    assert moved(report) == ["driver 12.9"]
    assert "driver 13.0 needs __cuda >=13, and __cuda 12 is what there is taken to be" in report.held_back[0].sentence


async def test_an_environment_that_the_machine_keeps_from_solving_says_so() -> None:
    files = {"environment.yml": ENVIRONMENT_YML.format(line="driver=12.6"), "virtual-packages.yml": BESIDE}
    report = await scanned(files)

    assert moved(report) == []
    assert "driver 12.6 needs __cuda >=12, and __cuda 11.0 is what there is taken to be" in report.problems[0].sentence
