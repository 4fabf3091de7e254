"""Caps in a scan: each is lifted by a proposal of its own, which says what it costs."""

from dataclasses import replace

from bot.model.caps import Cap, OutOfReach
from bot.model.report import ScanReport, Standing
from bot.rendering.names import title
from tests.planning.toy import record
from tests.updating.test_scan import encoded, scanned
from tests.updating.toy import Toy, scanner

NUMPY = tuple(record("numpy", version) for version in ("1.26.4", "2.0.0", "2.1.0"))
SCIPY = (record("scipy", "1.13.0"), record("scipy", "1.15.2", "numpy >=2"))
OLD = record("old", "1.0", "numpy <2")
PRE = record("numpy", "3.0.0rc1")


def environment(*lines: str) -> dict[str, str]:
    head = "name: small\nchannels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n"
    return {"environment.yml": head + "".join(f"  - {each}\n" for each in lines)}


async def caps_in(toy: Toy, *lines: str) -> tuple[Cap, ...]:
    return (await scanner(toy).caps(encoded(environment(*lines)))).caps


def moves(report: ScanReport) -> dict[str, list[tuple[str, str]]]:
    """Return the titles of all proposals, and what their lines say before and after."""
    changes = {
        title(each): [(change.old, change.new) for update in each.plan.updates for change in update.changes]
        for each in report.proposals
    }
    assert len(changes) == len(report.proposals)
    return changes


async def test_a_cap_is_lifted_alone_and_says_what_it_costs() -> None:
    report = await scanned(environment("numpy<2  # for the lab", "scipy=1.13"), Toy(*NUMPY, *SCIPY, PRE))

    assert moves(report) == {"Lift numpy's cap": [("<2", "<3")]}
    [proposal] = report.proposals
    assert proposal.plan.key == "numpy-cap"
    assert proposal.caps == (
        Cap(
            manifest="environment.yml",
            line=5,
            name=NUMPY[0].name,
            spec="<2",
            environments=("default",),
            comment='"for the lab"',
            releases=("2.0.0", "2.1.0"),
            subdirs=("linux-64",),
            out_of_reach=(OutOfReach(name=SCIPY[0].name, version="1.15.2", reached="1.13.0", subdirs=("linux-64",)),),
            solves=True,
            reached="2.1.0",
        ),
    )
    [held] = [each for each in report.held_back if each.name == "scipy"]
    assert "environment.yml:5 asks for numpy <2" in held.sentence


async def test_a_cap_with_a_reason_is_only_reported() -> None:
    lines = ("numpy<2  # breaks our wheels",)

    report = await scanned(environment(*lines), Toy(*NUMPY))
    [cap] = await caps_in(Toy(*NUMPY), *lines)

    assert report.proposals == ()
    assert [each.standing for each in report.statuses] == [Standing.LEFT_ALONE]
    assert (cap.hold, cap.releases) == ('pin-comment: its comment says "breaks our wheels"', ("2.0.0", "2.1.0"))


async def test_without_a_lock_a_cap_beside_a_floor_is_a_decision_too_but_nothing_is_grouped_with_it() -> None:
    report = await scanned(
        environment("numpy>=1.26,<2", "core<=1.0"), Toy(*NUMPY, record("core", "1.0"), record("core", "1.1"))
    )

    assert moves(report) == {
        "Lift numpy's cap": [(">=1.26,<2", ">=1.26,<3")],
        "Lift core's cap": [("<=1.0", "<=1.1")],
    }


async def test_a_cap_without_which_nothing_solves_says_where() -> None:
    [cap] = await caps_in(Toy(*NUMPY, OLD), "numpy<2", "old=1.0")

    assert (cap.solves, cap.unsolved, cap.reached) == (False, ("default on linux-64",), "")


async def test_a_cap_that_keeps_nothing_out_costs_nothing() -> None:
    toy = Toy(*NUMPY)

    [cap] = await caps_in(toy, "numpy<3")

    assert (cap.releases, cap.subdirs, cap.solves) == ((), (), None)
    assert len(toy.solved) == len(("as it stands",))


async def test_what_is_out_of_reach_for_another_reason_is_not_laid_on_a_cap() -> None:
    scipy = replace(SCIPY[1], depends=())

    [cap] = await caps_in(Toy(*NUMPY, SCIPY[0], scipy), "numpy<2", "scipy=1.13")

    assert cap.out_of_reach == ()


async def test_at_once_a_range_moves_but_no_cap_without_a_floor_for_who_does_not_name_the_package() -> None:
    files = encoded(environment("numpy<2", "core>=1.0,<1.1"))
    toy = Toy(*NUMPY, record("core", "1.0"), record("core", "1.1"))

    everything = await scanner(toy).scan_at_once(files, ())
    named = await scanner(toy).scan_at_once(files, [NUMPY[0].name])

    assert moves(everything) == {"Lift core's cap": [(">=1.0,<1.1", ">=1.0,<1.2")]}
    assert [each.reason for each in everything.statuses] == [
        "its cap is a decision of its own: `condabot update --package numpy` lifts it",
        "",
    ]
    assert moves(named) == {"Lift numpy's cap": [("<2", "<3")]}
