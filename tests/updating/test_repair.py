"""Pins that no channel has any more: they move to the nearest release that solves, and the rest goes on."""

from dataclasses import replace

import pytest

from bot.model.report import ScanReport, Standing
from bot.rendering.names import title
from tests.planning.toy import record
from tests.updating.test_caps import environment, moves
from tests.updating.test_scan import encoded, pixi_lock, scanned
from tests.updating.toy import Toy, scanner

TOOL = tuple(record("tool", version) for version in ("0.9", "1.1", "1.3", "2.0"))
CORE = (record("core", "1.0"), record("core", "1.1"))
REASON = "conda-forge has no tool 1.2 (any more): 1.3 is the nearest release that solves"


def targets(report: ScanReport) -> dict[str, list[tuple[str, str, str]]]:
    return {
        each.plan.key: [(update.name, update.current, update.target.version) for update in each.plan.updates]
        for each in report.proposals
    }


async def test_the_pin_moves_and_the_rest_of_the_environment_goes_on() -> None:
    report = await scanned(environment("tool=1.2", "core=1.0"), Toy(*TOOL, *CORE))

    assert targets(report) == {
        "tool-gone": [("tool", "1.2", "1.3")],
        "non-major-without-lock": [("core", "1.0", "1.1"), ("tool", "1.2", "1.3")],
        "tool-2.x": [("tool", "1.2", "2.0")],
    }
    assert report.problems == ()
    assert all(each.plan.reasons == (REASON,) for each in report.proposals)
    tool, core = report.statuses
    assert (tool.standing, tool.current, tool.newest, tool.reachable, tool.forced) == (
        *(Standing.UPDATE, "1.2", "2.0", "2.0"),
        REASON,
    )
    assert (core.standing, core.reachable) == (Standing.UPDATE, "1.1")


async def test_which_pin_the_others_wait_for_is_said() -> None:
    files = environment("tool=1.2", "core=1.0")

    report = await scanned(files, Toy(*TOOL, record("core", "1.1rc1")))

    assert [str(each).partition("; ")[2] for each in report.problems if each.line] == [
        "what it could move to is only tried once environment.yml:6 core can be had",
        "there is no release that it could move to",
    ]


async def test_two_pins_that_cannot_move_together_are_named() -> None:
    core = record("core", "1.1", "tool <1")

    report = await scanned(environment("tool=1.2", "core=1.0"), Toy(*TOOL[1:], core))

    assert [str(each).partition("; ")[2] for each in report.problems if each.line] == [
        "none of the nearest that were tried solves",
        "none of the nearest that were tried solves",
    ]


async def test_every_proposal_is_written_as_it_was_solved() -> None:
    report = await scanned(environment("tool=1.2", "core=1.0"), Toy(*TOOL, *CORE))

    texts = {each.plan.key: each.files["environment.yml"].split("dependencies:\n")[1] for each in report.proposals}
    assert texts == {
        "tool-gone": "  - tool=1.3\n  - core=1.0\n",
        "non-major-without-lock": "  - tool=1.3\n  - core=1.1\n",
        "tool-2.x": "  - tool=2.0\n  - core=1.0\n",
    }


async def test_at_once_there_is_one_proposal() -> None:
    files = encoded(environment("tool=1.2", "core=1.0"))

    report = await scanner(Toy(*TOOL, *CORE)).scan_at_once(files, ())

    assert targets(report) == {"all": [("core", "1.0", "1.1"), ("tool", "1.2", "2.0")]}
    assert moves(report) == {"Update core to 1.1 and tool to 2.0": [("=1.0", "=1.1"), ("=1.2", "=2.0")]}


@pytest.mark.parametrize(
    ("offered", "nearest"),
    [
        pytest.param(("0.9", "1.1", "1.3", "2.0"), "1.3", id="a newer one of the same major"),
        pytest.param(("0.9", "1.1", "2.0"), "1.1", id="an older one of the same major"),
        pytest.param(("0.9", "2.0", "3.0"), "2.0", id="the closest of another"),
        pytest.param(("0.8", "0.9"), "0.9", id="an older one if there is nothing else"),
        pytest.param(("1.3rc1", "2.0"), "2.0", id="no pre-release"),
    ],
)
async def test_the_nearest(offered: tuple[str, ...], nearest: str) -> None:
    report = await scanned(environment("tool=1.2"), Toy(*(record("tool", each) for each in offered)))

    [proposal] = [each for each in report.proposals if each.plan.key == "tool-gone"]
    assert [each.target.version for each in proposal.plan.updates] == [nearest]


async def test_a_range_in_which_nothing_is_goes_up_to_the_nearest() -> None:
    report = await scanned(environment("tool>=1.2,<1.3", "core=1.0"), Toy(*TOOL, *CORE))

    assert targets(report)["tool-gone"] == [("tool", "1.2", "1.3")]
    assert moves(report)["Update tool from 1.2 to 1.3"] == [(">=1.2,<1.3", ">=1.2,<1.4")]


async def test_the_nearest_is_one_that_solves() -> None:
    picky = replace(TOOL[2], depends=("core >=1.1",))

    report = await scanned(environment("tool=1.2", "core=1.0"), Toy(TOOL[0], TOOL[1], picky, *CORE))

    assert targets(report)["tool-gone"] == [("tool", "1.2", "1.1")]


async def test_of_platforms_that_nobody_named_one_that_solves_will_do() -> None:
    files = environment("tool=1.2")
    files["environment.yml"] = files["environment.yml"].replace("platforms: [linux-64]\n", "")
    on_linux = replace(TOOL[2], subdir="linux-64", url=TOOL[2].url.replace("noarch", "linux-64"))

    report = await scanned(files, Toy(on_linux))

    assert targets(report) == {"tool-gone": [("tool", "1.2", "1.3")]}


async def test_what_one_platform_lacks_is_not_gone() -> None:
    files = environment("tool=1.3")
    files["environment.yml"] = files["environment.yml"].replace("[linux-64]", "[linux-64, osx-arm64]")
    on_linux = replace(TOOL[2], subdir="linux-64", url=TOOL[2].url.replace("noarch", "linux-64"))

    report = await scanned(files, Toy(on_linux, TOOL[1]))

    assert (report.proposals, len(report.problems)) == ((), 1)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param(
            "tool=1.2  # newer ones crash",
            "environment.yml:5: conda-forge has no tool 1.2 (any more); the line stays: "
            'pin-comment: its comment says "newer ones crash"',
            id="a line that is held stays",
        ),
        pytest.param(
            "tool=1.3=h9_9",
            "environment.yml:5: conda-forge has no tool 1.3 in build h9_9 (any more); choose another build of 1.3: "
            "there is h0_0",
            id="condabot writes no builds",
        ),
        pytest.param(
            "tool>=9",
            "environment.yml:5: conda-forge has no tool >=9; there is no release that it could move to",
            id="a range that begins above everything does not go down",
        ),
        pytest.param(
            "tool=1.2",
            "environment.yml:5: conda-forge has no tool 1.2 (any more); none that it could move to solves",
            id="nothing solves",
        ),
    ],
)
async def test_a_pin_that_cannot_move_is_named(line: str, problem: str) -> None:
    never = tuple(replace(each, depends=("nothing",)) for each in TOOL) if line == "tool=1.2" else TOOL

    report = await scanned(environment(line, "core=1.1", "core>=1"), Toy(*never, CORE[1]))

    assert report.proposals == ()
    assert str(report.problems[-1]) == problem


PIXI_TOML = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
tool = "==1.2"
core = "1.0.*"

[environments]
default = { solve-group = "all" }
test = { solve-group = "all" }
"""


async def test_with_a_lock_the_lock_moves_along_and_no_update_waits() -> None:
    locked = (record("tool", "1.2"), CORE[0])
    files = {"pixi.toml": PIXI_TOML, "pixi.lock": pixi_lock(locked, locked)}

    report = await scanned(files, Toy(*TOOL, *CORE))

    assert report.problems == ()
    assert targets(report) == {
        "tool-gone": [("tool", "1.2", "1.3")],
        "non-major": [("core", "1.0", "1.1"), ("tool", "1.2", "1.3")],
        "tool-2.x": [("tool", "1.2", "2.0")],
    }
    alone = next(each for each in report.proposals if each.plan.key == "tool-gone")
    assert title(alone) == "Update tool from 1.2 to 1.3"
    assert "tool-1.3-h0_0.conda" in alone.files["pixi.lock"]
    assert 'tool = "==1.3"' in alone.files["pixi.toml"]
    changes = {(each.name, each.old_version, each.new_version) for diff in alone.diffs for each in diff.changes}
    assert changes == {("tool", "1.2", "1.3")}


async def test_a_pin_whose_move_is_not_proposed_is_not_said_to_move() -> None:
    files = environment("tool=1.2", "core=1.0", "pip:", "  - nowhere==1.0")

    report = await scanned(files, Toy(*TOOL, *CORE))

    assert [each.plan.key for each in report.proposals] == []
    tool = report.statuses[0]
    assert (tool.standing, tool.reachable, tool.forced) == (Standing.UNKNOWN, None, "")
    assert tool.reason == f"{REASON}, but that is not proposed"
