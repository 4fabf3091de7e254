"""Texts are merged as git merges them."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.updating.three_way import merge_text

BASE = "a\nb\nc\nd\ne\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        pytest.param(
            BASE, BASE.replace("a", "A"), BASE.replace("e", "E"), "A\nb\nc\nd\nE\n", id="apart from each other"
        ),
        pytest.param(BASE, BASE, BASE.replace("e", "E"), "a\nb\nc\nd\nE\n", id="theirs alone"),
        pytest.param(BASE, BASE.replace("e", "E"), BASE, "a\nb\nc\nd\nE\n", id="ours alone"),
        pytest.param(BASE, BASE.replace("c", "C"), BASE.replace("c", "C"), "a\nb\nC\nd\ne\n", id="both the same"),
        pytest.param(BASE, BASE.replace("c", "C"), BASE.replace("c", "X"), None, id="both otherwise"),
        pytest.param(BASE, BASE.replace("b", "B"), BASE.replace("c", "C"), None, id="lines that touch"),
        pytest.param(BASE, f"new\n{BASE}", f"{BASE}end\n", f"new\n{BASE}end\n", id="added at both ends"),
        pytest.param(BASE, f"{BASE}x\n", f"{BASE}y\n", None, id="added at the same end"),
        pytest.param(BASE, "a\nc\nd\ne\n", BASE.replace("e", "E"), "a\nc\nd\nE\n", id="a line went"),
        pytest.param("", "a\n", "b\n", None, id="both made it"),
        pytest.param("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC", id="a last line without an end"),
        pytest.param(
            "a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n", "A\r\nb\r\nC\r\n", id="ends of lines stay"
        ),
    ],
)
def test_three_states(base: str, ours: str, theirs: str, merged: str | None) -> None:
    assert merge_text(base, ours, theirs) == merged


def texts() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from("abc"), max_size=8).map(lambda lines: "".join(f"{each}\n" for each in lines))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=texts(), ours=texts(), theirs=texts())
def test_what_is_merged_is_what_git_merges(tmp_path: Path, base: str, ours: str, theirs: str) -> None:
    """git may find other common lines, and conflicts, elsewhere; where both merge lines that are unlike, they agree."""
    merged = merge_text(base, ours, theirs)
    if merged is None or len(set(base.split())) < len(base.split()):
        return
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        (tmp_path / name).write_text(text, newline="")
    names = [str(tmp_path / each) for each in ("ours", "base", "theirs")]
    answer = subprocess.run(["git", "merge-file", "-p", *names], capture_output=True, text=True, check=False)
    assert answer.returncode != 0 or answer.stdout == merged


@given(base=texts(), ours=texts(), theirs=texts())
def test_who_is_who_is_no_matter(base: str, ours: str, theirs: str) -> None:
    assert merge_text(base, ours, theirs) == merge_text(base, theirs, ours)
    assert merge_text(base, ours, base) == ours
    assert merge_text(base, ours, ours) == ours
