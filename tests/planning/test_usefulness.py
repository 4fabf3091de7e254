"""What waits for a proposal: other ones that have it in them, and releases that a line which it moves keeps out."""

from dataclasses import replace

from bot.model.manifest import PackageName
from bot.model.update import Blocker, HeldBack, Proposal, Update
from bot.planning.usefulness import unblocked
from tests.rendering.proposals import proposal, update

REPAIR = update("tool", "1.2", "1.3", spec=("=1.2", "=1.3"), line=3)
CLICK = update("click", "8.1", "8.2", spec=("=8.1", "=8.2"), line=4)


def keyed(key: str, *updates: Update) -> Proposal:
    found = proposal(*updates)
    return replace(found, plan=replace(found.plan, key=key))


def held(name: str, blocked_by: str, workspace: str = "pixi.toml") -> HeldBack:
    blocker = Blocker(name=PackageName(blocked_by), spec="1.*", manifest="pixi.toml", line=3)
    return HeldBack(
        name=PackageName(name), current="1", release="2", sentence="", workspace=workspace, blockers=(blocker,)
    )


def test_what_has_a_repair_in_it_waits_for_that() -> None:
    repair, click = keyed("repair", REPAIR), keyed("click", REPAIR, CLICK)

    assert unblocked((repair, click), ()) == {"repair": 1, "click": 0}


def test_a_release_waits_for_the_line_that_keeps_it_out_to_move() -> None:
    tool, click = keyed("tool", REPAIR), keyed("click", CLICK)
    kept = (held("numpy", "tool"), held("scipy", "tool"), held("tool", "tool"), held("other", "nobody"))

    assert unblocked((tool, replace(click, held_back=kept[:2])), kept) == {"tool": 2, "click": 0}


def test_what_changes_no_line_lets_nobody_go_on() -> None:
    empty = keyed("lock")

    assert unblocked((empty, keyed("click", CLICK)), ()) == {"lock": 0, "click": 0}
