"""What is said of newer releases that are not proposed: where the package stays, why, and what to do."""

from dataclasses import replace

import pytest

from bot.model.manifest import PackageName
from bot.model.update import Blocker, HeldBack, Proposal
from bot.rendering.held_back import held_back_lines
from tests.rendering.proposals import change, diff, proposal, update

HELD = HeldBack(
    name=PackageName("numpy"), current="2.4.6", release="2.5.2", sentence="It waits.", workspace="pixi.toml"
)
MOVES = update("numpy", "2.4.6", "2.5.1")
ELSEWHERE = replace(MOVES, workspaces=("docs/environment.yml",))
OTHER = replace(update("click", "8.1", "8.2"), workspaces=("docs/environment.yml",))


def blocker(name: str, line: int, *, loosens: bool = True) -> Blocker:
    return Blocker(name=PackageName(name), spec="1.*", manifest="pixi.toml", line=line, loosens=loosens)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        pytest.param(proposal(), "stays `2.4.6`. It waits.", id="nothing moves"),
        pytest.param(proposal(MOVES), "goes no further than `2.5.1`. It waits.", id="it moves, and not so far"),
        pytest.param(
            proposal(update("numpy", "2.4.6", "2.5.2")),
            "does not get to `2.5.2` everywhere. It waits.",
            id="it moves there in some environments",
        ),
        pytest.param(
            proposal(diffs=[diff("default", "linux-64", change("numpy", "2.4.6", "2.5.0"))]),
            "goes no further than `2.5.0`. It waits.",
            id="it is moved by others",
        ),
        pytest.param(
            proposal(ELSEWHERE, diffs=[diff("default", "linux-64", change("numpy", "2.4.6", "2.5.1"))]),
            "stays `2.4.6` in `pixi.toml`. It waits.",
            id="it moves in another file only",
        ),
        pytest.param(proposal(OTHER), "stays `2.4.6` in `pixi.toml`. It waits.", id="another file is touched"),
    ],
)
def test_where_a_package_stays(made: Proposal, words: str) -> None:
    assert held_back_lines(replace(made, held_back=(HELD,))).splitlines()[2:] == [f"- `numpy` {words}"]


@pytest.mark.parametrize(
    ("blockers", "advice"),
    [
        pytest.param((), "", id="no line keeps it out"),
        pytest.param((blocker("a", 1),), " Loosen that line and it solves there.", id="one line"),
        pytest.param(
            (blocker("a", 1), blocker("a", 2)), " Loosen these lines and it solves there.", id="all lines of a package"
        ),
        pytest.param(
            (blocker("a", 1), blocker("b", 2)),
            " Loosen one of these lines and it solves there.",
            id="either of two packages",
        ),
        pytest.param(
            (blocker("a", 1), blocker("a", 2), blocker("b", 3)),
            " Loosen all lines of one of these packages and it solves there.",
            id="either of two packages, one on several lines",
        ),
        pytest.param(
            (blocker("a", 1, loosens=False),), " Without that line it solves there.", id="no other version will do"
        ),
        pytest.param(
            (blocker("a", 1, loosens=False), blocker("a", 2, loosens=False)),
            " Without these lines it solves there.",
            id="on several lines",
        ),
        pytest.param(
            (blocker("a", 1), blocker("b", 2, loosens=False)),
            " Without one of these lines it solves there.",
            id="of one of two packages",
        ),
        pytest.param(
            (blocker("a", 1), blocker("a", 2), blocker("b", 3, loosens=False)),
            " Without the lines of one of these packages it solves there.",
            id="of one of two packages, one on several lines",
        ),
    ],
)
def test_what_is_advised_is_what_was_solved(blockers: tuple[Blocker, ...], advice: str) -> None:
    made = replace(proposal(), held_back=(replace(HELD, blockers=blockers),))

    assert held_back_lines(made).endswith(f"- `numpy` stays `2.4.6`. It waits.{advice}")
