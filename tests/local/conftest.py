"""Real repositories, made by the git program, which knows nothing of the person who runs the tests."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """What git sees of the environment: no configuration but what a test writes."""
    (tmp_path / "home").mkdir()
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 -- where the git program is
        "HOME": str(tmp_path / "home"),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "x@files.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    return root


@pytest.fixture
def git(root: Path, environment: Mapping[str, str]) -> Git:
    """Runs git in a new repository at `root`."""

    def run(*arguments: str) -> str:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments], check=True, env=environment, capture_output=True, text=True
        )
        return answer.stdout.strip()

    run("init", "--quiet", "--initial-branch=main")
    return run
