"""The law refuses every rewrite that does more, less or something else than planned."""

from dataclasses import replace

import pytest

from bot.errors import RewriteRefused
from bot.manifests import decode, extract, rewrite
from bot.manifests.law import require_planned_dependencies, require_planned_leaves
from bot.model.manifest import Declarations, KeyPath, Manifest

NUMPY: KeyPath = ("dependencies", "numpy", 0)


def manifest_of(text: str) -> Manifest:
    manifest = extract("environment.yml", text.encode())
    assert manifest is not None
    return manifest


BEFORE = manifest_of("dependencies:\n  - numpy=1.26\n  - scipy=1.13\n")
AFTER = manifest_of("dependencies:\n  - numpy=2.3\n  - scipy=1.13\n")


def test_exactly_what_was_planned_is_accepted() -> None:
    require_planned_dependencies(BEFORE, AFTER, {NUMPY: "=2.3"})


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (BEFORE, "would read `=1.26`, not `=2.3`"),
        (replace(AFTER, declarations=Declarations(name="other")), "would change what the file says beside"),
        (
            replace(AFTER, dependencies=AFTER.dependencies[:1]),
            r"more than versions, at dependencies.scipy.0 \(line 3\)",
        ),
        (
            replace(AFTER, dependencies=AFTER.dependencies * 2),
            r"more than versions, at dependencies.numpy.0 \(line 2\)",
        ),
        (manifest_of("dependencies:\n\n  - numpy=2.3\n  - scipy=1.13\n"), "more than versions"),
        (manifest_of("dependencies:\n  - numpy=2.3\n  - scipy=1.14\n"), "would read `=1.14`, not `=1.13`"),
        (manifest_of("dependencies:\n  - numpy=2.3=py_0\n  - scipy=1.13\n"), "more than versions"),
    ],
    ids=["nothing changed", "a name", "one lost", "some added", "a line moved", "an unplanned version", "a build"],
)
def test_anything_else_is_refused(after: Manifest, sentence: str) -> None:
    with pytest.raises(RewriteRefused, match=sentence):
        require_planned_dependencies(BEFORE, after, {NUMPY: "=2.3"})


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        ([(("a",), "x=1"), (("c",), "y=1")], "structure"),
        ([(("a",), "x=2"), (("b",), "y=2")], "change 2 values, not 1"),
        ([(("a",), "x=1"), (("b",), "y=1")], "change 0 values, not 1"),
        ([(("a",), "x=3"), (("b",), "y=1")], "`x=1` would become `x=3`"),
        ([(("a",), "z=2"), (("b",), "y=1")], "`x=1` would become `z=2`"),
        ([(("a",), 2), (("b",), "y=1")], "`x=1` would become `2`"),
    ],
    ids=["another key", "two values", "no value", "another version", "more than the version", "no text any more"],
)
def test_an_independent_parser_must_see_exactly_the_planned_values_differ(
    after: list[tuple[KeyPath, object]], sentence: str
) -> None:
    before: list[tuple[KeyPath, object]] = [(("a",), "x=1"), (("b",), "y=1")]

    with pytest.raises(RewriteRefused, match=sentence):
        require_planned_leaves("environment.yml", before, after, [("=1", "=2")])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(1, True, id="a number that becomes a truth value"),
        pytest.param("1", 1, id="a text that becomes a number"),
    ],
)
def test_another_type_is_a_difference(old: object, new: object) -> None:
    with pytest.raises(RewriteRefused, match="would change 1 values, not 0"):
        require_planned_leaves("environment.yml", [(("a",), old)], [(("a",), new)], [])


@pytest.mark.parametrize("order", [1, -1])
def test_each_planned_change_is_seen_once(order: int) -> None:
    before: list[tuple[KeyPath, object]] = [(("a",), "x=1"), (("b",), "y=5")]
    planned = [("=1", "=2"), ("=5", "=6")][::order]

    require_planned_leaves("environment.yml", before, [(("a",), "x=2"), (("b",), "y=6")], planned)
    with pytest.raises(RewriteRefused, match="`z=1` would become `z=2`, which was not planned"):
        require_planned_leaves(
            "environment.yml",
            [(("a",), "x=1"), (("b",), "z=1")],
            [(("a",), "x=2"), (("b",), "z=2")],
            planned,
        )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("lib1 1", "lib1 2", id="behind the same characters in the name"),
        pytest.param("1", "2", id="alone"),
        pytest.param("lib1 1 # 1", "lib1 2 # 1", id="between the same characters"),
    ],
)
def test_where_the_version_may_stand(before: str, after: str) -> None:
    require_planned_leaves("pixi.toml", [((0,), before)], [((0,), after)], [("1", "2")])


@pytest.mark.parametrize(
    ("text", "at", "version", "sentence"),
    [
        (
            "dependencies:\n  - numpy=1.26\n",
            ("dependencies", "scipy", 0),
            "=1",
            "there is no version at dependencies.scipy.0",
        ),
        ("dependencies:\n  - numpy\n", NUMPY, "=1", "there is no version at dependencies.numpy.0 to replace"),
        ("dependencies:\n  - numpy=1.26\n", NUMPY, "=2 # x", "environment.yml: `=2 # x` cannot be written"),
        ("dependencies:\n  - numpy=1.26\n", NUMPY, "", "cannot be written as a version"),
        ("dependencies:\n  - numpy=1.26=py_0\n", NUMPY, ">=2", "more than versions|would read"),
        ("dependencies:\n  - numpy=1.26\n", NUMPY, "-extra=2", "more than versions"),
        ("dependencies:\n  - pip:\n    - a==1\n", ("dependencies", "pip", "a", 0), "=1", "more than versions"),
    ],
    ids=[
        "unknown place",
        "no version",
        "a comment",
        "nothing",
        "an operator before a build",
        "another name",
        "conda's =",
    ],
)
def test_a_rewrite_that_would_not_read_back_is_refused(text: str, at: KeyPath, version: str, sentence: str) -> None:
    with pytest.raises(RewriteRefused, match=sentence):
        rewrite(manifest_of(text), text, {at: version})


def test_a_text_that_has_changed_since_it_was_read_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="more than versions"):
        rewrite(BEFORE, "dependencies:\n  - numpy=1.26\n", {NUMPY: "=2.3"})


def test_a_text_that_is_no_manifest_any_more_is_refused() -> None:
    with pytest.raises(RewriteRefused, match=r"is no environment\.yml any more"):
        rewrite(BEFORE, "jobs: []\n", {NUMPY: "=2.3"})


def test_several_changes_on_one_line_are_made_at_once() -> None:
    text = "dependencies: [numpy=1.26, scipy=1.13, numpy<2]\n"
    changes: dict[KeyPath, str] = {NUMPY: "=2.3", ("dependencies", "numpy", 1): ">=1,<3"}

    rewritten = rewrite(manifest_of(text), decode("environment.yml", text.encode()), changes)

    assert rewritten == 'dependencies: [numpy=2.3, scipy=1.13, "numpy>=1,<3"]\n'
