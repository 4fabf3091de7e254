"""YAML is read within bounds, and every node knows its characters."""

import re

import pytest

from bot.errors import LockError
from bot.lockfiles import yaml_nodes
from bot.lockfiles.yaml_nodes import MAX_DEPTH, MappingNode, Node, ScalarNode, SequenceNode, as_mapping, read_yaml


def mapping(text: str) -> MappingNode:
    return as_mapping(read_yaml("pixi.lock", text), "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", "pixi.lock:1: the file is empty", id="empty"),
        pytest.param("# nothing\n", "pixi.lock:1: the file is empty", id="a comment only"),
        pytest.param("a: [1\nb: 2\n", "pixi.lock:2: this is not YAML: ", id="a list without end"),
        pytest.param("a: 1\n\tb: 2\n", "pixi.lock:2: this is not YAML: ", id="a tab"),
        pytest.param("a: \x00\n", "pixi.lock: this is not YAML: it holds a character", id="a control character"),
        pytest.param("a: &x 1\n", "pixi.lock:1: the anchor `&x` has no place", id="an anchor on a scalar"),
        pytest.param("a: 1\nb: &x [1]\n", "pixi.lock:2: the anchor `&x` has no place", id="an anchor on a list"),
        pytest.param("a: 1\nb: *x\n", "pixi.lock:2: the alias `*x` is not expanded", id="an alias"),
        pytest.param("a: !!python/name:os.system 1\n", "pixi.lock:1: the tag `tag:yaml.org", id="a tag"),
        pytest.param("a: 1\n---\nb: 2\n", "pixi.lock:2: a second document", id="two documents"),
        pytest.param("a: 1\nb: 2\na: 3\n", "pixi.lock:3: a: this key stands twice", id="a key twice"),
        pytest.param("a: 1\n? [b]\n: 2\n", "pixi.lock:2: a key must be a text", id="a list as key"),
    ],
)
def test_refuses_what_no_lockfile_has(text: str, sentence: str) -> None:
    with pytest.raises(LockError, match=f"^{re.escape(sentence)}"):
        read_yaml("pixi.lock", text)


@pytest.mark.parametrize("opening", ["[", "- ", "? ", "{a: "])
def test_deep_nesting_is_refused_and_not_followed(opening: str) -> None:
    with pytest.raises(LockError, match=f"nested more than {MAX_DEPTH} deep"):
        read_yaml("pixi.lock", opening * 100_000)


def test_nesting_up_to_the_bound_is_read() -> None:
    node = read_yaml("pixi.lock", "[" * MAX_DEPTH + "]" * MAX_DEPTH)

    assert isinstance(node, SequenceNode)


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_nodes, "MAX_EVENTS", 10)

    with pytest.raises(LockError, match=r"pixi\.lock:9: the file has more than 10 values"):
        read_yaml("pixi.lock", "- a\n" * 20)


TEXT = "# é\r\na: \U0001f600\r\nb:\r\n- x: 'q'\r\n  y: {k: [1, 2]}\r\n\r\n# end of the list\r\nc: |\r\n  block\r\n"


@pytest.mark.parametrize(
    ("path", "characters"),
    [
        (("a",), "\U0001f600"),
        (("b",), "x: 'q'\r\n  y: {k: [1, 2]}"),
        (("b", 0, "x"), "'q'"),
        (("b", 0, "y"), "{k: [1, 2]}"),
        (("b", 0, "y", "k"), "[1, 2]"),
        (("c",), "|\r\n  block\r\n"),
    ],
)
def test_a_node_stands_at_its_characters(path: tuple[str | int, ...], characters: str) -> None:
    node: Node = mapping(TEXT)
    for step in path:
        node = node.items[step] if isinstance(node, SequenceNode) else as_mapping(node, "").entries[str(step)]  # type: ignore[index] # the steps of the table fit the text

    assert TEXT[node.start : node.end] == characters


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


def test_flow_and_plain_are_told() -> None:
    node = mapping("a: [1]\nb:\n- 1\nc: {x: 'y'}\n")

    flow, block, inner = node.entries["a"], node.entries["b"], as_mapping(node.entries["c"], "c")
    assert isinstance(flow, SequenceNode)
    assert isinstance(block, SequenceNode)
    assert (flow.flow, block.flow, inner.flow, node.flow) == (True, False, True, False)
    quoted = inner.entries["x"]
    assert isinstance(quoted, ScalarNode)
    assert not quoted.plain
