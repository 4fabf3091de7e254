"""What of a checkout is read for a scan."""

from pathlib import Path

import pytest

from bot.local import checkout as module
from bot.local.checkout import Checkout
from bot.local.scan import read_files
from bot.model.report import Problem


def test_manifests_and_their_locks_are_read_and_nothing_else(tmp_path: Path) -> None:
    for path in (
        "environment.yml",
        "app/pixi.toml",
        "app/pixi.lock",
        "pixi.lock",
        "README.md",
        "tests/environment.yml",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)

    files, problems = read_files(Checkout.at(tmp_path))

    assert files == {path: path.encode() for path in ("app/pixi.lock", "app/pixi.toml", "environment.yml")}
    assert problems == ()


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "environment.yml").write_text("short")
    (tmp_path / "env-long.yml").write_text("much too long")
    monkeypatch.setattr(module, "LARGEST_FILE", 5)

    files, problems = read_files(Checkout.at(tmp_path))

    assert list(files) == ["environment.yml"]
    assert problems == (Problem(path="env-long.yml", sentence="has 13 bytes, more than the 5 that are read"),)
