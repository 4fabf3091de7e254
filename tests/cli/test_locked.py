"""`condabot check --locked`: a verdict on each lock in words, as a document, and as an exit code."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ended, run
from tests.updating.survey.test_in_step import CLICK, DOCS, MANIFEST, lock

LOCK = lock(DOCS, CLICK)
NEW_LINE = MANIFEST + 'extra = "*"\n'


@pytest.fixture
def root(tmp_path: Path, environment: None) -> Path:
    del environment
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pixi.toml").write_text(MANIFEST)
    (folder / "pixi.lock").write_text(LOCK)
    return folder


def locked(root: Path, *options: str) -> Ended:
    return run("check", "--locked", str(root), *options)


def test_in_step(root: Path) -> None:
    ended = locked(root)

    assert (ended.code, ended.stdout, ended.stderr) == (0, "pixi.lock is in step (1 environment, 1 platform)\n", "")


def test_out_of_step_says_the_line_and_where(root: Path) -> None:
    (root / "pixi.toml").write_text(NEW_LINE)

    ended = locked(root)

    assert ended.code == 1
    assert ended.stdout.splitlines() == [
        "pixi.lock is not in step with its manifest (1 environment, 1 platform)",
        "    pixi.toml:8 asks for extra *, and it is not locked (default on linux-64)",
    ]


def test_many_reasons_are_counted_unless_all_are_asked_for(root: Path) -> None:
    (root / "pixi.toml").write_text(MANIFEST + "".join(f'more{number} = "*"\n' for number in range(12)))

    ended, everything = locked(root), locked(root, "--all")

    assert ended.stdout.splitlines()[-1] == "    and 2 more reasons (`--all` shows them)"
    assert len(everything.stdout.splitlines()) == 13


def test_the_document(root: Path) -> None:
    (root / "pixi.toml").write_text(NEW_LINE)

    ended = locked(root, "--json")

    assert json.loads(ended.stdout) == {
        "version": 1,
        "locks": [
            {
                "path": "pixi.lock",
                "standing": "out-of-step",
                "reasons": [
                    {
                        "path": "pixi.toml",
                        "line": 8,
                        "environment": "default",
                        "platform": "linux-64",
                        "reason": "pixi.toml:8 asks for extra *, and it is not locked",
                    }
                ],
            }
        ],
        "problems": [],
    }


@pytest.mark.parametrize(
    ("path", "text", "code", "said"),
    [
        pytest.param("pixi.lock", f"<<<<<<< a\n{LOCK}", 1, "pixi.lock has a merge conflict", id="conflict"),
        pytest.param("old/pixi.lock", LOCK, 1, "old/pixi.lock has no manifest", id="no manifest"),
        pytest.param("pixi.lock", "version: 4\n", 2, "pixi.lock cannot be read", id="unreadable"),
        pytest.param("pixi.toml", "[workspace\n", 2, "pixi.lock cannot be read", id="unreadable manifest"),
    ],
)
def test_other_verdicts_and_their_exit_codes(root: Path, path: str, text: str, code: int, said: str) -> None:
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text(text)

    ended = locked(root)

    assert ended.code == code
    assert said in ended.stdout


def test_without_a_lock_nothing_is_wrong(root: Path) -> None:
    (root / "pixi.lock").unlink()

    assert (locked(root).code, locked(root).stdout) == (0, "No lockfile that condabot reads is here.\n")


@pytest.mark.parametrize("option", [("--caps",), ("--exit-code",), ("--platform", "linux-64")])
def test_options_of_another_question_are_refused(root: Path, option: tuple[str, ...]) -> None:
    assert locked(root, *option).code == 2


def test_a_wrong_configuration_is_bad_input(root: Path) -> None:
    (root / ".github").mkdir()
    (root / ".github" / "condabot.yml").write_text("nothing: 1\n")

    assert locked(root).code == 2


def test_nothing_is_asked_and_nothing_written(root: Path) -> None:
    """No channel is served here, and a connection to another machine would fail the test."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}

    locked(root)

    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
