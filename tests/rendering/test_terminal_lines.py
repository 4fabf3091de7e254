"""Lines for a width."""

import pytest

from bot.rendering.terminal_lines import Width, some, wrapped

URL = "https://conda.example/a-channel/with-a-name/that-is-long"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        pytest.param("one two three four five", None, ["  one two three four five"], id="a pipe breaks nothing"),
        pytest.param("one two three four five", 20, ["  one two three four", "five"], id="narrow: nothing hangs"),
        pytest.param("one two three four five six", 26, ["  one two three four five", "    six"], id="it hangs"),
        pytest.param(f"see {URL}", 30, ["  see", f"    {URL}"], id="a long word stays whole"),
        pytest.param("a\x1b[2Jb\nc", None, ["  a\\x1b[2Jb c"], id="nothing acts on the terminal"),
        pytest.param("", None, [], id="nothing in a pipe"),
        pytest.param("", 80, [], id="nothing on a terminal"),
    ],
)
def test_a_text_is_broken_between_words(text: str, width: Width, lines: list[str]) -> None:
    assert [line.text for line in wrapped(text, width, indent=2)] == lines


def test_some_of_many_names_are_named_each_once() -> None:
    assert some(["a", "b", "a", "c"], 2) == "a, b and 1 more"
    assert some(["a", "b"], 2) == "a, b"
    assert some("abcdefg", None) == "a, b, c, d, e, f, g"
