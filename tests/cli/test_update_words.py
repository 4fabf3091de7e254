"""`condabot update` for scripts: title and body of a pull request, a document, patches, or nothing written."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import ENVIRONMENT_YML, Condabot

UPDATED = ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0").encode()
UP_TO_DATE = ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0")


def git(root: Path, *arguments: str) -> str:
    """Run git in *root*, without the configuration of who runs the tests."""
    who = {f"GIT_{each}_{what}": "x@files.example" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {
        "PATH": os.environ["PATH"],  # noqa: TID251 -- where the git program is
        "HOME": str(root),
        "GIT_CONFIG_NOSYSTEM": "1",
        **who,
    }
    answer = subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, env=environment, capture_output=True, text=True
    )
    return answer.stdout.strip()


def committed(root: Path) -> str:
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "x")
    return git(root, "rev-parse", "HEAD")


async def test_title_and_body_are_those_of_a_pull_request(condabot: Condabot, tmp_path: Path) -> None:
    base = committed(condabot.root)
    title, body = tmp_path / "out" / "title", tmp_path / "out" / "body.md"

    ended = await condabot("update", "--title", str(title), "--body", str(body))

    assert ended.code == 0
    assert title.read_text() == "Update alpha from 1.0 to 2.0\n"
    assert body.read_text().startswith("Moves alpha 1.0 to 2.0. Solves on linux-64.\n\n| package | change |")
    assert f"as committed here on `{base[:10]}`." in body.read_text()
    assert "- `environment.yml:6` alpha `=1.0` -> `=2.0`, its comment says" in body.read_text()


async def test_outside_of_git_no_commit_is_named(condabot: Condabot, tmp_path: Path) -> None:
    body = tmp_path / "body.md"

    await condabot("update", "--body", str(body))

    assert "**Solved 1/1** (1 environment on linux-64)." in body.read_text()


async def test_environments_of_the_same_name_in_several_files_are_counted(condabot: Condabot, tmp_path: Path) -> None:
    condabot.write({"environment.yml": ENVIRONMENT_YML, "docs/environment.yml": ENVIRONMENT_YML})
    body = tmp_path / "body.md"

    await condabot("update", "--body", str(body))

    assert "**Solved 2/2** (2 environments on linux-64)." in body.read_text()


async def test_without_an_update_title_and_body_are_empty(condabot: Condabot, tmp_path: Path) -> None:
    condabot.write({"environment.yml": UP_TO_DATE})
    for name in ("title", "body"):
        (tmp_path / name).write_text("of the last time")

    ended = await condabot(
        "update", "--title", str(tmp_path / "title"), "--body", str(tmp_path / "body"), "--exit-code"
    )

    assert ended.code == 0
    assert [(tmp_path / name).read_text() for name in ("title", "body")] == ["", ""]


async def test_a_dry_run_says_the_same_and_writes_nothing(condabot: Condabot) -> None:
    ended = await condabot("update", "--dry-run", "--diff")

    assert condabot.read() == {"environment.yml": ENVIRONMENT_YML.encode()}
    assert ended.stdout.splitlines()[:3] == [
        "Nothing is written: this is what would be.",
        "environment.yml",
        "    6  alpha  1.0 -> 2.0  major  (=1.0 -> =2.0)",
    ]
    assert "+  - alpha=2.0  # first\n" in ended.stdout


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
async def test_the_exit_code_tells_if_asked(condabot: Condabot, options: tuple[str, ...]) -> None:
    assert (await condabot("update", "--exit-code", *options)).code == 1


async def test_the_document(condabot: Condabot) -> None:
    found = json.loads((await condabot("update", "--json")).stdout)

    (proposal,) = found.pop("proposals")
    assert found.pop("body").startswith("Moves alpha 1.0 to 2.0.")
    assert found == {
        "version": 1,
        "written": True,
        "changed": ["environment.yml"],
        "title": "Update alpha from 1.0 to 2.0",
        "held_back": [],
        "problems": [],
    }
    assert proposal == {
        "key": "all",
        "branch": "condabot/all",
        "purpose": "update",
        "title": "Update alpha from 1.0 to 2.0",
        "updates": [
            {
                "name": "alpha",
                "datasource": "conda",
                "current": "1.0",
                "target": "2.0",
                "kind": "major",
                "environments": ["default"],
                "manifests": ["environment.yml"],
                "lines": [{"manifest": "environment.yml", "line": 6, "old": "=1.0", "new": "=2.0"}],
            }
        ],
        "files": ["environment.yml"],
        "locks": proposal["locks"],
        "solved": 1,
        "platforms": ["linux-64"],
    }
    assert condabot.read() == {"environment.yml": UPDATED}


SEVERAL = {
    "environment.yml": ENVIRONMENT_YML.replace("core >=1.0", "tool=1.0"),
    "docs/environment.yml": "channels: [conda-forge]\r\nplatforms: [linux-64]\r\ndependencies:\r\n  - core=1.0\r\n",
    "other/environment.yml": "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - beta=1.0\n",
}


async def test_each_patch_applies_alone_and_touches_what_its_plan_does(condabot: Condabot, tmp_path: Path) -> None:
    condabot.write(SEVERAL)
    committed(condabot.root)
    before, out = condabot.read(), tmp_path / "out"

    ended = await condabot("update", "--one-per-plan", str(out), "--json")

    document = json.loads(ended.stdout)
    assert document["written"] is False
    assert condabot.read() == before
    assert len(document["proposals"]) == 4
    for proposal in document["proposals"]:
        stem = proposal["branch"].removeprefix("condabot/")
        git(condabot.root, "apply", "--check", str(out / f"{stem}.patch"))
        git(condabot.root, "apply", str(out / f"{stem}.patch"))
        touched = git(condabot.root, "status", "--porcelain").split()[1::2]
        assert touched == proposal["files"]
        assert (out / f"{stem}.title").read_text() == f"{proposal['title']}\n"
        assert (out / f"{stem}.md").read_text().startswith("Moves ")
        git(condabot.root, "checkout", "--quiet", ".")
    assert len(list(out.iterdir())) == 4 * 3


async def test_patches_of_an_earlier_run_are_not_mixed_with_others(condabot: Condabot, tmp_path: Path) -> None:
    first = await condabot("update", "--one-per-plan", str(tmp_path / "out"))
    assert first.stdout.startswith(f"The checkout stays as it is: 2 pull requests in {tmp_path / 'out'}.\n")

    ended = await condabot("update", "--one-per-plan", str(tmp_path / "out"))

    assert ended.code == 2
    assert "has patches of an earlier run: name an empty folder" in ended.stderr


async def test_a_dry_run_makes_no_patches(condabot: Condabot, tmp_path: Path) -> None:
    await condabot("update", "--one-per-plan", str(tmp_path / "out"), "--dry-run")

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [("--refresh-locks",), ("--package", "alpha"), ("--diff",), ("--title", "x")])
async def test_one_per_plan_goes_with_no_other_question(condabot: Condabot, options: tuple[str, ...]) -> None:
    assert (await condabot("update", "--one-per-plan", "out", *options)).code == 2
