"""Trees are merged as git merges them: of every path the side that changed it."""

from collections.abc import Mapping

import pytest

from bot.github.merges import Item, merged
from bot.github.model import Oid


def tree(**oids: str) -> Mapping[str, Item]:
    return {path: Item(mode="100644", kind="blob", oid=Oid(oid)) for path, oid in oids.items()}


@pytest.mark.parametrize(
    ("theirs", "ours", "brought", "both"),
    [
        pytest.param({"a": "1"}, {"a": "2"}, {"a": "2"}, (), id="ours changed it"),
        pytest.param({"a": "2"}, {"a": "1"}, {}, (), id="theirs changed it"),
        pytest.param({"a": "2"}, {"a": "2"}, {}, (), id="both changed it alike"),
        pytest.param({"a": "2"}, {"a": "3"}, {}, ("a",), id="both changed it"),
        pytest.param({"a": "1"}, {}, {"a": None}, (), id="ours took it out"),
        pytest.param({}, {"a": "1"}, {}, (), id="theirs took it out"),
        pytest.param({}, {}, {}, (), id="both took it out"),
        pytest.param({}, {"a": "2"}, {}, ("a",), id="theirs took out what ours changed"),
        pytest.param({"a": "1"}, {"a": "1", "b": "1"}, {"b": "1"}, (), id="ours added one"),
        pytest.param({"a": "1", "b": "1"}, {"a": "1"}, {}, (), id="theirs added one"),
        pytest.param({"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {}, ("b",), id="both added one"),
    ],
)
def test_a_tree_is_merged(
    theirs: dict[str, str], ours: dict[str, str], brought: dict[str, str | None], both: tuple[str, ...]
) -> None:
    found = merged(tree(a="1"), tree(**theirs), tree(**ours))

    assert {path: each.oid if each else None for path, each in found.ours.items()} == brought
    assert found.both == both


def test_a_file_that_became_executable_is_another_one() -> None:
    executable = {"a": Item(mode="100755", kind="blob", oid=Oid("1"))}

    assert merged(tree(a="1"), tree(a="1"), executable).ours == executable


@pytest.mark.parametrize(
    ("mode", "is_file"), [("100644", True), ("100755", True), ("120000", False), ("160000", False)]
)
def test_links_and_submodules_are_no_files(mode: str, *, is_file: bool) -> None:
    assert Item(mode=mode, kind="blob", oid=Oid("1")).is_file is is_file
