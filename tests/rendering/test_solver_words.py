"""What the solver says, in a line."""

import pytest

from bot.rendering.solver_words import shortened

NOTE = "Channel a lists no package for win-64."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("No candidates for a 1.*.", "No candidates for a 1.*.", id="a sentence"),
        pytest.param(f"No candidates.\n{NOTE}", f"No candidates. {NOTE}", id="a note stays"),
        pytest.param(
            f"Incompatible:\n├─ a * cannot be:\n│  └─ a 1 needs b\n└─ c:\n   └─ d\n{NOTE}",
            f"Incompatible: a * cannot be; c {NOTE}",
            id="of a tree the first branches",
        ),
        pytest.param("x\n" + "├─ a\n" * 4 + "└─ b", "x: a; a; a; and 2 more", id="of many the first"),
    ],
)
def test_the_solvers_words_are_one_line(text: str, words: str) -> None:
    assert shortened(text) == words
