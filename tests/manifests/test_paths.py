"""Patterns of paths."""

import pytest

from bot.manifests.paths import first_match, is_annotated_path, matches_pattern


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a.yml", "*.yml", True),
        ("a/b.yml", "*.yml", False),
        ("a/b.yml", "**/*.yml", True),
        ("b.yml", "**/*.yml", True),
        ("a/b/c", "a/**", True),
        ("a", "a/**", False),
        ("a/b/c/d", "a/**/d", True),
        ("a/d", "a/**/d", True),
        ("ab", "a?", True),
        ("a/b", "a?b", False),
        ("x1", "x[0-9]", True),
        ("b.yml", "{a,b}.{yml,yaml}", True),
        ("c.yml", "{a,b}.yml", False),
        ("a{b", "a{b", True),
        ("a", "a/b/c", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("a/b", "a", False),
        ("a/b", "**/a", False),
        ("a/x/b/x/c", "a/**/b/**/c", True),
        ("a/x/c", "a/**/b/**/c", False),
        ("a", "**", True),
        ("bd", "{a,b}{c,d}", True),
        ("ab", "{a,b}{c,d}", False),
        ("xby", "x{a,b,}y", True),
        ("xy", "x{a,b,}y", True),
        ("A", "a", False),
    ],
)
def test_patterns_are_those_of_git_with_braces(path: str, pattern: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert matches_pattern(path, pattern) is expected


@pytest.mark.parametrize("pattern", ["**/" * 200 + "b", "a*" * 200 + "b", "{a,aa}" * 200, "[" * 500])
def test_no_pattern_takes_long(pattern: str) -> None:
    assert not matches_pattern("/".join(["a" * 100] * 40), pattern)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Dockerfile", True),
        ("docker/Dockerfile.gpu", True),
        ("build.sh", True),
        ("src/a.py", False),
        ("Makefile", True),
    ],
)
def test_annotations_are_looked_for_by_name(path: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_annotated_path(path) is expected


@pytest.mark.parametrize(("choice", "expected"), [("c99", True), ("c100", False)])
def test_of_the_choices_in_braces_the_first_hundred_count(choice: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert matches_pattern(choice, f"{{{','.join(f'c{number}' for number in range(101))}}}") is expected


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a/b.yml", "a/**"),
        ("b/b.yml", "**/b.yml"),
        ("c.toml", None),
    ],
)
def test_the_first_pattern_that_matches_is_told(path: str, pattern: str | None) -> None:
    assert first_match(path, ["a/**", "**/b.yml", "a/b.yml"]) == pattern
