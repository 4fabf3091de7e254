"""Edits replace what they name and nothing else."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edits import Edit, Span, apply_edits, conflict_sides, line_of
from bot.errors import EditError

texts = st.text(max_size=40)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text and edits of it that do not overlap, in the order of the text."""
    text = draw(texts)
    bounds = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = [Span(start, end) for start, end in list(pairwise(bounds))[::2]]
    return text, [Edit(span, draw(texts)) for span in spans]


@given(texts)
def test_no_edit_leaves_the_same_text(text: str) -> None:
    assert apply_edits(text, []) == text


@given(edited())
def test_replacing_spans_by_what_stands_there_leaves_the_same_text(case: tuple[str, list[Edit]]) -> None:
    text, edits = case

    assert apply_edits(text, [Edit(each.span, text[each.span.start : each.span.end]) for each in edits]) == text


@given(edited(), edited())
def test_two_texts_edited_apart_and_joined_are_the_joined_text_edited(
    left: tuple[str, list[Edit]], right: tuple[str, list[Edit]]
) -> None:
    shift = len(left[0])
    moved = [Edit(Span(each.span.start + shift, each.span.end + shift), each.text) for each in right[1]]

    assert apply_edits(left[0] + right[0], [*left[1], *moved]) == apply_edits(*left) + apply_edits(*right)


@given(edited(), st.randoms())
def test_the_order_in_which_edits_are_given_does_not_matter(case: tuple[str, list[Edit]], random: Random) -> None:
    text, edits = case
    shuffled = random.sample(edits, len(edits))

    assert apply_edits(text, shuffled) == apply_edits(text, edits)


@given(edited())
def test_all_at_once_is_one_after_another_from_the_end(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    one_by_one = text
    for each in reversed(edits):
        one_by_one = apply_edits(one_by_one, [each])

    assert apply_edits(text, edits) == one_by_one


@pytest.mark.parametrize(
    ("edits", "place"),
    [
        pytest.param([Edit(Span(0, 2), "x"), Edit(Span(1, 3), "y")], "1 to 3", id="two edits overlap"),
        pytest.param([Edit(Span(0, 3), "x"), Edit(Span(1, 2), "y")], "1 to 2", id="one edit is inside another"),
        pytest.param([Edit(Span(2, 4), "x")], "2 to 4", id="an edit goes beyond the end"),
        pytest.param([Edit(Span(-1, 1), "x")], "-1 to 1", id="an edit begins before the text"),
        pytest.param([Edit(Span(2, 1), "x")], "2 to 1", id="an edit ends before it begins"),
    ],
)
def test_an_edit_that_is_not_possible(edits: list[Edit], place: str) -> None:
    with pytest.raises(EditError, match=f"the edit at characters {place} overlaps another or leaves the text"):
        apply_edits("abc", edits)


@pytest.mark.parametrize(("offset", "line"), [(0, 1), (2, 1), (3, 2), (4, 3), (5, 3)])
def test_lines_are_counted_from_one_and_a_newline_belongs_to_the_line_it_ends(offset: int, line: int) -> None:
    assert line_of("ab\n\nc", offset) == line


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        pytest.param("a\n<<<<<<< x\nb\n=======\nc\n>>>>>>> y\nd\n", ("a\nb\nd\n", "a\nc\nd\n"), id="one"),
        pytest.param("<<<<<<<\nb\n||||||| o\no\n=======\nc\n>>>>>>>\n", ("b\n", "c\n"), id="with what was before"),
        pytest.param(
            "<<<<<<< x\r\nb\r\n=======\r\n>>>>>>> y\r\n<<<<<<< x\r\n=======\r\nc\r\n>>>>>>> y\r\n",
            ("b\r\n", "c\r\n"),
            id="two, with other ends of lines",
        ),
        pytest.param("a\nb\n", None, id="none"),
        pytest.param("=======\na\n", None, id="a line of such signs"),
        pytest.param("<<<<<<< x\nb\n=======\nc\n", None, id="not ended"),
        pytest.param("<<<<<<< x\nb\n>>>>>>> y\n", None, id="not parted"),
        pytest.param("a\n>>>>>>> y\n", None, id="not begun"),
        pytest.param("<<<<<<< x\n<<<<<<< x\n=======\n>>>>>>> y\n>>>>>>> y\n", None, id="one in another"),
    ],
)
def test_both_sides_of_what_git_left_in_conflict(text: str, sides: tuple[str, str] | None) -> None:
    assert conflict_sides(text) == sides
