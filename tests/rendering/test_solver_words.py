"""What the solver says, in a line."""

import pytest

from bot.rendering.solver_words import shortened

NOTE = "Channel a lists no package for this platform."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("No candidates for a 1.*.", "No candidates for a 1.*.", id="a sentence"),
        pytest.param(f"No candidates.\n{NOTE}", f"No candidates. {NOTE}", id="a note stays"),
        pytest.param(
            f"Incompatible:\n├─ a * cannot be:\n│  ├─ a 1 needs b\n│  │  └─ b\n│  └─ a 2\n└─ c:\n   └─ d\n{NOTE}",
            f"Incompatible: a * cannot be: a 1 needs b; c: d. {NOTE}",
            id="of a tree the first branches",
        ),
        pytest.param("x\n└─ a:\n   └─ a 1 would require\n      └─ b", "x: a.", id="half a sentence says nothing"),
        pytest.param("x\n" + "├─ a\n" * 4 + "└─ b", "x: a; a; a; and 2 more.", id="of many the first"),
    ],
)
def test_the_solvers_words_are_one_line(text: str, words: str) -> None:
    assert shortened(text) == words
