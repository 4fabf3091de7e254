"""A lock in YAML is read within bounds, and holds nothing that no lockfile writer writes."""

import re

import pytest

from bot.errors import LockError
from bot.lockfiles.yaml_rules import MAX_DEPTH, read_yaml
from bot.yaml.nodes import SequenceNode


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
