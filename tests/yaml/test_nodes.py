"""Scalars stay text, and what is asked of a node and is not there is an error that says where."""

import re

import pytest

from bot.errors import LockError
from bot.lockfiles.yaml_rules import read_yaml
from bot.yaml.nodes import MappingNode, ScalarNode, SequenceNode, as_mapping, values_span


def mapping(text: str) -> MappingNode:
    return as_mapping(read_yaml("pixi.lock", text), "")


def test_scalars_stay_text_and_null_is_nothing() -> None:
    node = mapping("a: 1.10\nb: 'null'\nc: null\nd:\ne: on\nf: 2025-01-01\ng: [~, x]\n")

    assert [node.optional_text(key) for key in "abcdefz"] == ["1.10", "null", None, None, "on", "2025-01-01", None]
    assert node.texts("g") == ("", "x")
    assert node.texts("z") == ()


def test_numbers_are_whole_and_of_bounded_size() -> None:
    node = mapping("a: 5\nb: -3\nc: null\n")

    assert [node.optional_integer(key) for key in "abcz"] == [5, -3, None, None]


@pytest.mark.parametrize(
    ("text", "key", "sentence"),
    [
        ("a: 1.5\n", "a", "pixi.lock:1: a: a whole number is expected here"),
        (f"a: {'9' * 19}\n", "a", "pixi.lock:1: a: a whole number is expected here"),
        ("a: ٣\n", "a", "pixi.lock:1: a: a whole number is expected here"),
        ("a: [1]\n", "a", "pixi.lock:1: a: a text is expected here"),
    ],
)
def test_says_that_a_number_is_none(text: str, key: str, sentence: str) -> None:
    with pytest.raises(LockError, match=f"^{re.escape(sentence)}$"):
        mapping(text).optional_integer(key)


def test_says_which_key_is_missing_null_or_of_another_type() -> None:
    node = mapping("a: 1\nb: null\nc: 2\n")

    with pytest.raises(LockError, match=r"^pixi\.lock:1: z: this key is missing$"):
        node.text("z")
    with pytest.raises(LockError, match=r"^pixi\.lock:2: b: a text is expected here$"):
        node.text("b")
    with pytest.raises(LockError, match=r"^pixi\.lock:3: c: a list is expected here$"):
        node.texts("c")
    with pytest.raises(LockError, match=r"^pixi\.lock:3: c: a mapping is expected here$"):
        as_mapping(node.require("c"), "c")


def test_what_the_core_schema_reads_as_something_else_is_no_text() -> None:
    node = mapping("a: [x, 1.2.3, '1', \"null\", on]\nb: [1, 1.5, 0x1f, ~, True, .inf, 1_000]\n")
    texts, others = (as_mapping(node, "").entries[key] for key in "ab")

    assert isinstance(texts, SequenceNode)
    assert isinstance(others, SequenceNode)
    assert [item.is_text for item in texts.items if isinstance(item, ScalarNode)] == [True] * 5
    assert [item.is_text for item in others.items if isinstance(item, ScalarNode)] == [False] * 7


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("a:\n- b: 1\n  c: 2\n\n# behind\n", "a:\n- b: 1\n  c: 2", id="without the comment behind it"),
        pytest.param("- - - x\n\n", "x", id="without the dashes before it"),
        pytest.param("? a\n: [1, 2]\n", "a\n: [1, 2]", id="brackets are its own"),
        pytest.param("# c\n{a: 1}\n", "{a: 1}", id="and so are braces"),
    ],
)
def test_the_values_of_a_node_span_from_the_first_to_the_last(text: str, values: str) -> None:
    span = values_span(read_yaml("pixi.lock", text))

    assert text[span.start : span.end] == values
