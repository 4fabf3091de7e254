"""Patches are taken by git itself, and make exactly the text that was meant."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering.patches import patch

TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "d\x0c\n", "e\u2028f\n", "\n", "g", "--- x\n"]), max_size=12)


def applied(folder: Path, path: str, before: str, after: str) -> str:
    """Return what git makes of *before* with the patch to *after*."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(before.encode())
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        check=True,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],  # noqa: TID251 -- where the git program is
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": str(folder),
            "GIT_CEILING_DIRECTORIES": str(folder.parent),
        },
        input=patch({path: before}, {path: after}).encode(),
    )
    return file.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a\nb\nc\n", "a\nB\nc\n", id="a line"),
        pytest.param("a\r\nb\r\n", "a\r\nB\r\n", id="line ends of Windows"),
        pytest.param("a\nb", "a\nB", id="no end of line before and after"),
        pytest.param("a\nb", "a\nb\n", id="an end of line comes"),
        pytest.param("a\nb\n", "a\nb", id="an end of line goes"),
        pytest.param("a\x0cb\u2028c\n", "a\x0cB\u2028c\n", id="what Python alone takes for an end of line"),
        pytest.param("\ufeffa\n", "\ufeffb\n", id="a byte-order mark"),
        pytest.param("".join(f"{n}\n" for n in range(99)), "".join(f"{n}\n" for n in range(9, 120)), id="far apart"),
        pytest.param("a\n", "", id="nothing is left"),
    ],
)
@pytest.mark.parametrize("path", ["pixi.lock", "a b/pixi.lock", "ä/x.yml", 'q"uote.yml', "back\\slash.yml"])
def test_git_makes_the_text_that_was_meant(tmp_path: Path, path: str, before: str, after: str) -> None:
    assert applied(tmp_path, path, before, after) == after


def test_a_new_file(tmp_path: Path) -> None:
    text = patch({}, {"a.yml": "x: 1\n"})

    subprocess.run(["git", "apply", "-"], check=True, cwd=tmp_path, input=text.encode())

    assert (tmp_path / "a.yml").read_text() == "x: 1\n"


def test_what_does_not_change_is_not_in_it() -> None:
    assert patch({"a": "x\n", "b": "y\n"}, {"a": "x\n"}) == ""


@settings(max_examples=30, deadline=None)
@given(before=TEXTS.map("".join), after=TEXTS.map("".join))
def test_any_text_becomes_any_other(tmp_path_factory: pytest.TempPathFactory, before: str, after: str) -> None:
    if before and after and before != after:
        assert applied(tmp_path_factory.mktemp("applied"), "x.yml", before, after) == after
