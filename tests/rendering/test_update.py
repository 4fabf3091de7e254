"""What `condabot update` says that it did."""

from dataclasses import replace

from bot.model.manifest import PackageName
from bot.model.report import Problem, ScanReport
from bot.model.update import BranchPlan, HeldBack, Purpose
from bot.rendering.update import problem_lines, update_lines
from tests.rendering.proposals import change, diff, proposal, update

NOTHING = ScanReport(proposals=(), held_back=(), statuses=(), problems=())
ZLIB = replace(diff("default", "linux-64", change("zlib", "1.3", "1.4")), lock="pixi.lock")


def test_lines_of_manifests_are_said_in_order_and_packages_of_locks_by_name() -> None:
    moved = proposal(
        update("numpy", "2.4.6", "2.5.1", spec=("2.4.*", "2.5.*"), line=14),
        update("dask", "1.0", "1.1", spec=("1.0.*", "1.1.*"), line=9),
        diffs=(ZLIB,),
    )

    assert [line.text for line in update_lines(replace(NOTHING, proposals=(moved,)), None)] == [
        "pixi.toml",
        "    9  dask  1.0 -> 1.1  minor  (1.0.* -> 1.1.*)",
        "    14  numpy  2.4.6 -> 2.5.1  minor  (2.4.* -> 2.5.*)",
        "pixi.lock",
        "    zlib 1.3 -> 1.4 (1 environment, 1 platform)",
    ]


def test_a_lock_that_is_brought_in_step_is_said_with_its_packages() -> None:
    plan = BranchPlan(key="relock", updates=(), purpose=Purpose.RELOCK)
    relock = replace(proposal(diffs=(ZLIB,), files={"pixi.lock": ""}), plan=plan)

    assert [line.text for line in update_lines(replace(NOTHING, proposals=(relock,)), None)] == [
        "Bring pixi.lock in step with its manifest",
        "pixi.lock",
        "    zlib 1.3 -> 1.4 (1 environment, 1 platform)",
    ]


def test_a_reason_that_holds_several_packages_is_said_once() -> None:
    held = tuple(
        HeldBack(name=PackageName(name), current="1.0", release="2.0", sentence="ignore: asked for")
        for name in ("alpha", "beta")
    )

    assert [line.text for line in update_lines(replace(NOTHING, held_back=held), None)] == [
        "Nothing to update.",
        "held back alpha 2.0, beta 2.0: ignore: asked for",
    ]


def test_what_was_not_done_is_broken_to_the_width() -> None:
    problem = Problem(path="pixi.lock", sentence="is not what it should be, and here is why")

    assert [line.text for line in problem_lines([problem], 40)] == [
        "not done pixi.lock: is not what it",
        "  should be, and here is why",
    ]
