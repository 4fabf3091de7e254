"""A package that a manifest builds itself asks, where it is installed, for what its run dependencies say."""

import pytest

from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.environment import SolveUnit
from bot.model.package import Lock
from bot.planning.baseline import specs
from bot.planning.standing import not_known
from bot.workspaces import solve_units
from tests.workspaces.pixi import LINUX, WORKSPACE, workspace

PACKAGE = """\
[package]
name = "work"

[package.host-dependencies]
setuptools = "*"

[package.run-dependencies]
numpy = ">=2,<3"
"""
INSTALLED = '[dependencies]\nwork = { path = "." }\n'
LOCK = Lock(path="pixi.lock", format=PIXI_LOCK, version=6, environments=())


def unit(text: str, lock: Lock | None = None) -> SolveUnit:
    return next(each for each in solve_units(workspace(WORKSPACE + text, lock=lock)) if each.subdir == LINUX)


def test_it_is_judged_by_what_it_needs_where_it_runs() -> None:
    found = unit(INSTALLED + PACKAGE)

    assert not_known(found) == ""
    assert specs(found) == ("numpy[version='>=2,<3']",)
    assert found.requirements == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[dev]\nwork = { path = "." }\n' + PACKAGE, id="what builds it is installed"),
        pytest.param('[dependencies]\nwork = { path = "part" }\n' + PACKAGE, id="another folder"),
        pytest.param(INSTALLED + '[package]\nname = "work"\n', id="it does not say what it needs"),
        pytest.param(
            INSTALLED + PACKAGE + '[package.run-dependencies."if(linux)"]\nzlib = "*"\n', id="under a condition"
        ),
        pytest.param(INSTALLED + PACKAGE + '[package.target.unix.run-dependencies]\nzlib = "*"\n', id="for a target"),
        pytest.param(INSTALLED + PACKAGE + 'deeper = { path = "deeper" }\n', id="one from source itself"),
    ],
)
def test_what_cannot_be_told_is_said(text: str) -> None:
    assert not_known(unit(text)).startswith("is not judged: nobody can say before it is installed what pixi.toml:")


def test_what_a_lock_holds_from_source_is_not_written() -> None:
    assert not_known(unit(INSTALLED + PACKAGE, lock=LOCK)) == (
        "is not judged: nobody can say before it is installed what pixi.toml:6 work will ask for"
    )
