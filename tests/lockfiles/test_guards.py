"""What is no lockfile is said so before a parser sees it."""

import re

import pytest

from bot.errors import LockError
from bot.lockfiles import text_of
from bot.lockfiles.guards import MAX_BYTES, MAX_LINES


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
            "pixi.lock:1: this is a git-LFS pointer",
            id="a git-LFS pointer",
        ),
        pytest.param(b"version: 6\nname: \xe9\n", "pixi.lock:2: this is not UTF-8 text", id="Latin-1"),
        pytest.param("version: 6\n".encode("utf-16"), "pixi.lock:1: this is not UTF-8 text", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbfversion: 6\n", "pixi.lock:1: the file starts with a byte-order mark", id="a BOM"),
        pytest.param(
            b"version: 6\n<<<<<<< HEAD\n- a\n=======\n- b\n>>>>>>> main\n",
            "pixi.lock:2: here is a merge-conflict marker",
            id="a merge conflict",
        ),
        pytest.param(
            b"version: 6\r\n>>>>>>> main\r\n", "pixi.lock:2: here is a merge-conflict marker", id="one with CRLF"
        ),
        pytest.param(b"#" * (MAX_BYTES + 1), "pixi.lock: the lockfile has 50,000,001 bytes", id="too large"),
        pytest.param(b"\n" * (MAX_LINES + 1), "pixi.lock: the lockfile has 1,000,001 lines", id="too long"),
    ],
)
def test_says_what_it_is_instead(content: bytes, sentence: str) -> None:
    with pytest.raises(LockError, match=f"^{re.escape(sentence)}"):
        text_of("pixi.lock", content)


def test_line_ends_stay_as_they_are() -> None:
    assert text_of("pixi.lock", b"a: 1\r\nb: 2\n") == "a: 1\r\nb: 2\n"


def test_text_that_only_looks_like_a_marker_is_none() -> None:
    text = "a: '<<<<<<< HEAD'\n# =======\nb: |\n  >>>>>>> x\n"

    assert text_of("pixi.lock", text.encode()) == text
