"""`condabot export` as a program: what it writes, and what it says of what has no place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.demo.samples import sample_files
from tests.cli.conftest import Ended, run
from tests.lockfiles.test_exports import WITH_PYPI


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Ended]:
    (tmp_path / "pixi.lock").write_bytes(sample_files("pixi-workspace")["pixi.lock"])
    (tmp_path / "other").mkdir()
    (tmp_path / "other/pixi.lock").write_text(WITH_PYPI)
    return lambda lock, *options: run("export", str(tmp_path / lock), *options)


def test_files_are_written_beside_the_lock_or_elsewhere(export: Callable[..., Ended], tmp_path: Path) -> None:
    beside = export("pixi.lock", "--format", "conda-lock", "--environment", "docs")
    elsewhere = export("pixi.lock", "--to", str(tmp_path / "new/locks"))

    assert (beside.code, elsewhere.code, beside.stderr, elsewhere.stderr) == (0, 0, "", "")
    assert (tmp_path / "docs.conda-lock.yml").is_file()
    assert len(list((tmp_path / "new/locks").iterdir())) == 9
    assert "exported 9 files to" in elsewhere.stdout


def test_what_is_not_exported_is_said(export: Callable[..., Ended]) -> None:
    assert "not exported of default: app, here" in export("other/pixi.lock").stderr
    assert "not exported of default: here" in export("other/pixi.lock", "--format", "conda-lock").stderr


def test_what_cannot_be_exported_or_written_is_said(export: Callable[..., Ended], tmp_path: Path) -> None:
    unknown = export("pixi.lock", "--environment", "prod")
    nowhere = export("pixi.lock", "--to", str(tmp_path / "pixi.lock/below"))

    assert (unknown.code, "has no environment 'prod' to export" in unknown.stderr) == (2, True)
    assert (nowhere.code, "--to: cannot be written" in nowhere.stderr) == (2, True)
