"""Nothing from outside acts on a terminal or hides there."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("numpy 2.0 (ü, 名)", "numpy 2.0 (ü, 名)"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\ud800", r"\ud800"),
        ("\u2028", r"\u2028"),
    ],
)
def test_what_acts_or_hides_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(codec=None)))
def test_nothing_but_visible_characters_and_spaces_is_left(text: str) -> None:
    assert all(unicodedata.category(each)[0] in "LMNPSZ" for each in printable(text))
