"""Every node knows its characters, whichever parser reads them, and no text gets past the rules."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import LockError, ManifestError
from bot.lockfiles.yaml_rules import RULES as OF_LOCKS
from bot.manifests.yaml_rules import RULES as OF_MANIFESTS
from bot.yaml.nodes import AliasNode, MappingNode, Node, ScalarNode, SequenceNode, as_mapping, as_sequence
from bot.yaml.reading import Limit, Rules, read_yaml

BOTH = pytest.mark.parametrize(
    "rules", [pytest.param(OF_LOCKS, id="libyaml"), pytest.param(OF_MANIFESTS, id="ruamel.yaml")]
)
TEXT = "# é\r\na: \U0001f600\r\nb:\r\n- x: 'q'\r\n  y: {k: [1, 2]}\r\n\r\n# end of the list\r\nc: |\r\n  block\r\n"


def root(text: str, rules: Rules = OF_MANIFESTS) -> MappingNode:
    node = read_yaml("x.yml", text, rules)
    assert node is not None
    return as_mapping(node, "")


def at(node: Node, path: tuple[str | int, ...]) -> Node:
    for step in path:
        node = as_sequence(node, "").items[step] if isinstance(step, int) else as_mapping(node, "").entries[step]
    return node


@BOTH
@pytest.mark.parametrize(
    ("path", "line", "characters"),
    [
        (("a",), 2, "\U0001f600"),
        (("b", 0), 4, "x: 'q'\r\n  y: {k: [1, 2]}\r\n\r\n# end of the list\r\n"),
        (("b", 0, "x"), 4, "'q'"),
        (("b", 0, "y"), 5, "{k: [1, 2]}"),
        (("b", 0, "y", "k"), 5, "[1, 2]"),
        (("c",), 8, "|\r\n  block\r\n"),
    ],
)
def test_a_node_stands_at_its_characters(rules: Rules, path: tuple[str | int, ...], line: int, characters: str) -> None:
    node = at(root(TEXT, rules), path)

    assert (node.line, TEXT[node.start : node.end]) == (line, characters)
    assert TEXT[node.span.start : node.span.end] == characters


@BOTH
def test_flow_and_quotes_are_told(rules: Rules) -> None:
    node = root("a: [1]\nb:\n- 1\nc: {x: 'y'}\n", rules)

    flow, block, inner = at(node, ("a",)), at(node, ("b",)), at(node, ("c",))
    assert isinstance(flow, SequenceNode)
    assert isinstance(block, SequenceNode)
    assert isinstance(inner, MappingNode)
    assert (flow.flow, block.flow, inner.flow, node.flow) == (True, False, True, False)
    scalars = [each for each in (*flow.items, *block.items, inner.entries["x"]) if isinstance(each, ScalarNode)]
    assert [(scalar.form.style, scalar.form.in_flow) for scalar in scalars] == [("", True), ("", False), ("'", True)]


def test_where_keys_may_repeat_the_first_counts_and_none_is_lost() -> None:
    node = root("a: 1\nb: 2\na: 3\n? [c]\n: 4\n")

    assert [node.text(key) for key in "ab"] == ["1", "2"]
    assert [(type(key), value.line) for key, value in node.pairs] == [
        (ScalarNode, 1),
        (ScalarNode, 2),
        (ScalarNode, 3),
        (SequenceNode, 5),
    ]


def test_an_alias_is_a_node_of_its_own_that_knows_what_it_stands_for() -> None:
    node = root("a: &x [1]\nb: *x\nc: &y\n- *y\n")
    alias, enclosed = at(node, ("b",)), at(node, ("c", 0))

    assert isinstance(alias, AliasNode)
    assert isinstance(enclosed, AliasNode)
    assert (alias.name, alias.target) == ("x", at(node, ("a",)))
    assert (enclosed.name, enclosed.target) == ("y", None)


def test_a_text_without_a_document_has_no_root() -> None:
    assert read_yaml("x.yml", "# nothing\n", OF_MANIFESTS) is None


@BOTH
def test_a_limit_lets_through_what_it_allows_and_nothing_more(rules: Rules) -> None:
    # After the start of the stream: the starts of the document and the list, five items, and three ends.
    narrow = replace(rules, events=Limit(most=10, sentence="has more than 10"), depth=Limit(most=2, sentence="is deep"))

    assert read_yaml("x.yml", "[" + "a," * 5 + "]", narrow) is not None
    assert read_yaml("x.yml", "[[]]", narrow) is not None
    with pytest.raises(rules.error, match=r"^x\.yml:9: has more than 10$"):
        read_yaml("x.yml", "- a\n" * 20, narrow)
    with pytest.raises(rules.error, match=r"^x\.yml:2: is deep$"):
        read_yaml("x.yml", "[[\n[]]]", narrow)


@BOTH
def test_rules_name_their_own_error_and_sentences(rules: Rules) -> None:
    strict = replace(rules, anchor="no anchor {}", tag="no tag {}", aliases=Limit(most=0, sentence="no alias {}"))

    for text, sentence in [
        ("a: &x 1", "x.yml:1: no anchor x"),
        ("a:\n  !t 1", "x.yml:2: no tag !t"),
        ("a: *x", "x.yml:1: no alias x"),
        ("a\n---\nb", f"x.yml:2: {rules.second_document}"),
        ("a: ]", f"x.yml:1: {rules.not_yaml}: "),
    ]:
        with pytest.raises(rules.error, match=f"^{re.escape(sentence)}"):
            read_yaml("x.yml", text, strict)


def test_only_what_looks_like_a_template_is_called_one() -> None:
    template = replace(OF_LOCKS, template="; a template")

    with pytest.raises(LockError, match=r"; a template$"):
        read_yaml("x.yml", "a: 1 # {{\nb: ]", template)
    with pytest.raises(LockError, match=r"^x\.yml:1: this is not YAML: (?!.*template)"):
        read_yaml("x.yml", "a: ]", template)


def test_an_alias_to_nothing_says_so() -> None:
    with pytest.raises(ManifestError, match=r"^x\.yml:2: is not YAML: `\*b` refers to nothing in the file"):
        read_yaml("x.yml", "a: &a 1\nc: *b\n", OF_MANIFESTS)


FRAGMENTS = [
    "- ",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "? ",
    ",",
    "&a ",
    "*a",
    "!t ",
    "|\n",
    "---\n",
    "~",
    "a",
    "'b'",
    "é",
    "\n",
    "\n  ",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join), st.sampled_from([OF_LOCKS, OF_MANIFESTS]))
def test_any_text_is_nodes_within_it_or_an_error_of_the_rules(text: str, rules: Rules) -> None:
    try:
        node = read_yaml("x.yml", text, rules)
    except rules.error:
        return
    waiting = [] if node is None else [node]
    while waiting:
        each = waiting.pop()
        assert 0 <= each.start <= each.end <= len(text)
        if isinstance(each, SequenceNode | MappingNode):
            waiting += each.items if isinstance(each, SequenceNode) else each.children
