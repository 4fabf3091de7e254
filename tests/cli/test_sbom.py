"""`condabot sbom` as a program: what it prints, and what it says where it cannot choose."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.demo.samples import sample_files

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `condabot sbom` in this process, on the lock of a sample for three platforms."""
    (tmp_path / "pixi.lock").write_bytes(sample_files("pixi-workspace")["pixi.lock"])
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["condabot", "sbom", "pixi.lock", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


def test_a_bill_of_materials_is_printed_or_written(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")

    code, printed, _ = run("--platform", "linux-64")
    written, nothing, _ = run("--platform", "linux-64", "--output", str(tmp_path / "bom.json"))

    assert (code, written, nothing) == (0, 0, "")
    assert json.loads(printed)["bomFormat"] == "CycloneDX"
    assert (tmp_path / "bom.json").read_text() == printed


def test_spdx_is_dated_by_the_source(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")

    code, printed, _ = run("--platform", "linux-64", "--format", "spdx")

    assert (code, json.loads(printed)["creationInfo"]["created"]) == (0, "2023-11-14T22:13:20Z")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "is for several platforms; name one by --platform: "),
        (("--platform", "linux-65"), "has no platform 'linux-65': "),
        (("--environment", "nowhere"), "has no environment 'nowhere': "),
        (("--platform", "linux-64", "--output", "no/where"), "no/where: --output: cannot be written"),
    ],
)
def test_what_it_cannot_choose_it_lists(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    code, printed, said = run(*arguments)

    assert (code, printed) == (2, "")
    assert sentence in said


def test_a_date_that_is_none_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")

    code, _, said = run("--platform", "linux-64", "--format", "spdx")

    assert (code, "SOURCE_DATE_EPOCH" in said) == (2, True)
