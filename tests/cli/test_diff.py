"""`condabot diff`: in words, in Markdown and as a document; without git too."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ended, run
from tests.planning.toy import record
from tests.updating.survey.test_in_step import CLICK, DOCS, MANIFEST, OLD_CLICK, lock

NEW_DOCS = record("docs", "1.7", "click >=7", "__glibc >=2.28,<3.0.a0")


@pytest.fixture
def folders(tmp_path: Path, environment: None) -> tuple[str, str]:
    del environment
    states = {
        "old": (MANIFEST, lock(DOCS, OLD_CLICK)),
        "new": (MANIFEST.replace("1.*", ">=1.7"), lock(NEW_DOCS, CLICK)),
    }
    for name, (manifest, text) in states.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "pixi.toml").write_text(manifest)
        (tmp_path / name / "pixi.lock").write_text(text)
    return str(tmp_path / "old"), str(tmp_path / "new")


def diff(*arguments: str) -> Ended:
    return run("diff", *arguments)


def test_in_words(folders: tuple[str, str]) -> None:
    ended = diff(*folders)

    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "pixi.toml",
        "    6  docs  1.* -> >=1.7",
        "pixi.lock",
        "    click 8.2 -> 8.3  (all)",
        "    docs 1.6 -> 1.7  (all)",
        "    machine: __glibc any -> 2.28  (all)",
    ]


def test_in_markdown(folders: tuple[str, str]) -> None:
    assert diff(*folders, "--markdown").stdout == (
        "- `pixi.toml:6` `docs` `1.*` -> `>=1.7`\n"
        "\n"
        "### pixi.lock\n"
        "\n"
        "**Machines need another `__glibc`:** any -> `2.28` (all)\n"
        "\n"
        "| package | change | where | size |\n"
        "| --- | --- | --- | --- |\n"
        "| **`click`** | `8.2` -> `8.3` | all |  |\n"
        "| **`docs`** | `1.6` -> `1.7` | all |  |\n"
    )


def test_as_a_document(folders: tuple[str, str]) -> None:
    found = json.loads(diff(*folders, "--json").stdout)

    assert found["version"] == 1
    assert [each["name"] for each in found["locks"][0]["changes"]] == ["click", "docs"]
    assert found["locks"][0] | {"changes": ()} == {
        "lock": "pixi.lock",
        "environment": "default",
        "platform": "linux-64",
        "changes": (),
    }
    assert found["lines"] == [{"manifest": "pixi.toml", "line": 6, "name": "docs", "old": "1.*", "new": ">=1.7"}]
    assert found["floors"] == [
        {
            "lock": "pixi.lock",
            "environment": "default",
            "platform": "linux-64",
            "name": "__glibc",
            "old": None,
            "new": "2.28",
        }
    ]
    assert found["problems"] == []


def test_two_files(folders: tuple[str, str]) -> None:
    ended = diff(*(f"{folder}/pixi.lock" for folder in folders))

    assert ended.stdout.splitlines()[:2] == ["pixi.lock", "    click 8.2 -> 8.3  (all)"]


@pytest.mark.parametrize("option", ["--json", "--markdown", "--exit-code"])
def test_nothing_changes(folders: tuple[str, str], option: str) -> None:
    assert diff(folders[0], folders[0], option).code == 0


def test_the_exit_code_tells_if_asked(folders: tuple[str, str]) -> None:
    assert diff(*folders, "--exit-code").code == 1


def test_what_cannot_be_compared_is_said(folders: tuple[str, str]) -> None:
    Path(folders[1], "pixi.lock").write_text("version: 4\n")

    ended = diff(*folders)

    assert ended.code == 3
    assert "not done pixi.lock:1: " in ended.stderr


def test_both_forms_at_once_and_a_folder_without_git_are_refused(folders: tuple[str, str]) -> None:
    assert diff(*folders, "--json", "--markdown").code == 2
    assert diff("HEAD", "--path", folders[0]).code == 2
