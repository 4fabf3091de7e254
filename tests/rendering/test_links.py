"""A link leads to a public host over https, and tells nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.links import change_link, link, linked
from tests.rendering.github import effects


@pytest.mark.parametrize(
    "url",
    [
        "http://numpy.org",
        "//numpy.org",
        "numpy.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@numpy.org",
        "https://user:secret@numpy.org/",
        "https://numpy.org:8443/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://localhost/",
        "https://numpy.org/a b",
        "https://numpy.org/a)b",
        "https://numpy.org/\\x",
        "https://numpy.org/<b>",
        "https://numpy.org/&copy;",
        "https://numpy.org/%zz",
        "https://nümpy.org/",
        "https://numpy.org/\n",
        "https://github.acme.example/o/r/issues/1",
        f"https://numpy.org/{'a' * 500}",
        "https://[",
        "",
    ],
)
def test_what_is_no_plain_https_url_of_a_public_host_is_no_link(url: str) -> None:
    assert linked(url) == ""
    assert link("`a`", url) == "`a`"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://numpy.org", "https://numpy.org"),
        ("https://NumPy.org./doc?a=1&b=2#c", "https://numpy.org/doc?a=1&b=2#c"),
        ("https://github.com/numpy/numpy", "https://github.com/numpy/numpy"),
        ("https://www.github.com/numpy/numpy/", "https://github.com/numpy/numpy/"),
        ("https://github.com/numpy/numpy/issues/1", "https://redirect.github.com/numpy/numpy/issues/1"),
        ("https://github.com/numpy/numpy?x=/issues/1", "https://redirect.github.com/numpy/numpy?x=/issues/1"),
        ("https://redirect.github.com/o/r/pull/1", "https://redirect.github.com/o/r/pull/1"),
    ],
)
def test_the_way_to_a_public_host(url: str, expected: str) -> None:
    assert linked(url) == expected
    assert linked(expected) == expected


def test_without_words_there_is_no_link() -> None:
    assert link("", "https://numpy.org") == ""


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_repository_and_no_tag_makes_more_than_one_link(repository: str, before: str, after: str) -> None:
    url = f"https://github.com/{repository}"

    assert len(effects(change_link("words", url, before, after))) <= 1


@pytest.mark.parametrize(
    ("repository", "before", "after", "expected"),
    [
        ("https://github.com/a/b", "v1", "v2", "[x](https://github.com/a/b/compare/v1...v2)"),
        ("https://github.com/a/b", "", "b/v2", "[x](https://github.com/a/b/releases/tag/b/v2)"),
        ("https://github.com/a/b", "v1", "", "x"),
        ("https://github.com/a/b", "v1", "../../issues", "x"),
        ("https://github.com/a/b", "v 1", "v2", "[x](https://github.com/a/b/releases/tag/v2)"),
        ("https://github.com/a/b/issues/1#", "v1", "v2", "x"),
        ("https://a/b", "v1", "v2", "x"),
        ("", "v1", "v2", "x"),
    ],
)
def test_what_changed_is_linked_by_plain_tags(repository: str, before: str, after: str, expected: str) -> None:
    assert change_link("x", repository, before, after) == expected
