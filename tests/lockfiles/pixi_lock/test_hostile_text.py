"""A damaged lock is a `LockError` or another lock, never a crash."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import LockError
from bot.lockfiles import parse
from tests.lockfiles.cases import CASES, Case

YAML = (
    "",
    "\n",
    "  ",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "!!x ",
    "null",
    "-1",
    "\t",
    "?",
    "\u2028",
)
LOCK = (
    "- conda: https://files.example/x.conda\n",
    "- pypi: ./\n",
    "packages:\n",
    "noarch/",
    ".conda",
    "%21",
    "9" * 400,
)
PIECES = st.sampled_from((*YAML, *LOCK)) | st.text(max_size=5)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(CASES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), PIECES), min_size=1, max_size=3))
def test_a_damaged_lock_is_read_or_refused(case: Case, damages: list[tuple[float, int, str]]) -> None:
    text = case.before
    for place, length, piece in damages:
        start = int(place * len(text))
        text = text[:start] + piece + text[start + length :]

    with suppress(LockError):
        parse("pixi.lock", text.encode(errors="replace"))
