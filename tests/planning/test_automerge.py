"""What may merge by itself: a row for each rule."""

from dataclasses import replace

import pytest

from bot.model.manifest import Datasource
from bot.model.update import BranchPlan, ChangeKind, PackageChange, Proposal, Purpose, UpdateKind
from bot.planning.automerge import why_not_merged
from tests.rendering.proposals import change, diff, proposal, update

MINOR = update("click", "8.1.0", "8.2.0")
CLICK = change("click", "8.1.0", "8.2.0", direct=True)


def moving(*changes: PackageChange, purpose: Purpose = Purpose.UPDATE) -> Proposal:
    """Return an update of click within its range, which moves *changes* as well; for another purpose they are all."""
    if purpose is Purpose.UPDATE:
        return proposal(MINOR, diffs=[diff("default", "linux-64", CLICK, *changes)])
    moved = proposal(diffs=[diff("default", "linux-64", *changes)])
    return replace(moved, plan=BranchPlan(key="lock", updates=(), purpose=purpose))


def update_of(name: str, old: str, new: str, kind: UpdateKind = UpdateKind.PATCH) -> Proposal:
    return proposal(update(name, old, new, kind=kind), diffs=[diff("default", "linux-64")])


OTHER = change("other", "1.0", "1.1")

CASES = [
    pytest.param(moving(), "", id="a minor within its range"),
    pytest.param(update_of("click", "8.1.0", "8.1.1"), "", id="a patch"),
    pytest.param(moving(CLICK, purpose=Purpose.MAINTENANCE), "", id="a refreshed lock"),
    pytest.param(moving(CLICK, purpose=Purpose.RELOCK), "it mends a lock", id="a lock brought in step"),
    pytest.param(moving(CLICK, purpose=Purpose.CORRECTION), "it mends a lock", id="a lock put right"),
    pytest.param(
        proposal(update("click", "8.1", "8.2", spec=("8.1.*", "8.2.*"))),
        "it changes a manifest",
        id="a line of a manifest",
    ),
    pytest.param(
        update_of("click", "8.1", "9.0", UpdateKind.MAJOR), "click 8.1 to 9.0 counts as a major", id="a major"
    ),
    pytest.param(update_of("jpeg", "9e", "9f"), "jpeg 9e to 9f counts as a major", id="a letter"),
    pytest.param(
        update_of("black", "2026.1.0", "2026.2.0", UpdateKind.MINOR),
        "black 2026.1.0 to 2026.2.0 counts as a major",
        id="a year",
    ),
    pytest.param(update_of("tool", "19.1.0", "19.2.0", UpdateKind.MINOR), "", id="what only looks like a year is none"),
    pytest.param(update_of("python", "3.13.1", "3.13.2"), "python never does", id="a patch of python"),
    pytest.param(update_of("openssl", "3.5.1", "3.5.2"), "openssl never does", id="of openssl"),
    pytest.param(update_of("cuda-version", "12.6", "12.8"), "cuda-version never does", id="of CUDA's version"),
    pytest.param(update_of("cudatoolkit", "11.8.0", "11.8.1"), "cudatoolkit never does", id="of CUDA's old package"),
    pytest.param(update_of("cuda-nvcc", "12.6.1", "12.6.2"), "cuda-nvcc never does", id="of one of CUDA's packages"),
    pytest.param(update_of("python-dateutil", "2.9.0", "2.9.1"), "", id="what is only called after python"),
    pytest.param(moving(change("new", None, "1.0")), "new comes in", id="a package that was not there"),
    pytest.param(moving(change("old", "1.0", None)), "", id="one that goes"),
    pytest.param(moving(OTHER), "", id="one that moves as well"),
    pytest.param(moving(change("other", "1.0", "2.0")), "", id="by a major, where no manifest names it"),
    pytest.param(moving(change("ca-certificates", "2026.1.1", "2026.2.1")), "", id="by the calendar, as well"),
    pytest.param(
        moving(change("other", "1.0", "2.0", direct=True)),
        "other 1.0 to 2.0 counts as a major",
        id="one that a manifest names, by a major",
    ),
    pytest.param(
        moving(change("other", "1.1a", "1.1b", direct=True)), "other 1.1a to 1.1b counts as a major", id="by a letter"
    ),
    pytest.param(moving(change("other", "1.0", "1.0", direct=True, kind=ChangeKind.REBUILT)), "", id="only built anew"),
    pytest.param(moving(change("python", "3.13", "3.13", kind=ChangeKind.REBUILT)), "python never does", id="python"),
    pytest.param(moving(change("openssl", "3.5.1", "3.5.2")), "openssl never does", id="openssl comes with it"),
    pytest.param(moving(replace(OTHER, kind=ChangeKind.FLAVOUR)), "other gets another flavour", id="a flavour"),
    pytest.param(
        moving(change("other", "1.1", "1.0", kind=ChangeKind.DOWNGRADED)), "other goes down", id="one that goes down"
    ),
    pytest.param(
        moving(change("other", "1.0", "1.1", licences=("MIT", "GPL-3.0"))),
        "other gets another licence",
        id="licence",
    ),
    pytest.param(
        moving(change("other", "1.0", "1.1", licences=("MIT", None))), "other gets another licence", id="none any more"
    ),
    pytest.param(
        moving(replace(OTHER, old_channel="https://a.example", new_channel="https://b.example")),
        "other comes from another channel",
        id="a channel",
    ),
    pytest.param(
        moving(replace(OTHER, datasource=Datasource.PYPI, direct=True, old_license=None, new_license=None)),
        "",
        id="a package of PyPI",
    ),
    pytest.param(
        moving(replace(OTHER, new_version="", direct=True)),
        "it is not known how far other moves",
        id="what nobody knows the version of",
    ),
]


@pytest.mark.parametrize(("proposed", "reason"), CASES)
def test_what_may_merge_by_itself(proposed: Proposal, reason: str) -> None:
    assert why_not_merged(proposed) == reason
