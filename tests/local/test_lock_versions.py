"""Locks get the newest version of their format where that is possible, and a reason where it is not."""

import pytest

from bot.errors import RewriteRefused
from bot.local.lock_versions import upgraded_locks
from bot.model.report import Problem

LOCK = "version: 6\nenvironments: {}\npackages: []\n"
NEW = "version: 7\nplatforms: []\nenvironments: {}\npackages: []\n"


@pytest.mark.parametrize("manifest", ["pixi.toml", "pyproject.toml"])
def test_the_lock_beside_a_manifest_is_upgraded(manifest: str) -> None:
    files = {f"a/{manifest}": b"", "a/pixi.lock": LOCK.encode(), "b/pixi.lock": LOCK.encode()}

    assert upgraded_locks(files, {}) == ({"a/pixi.lock": NEW}, ())


def test_what_changed_already_is_what_is_upgraded() -> None:
    files = {"pixi.toml": b"", "pixi.lock": b"version: 5\n"}

    assert upgraded_locks(files, {"pixi.lock": LOCK}) == ({"pixi.lock": NEW}, ())
    assert upgraded_locks(files, {"pixi.lock": NEW}) == ({}, ())


def test_a_lock_that_cannot_be_read_is_a_problem_with_its_line() -> None:
    problem = Problem(
        path="pixi.lock",
        line=1,
        sentence="version: version 5 comes from an old pixi and is left alone: run `pixi lock` with a current pixi",
    )

    assert upgraded_locks({"pixi.toml": b"", "pixi.lock": b"version: 5\n"}, {}) == ({}, (problem,))


def test_a_lock_that_does_not_read_back_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise RewriteRefused("the rewritten pixi.lock did not read back as planned")

    monkeypatch.setattr("bot.lockfiles.pixi_lock.upgraded", refuse)

    assert upgraded_locks({"pixi.toml": b"", "pixi.lock": LOCK.encode()}, {}) == (
        {},
        (Problem(path="pixi.lock", sentence="the rewritten pixi.lock did not read back as planned"),),
    )
