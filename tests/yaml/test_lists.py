"""Items go into a list and out of it as whole lines, and everything else is the same characters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.edits import Edit, Span
from bot.errors import LockError
from bot.lockfiles.yaml_rules import read_yaml
from bot.yaml.lists import Layout, ListChange, NewItem, splice_lists
from bot.yaml.nodes import as_mapping, as_sequence

LAYOUT = Layout(refusal="this is not laid out in lines", flow_items=True)
NO_FLOW = Layout(refusal="this is not laid out in lines", flow_items=False)


def change(text: str, **what: Any) -> ListChange:
    root = as_mapping(read_yaml("x.lock", text), "")
    return ListChange(key=root.keys["l"], node=as_sequence(root.entries["l"], "l"), **what)


def spliced(text: str, layout: Layout = LAYOUT, **what: Any) -> str:
    return splice_lists(text, [change(text, **what)], layout)


def new(index: int, text: str = "- n: 1\n  m: 2\n") -> NewItem:
    return NewItem(index=index, text=text)


THREE = "h: 1\nl:\n# of a\n- a: 1\n# of b\n- b: 1  # b\n  b2: 2\n\n# of c\n- c: 1\n# end\nz: 1\n"


@pytest.mark.parametrize(
    ("text", "what", "after"),
    [
        pytest.param(THREE, {}, THREE, id="nothing changes"),
        pytest.param(THREE, {"removed": {1}}, THREE.replace("- b: 1  # b\n  b2: 2\n", ""), id="an item removed"),
        pytest.param(
            THREE,
            {"replaced": {1: "- n: 1\n  m: 2\n"}},
            THREE.replace("- b: 1  # b\n  b2: 2\n", "- n: 1\n  m: 2\n"),
            id="an item replaced in its place",
        ),
        pytest.param(
            THREE,
            {"added": [new(0)]},
            THREE.replace("- a", "- n: 1\n  m: 2\n- a"),
            id="one added in front of all, below the comment above the first",
        ),
        pytest.param(
            THREE,
            {"added": [new(1), new(1, "- o: 1\n")]},
            THREE.replace("- a: 1\n", "- a: 1\n- n: 1\n  m: 2\n- o: 1\n"),
            id="two added at one place, in their order and above the comment of the next",
        ),
        pytest.param(
            THREE, {"added": [new(3)]}, THREE.replace("- c: 1\n", "- c: 1\n- n: 1\n  m: 2\n"), id="one added behind all"
        ),
        pytest.param(
            THREE,
            {"removed": {0, 1, 2}, "added": [new(3, "- n: 1\n")]},
            "h: 1\nl:\n# of a\n# of b\n\n# of c\n- n: 1\n# end\nz: 1\n",
            id="all exchanged for another",
        ),
        pytest.param("l:\n- a\n- b\nz: 1\n", {"removed": {0, 1}}, "l: []\nz: 1\n", id="a list emptied"),
        pytest.param("l: []\nz: 1\n", {"added": [new(0)]}, "l:\n- n: 1\n  m: 2\nz: 1\n", id="an empty list filled"),
        pytest.param(
            "  l: []\n", {"added": [new(0)]}, "  l:\n  - n: 1\n    m: 2\n", id="filled below its indented key"
        ),
        pytest.param(
            "l:\n   -  a: 1\n",
            {"added": [new(1)]},
            "l:\n   -  a: 1\n   -  n: 1\n      m: 2\n",
            id="indented as its neighbour",
        ),
        pytest.param(
            "l:\n- a", {"added": [new(1)]}, "l:\n- a\n- n: 1\n  m: 2", id="a last line without an end stays so"
        ),
        pytest.param(
            "l:\r\n- a\r\n", {"added": [new(1)]}, "l:\r\n- a\r\n- n: 1\r\n  m: 2\r\n", id="lines end as the others do"
        ),
        pytest.param("l:\n- {a: 1}\n- b\n", {"removed": {0}}, "l:\n- b\n", id="an item in braces on its own line"),
    ],
)
def test_a_change_touches_its_lines_alone(text: str, what: dict[str, Any], after: str) -> None:
    assert spliced(text, **what) == after


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        pytest.param("l: [a]\n", {"added": [new(1)]}, 1, id="a list in brackets"),
        pytest.param("{l: []}\n", {"added": [new(0)]}, 1, id="an empty list whose key does not begin its line"),
        pytest.param("h: 1\nl:\n- a\n-\n  b: 1\n", {"removed": {1}}, 5, id="an item below its dash"),
        pytest.param("l:\n- a\n- - b\n", {"added": [new(2)]}, 3, id="a neighbour that begins with a dash of its own"),
        pytest.param("l:\n- ? a\n  : 1\n- b\n", {"removed": {0}}, 2, id="an item that begins with a question mark"),
    ],
)
def test_a_list_that_is_not_in_lines_is_refused(text: str, what: dict[str, Any], line: int) -> None:
    with pytest.raises(LockError, match=rf"^x\.lock:{line}: this is not laid out in lines$"):
        spliced(text, **what)


def test_a_layout_may_refuse_items_in_braces() -> None:
    text = "l:\n- a: 1\n- {b: 1}\n"

    assert spliced(text, NO_FLOW, removed={0}) == "l:\n- {b: 1}\n"
    with pytest.raises(LockError, match="not laid out in lines"):
        spliced(text, NO_FLOW, removed={1})


def test_other_edits_of_the_text_go_along() -> None:
    text = "h: 1\nl:\n- a\n- b\n"

    assert splice_lists(text, [change(text, removed={0})], LAYOUT, [Edit(Span(3, 4), "2")]) == "h: 2\nl:\n- b\n"


@given(
    st.lists(st.integers(0, 99), max_size=6), st.sets(st.integers(0, 5)), st.lists(st.integers(100, 199), max_size=4)
)
def test_read_again_a_list_has_the_items_that_were_left_and_those_that_came(
    before: list[int], gone: set[int], added: list[int]
) -> None:
    items = "".join(f"\n- i: {number}" for number in before) or " []"
    text = f"h: 1\nl:{items}\n# end\nz: 1\n"
    news = [new(len(before), f"- i: {number}\n") for number in added]

    after = as_mapping(read_yaml("x.lock", spliced(text, removed=gone, added=news)), "")

    kept = [number for index, number in enumerate(before) if index not in gone]
    assert [as_mapping(item, "").text("i") for item in as_sequence(after.require("l"), "l").items] == [
        str(number) for number in (*kept, *added)
    ]
