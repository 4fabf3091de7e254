"""Text from outside does nothing on GitHub but be read."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.rendering.markdown import LONGEST_BLOCK, block, code, details, plain, table
from tests.rendering.github import effects, shown, tokens

HOSTILE = (
    "@octocat",
    "see acme/team#12",
    "fixes #1",
    "GH-7 and gh-8",
    "_GH-7",
    "https://evil.example/x",
    "www.evil.example",
    "(WWW.evil.example)",
    "ftp://evil.example",
    "mail me@evil.example",
    "[text](https://evil.example)",
    "[text]: https://evil.example",
    "![](https://evil.example/pixel.png)",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "</details><script>",
    "<!-- condabot:1 AAAA -->",
    "&lt;b&gt; &#64;octocat",
    "`code` ``@octocat`` `",
    "``` \n@octocat",
    "a | b |\n@octocat | #1",
    "\\@octocat \\\\@octocat",
    "\\| @octocat",
    "`\\| @octocat",
    "@\u200boctocat",
    "\u202e#1",
    "$\\unicode{64}octocat$",
    "5f2d1c9aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5",
    "acme/team@5f2d1c9",
    "`5f2d1c9aa0",
    "closes https://github.com/acme/team/issues/1",
)
hostile = st.lists(
    st.sampled_from(HOSTILE) | st.text(alphabet="`\\|@#<>[]()!*_~&:.w1a \n\u200b", max_size=8) | st.text(max_size=8),
    max_size=5,
).map("".join)


def a_cell(text: str) -> str:
    return table(("a", "b"), [(plain(text), code(text)), (code(text), plain(text))])


def a_line(text: str) -> str:
    return f"- {code(text)} stays {code(text)}: {plain(text)}."


WAYS: tuple[Callable[[str], str], ...] = (code, plain, block, a_cell, a_line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello @octocat", "mention @o"),
        ("in 5f2d1c9", "commit 5f2d1c9"),
        ("in `5f2d1c9` and 5f2d1c", None),
        ("closes github.com/a/b/issues/1", "address of an issue github.com/a/b/issues/"),
        ("`code` @octocat", "mention @o"),
        ("\\@octocat", "mention @o"),
        ("acme/team#12", "reference #1"),
        ("GH-7", "reference GH-7"),
        ("see https://evil.example", "web address https://e"),
        ("(www.evil.example)", "web address www.e"),
        ("me@evil.example", "mail address me@evil.e"),
        ("a <b>", "html_inline <b>"),
        ("<div>", "html_block <div>"),
        ("[a](b)", "link_open {'href': 'b'}"),
        ("![](b)", "image {'src': 'b', 'alt': ''}"),
        ("`@octocat #1 <b>`", None),
        ("```\n@octocat\n```", None),
        ("\\<b> \\https:x", None),
    ],
)
def test_the_oracle_knows(text: str, expected: str | None) -> None:
    assert next(iter(effects(text)), None) == expected


@settings(max_examples=80)
@given(hostile)
@example("\\| `@octocat")
@example("`\\|@octocat")
@example("w\u00adww.evil.example")
def test_nothing_that_is_rendered_links_loads_opens_mentions_or_refers(text: str) -> None:
    assert {render.__name__: effects(render(text)) for render in WAYS} == {render.__name__: [] for render in WAYS}


@given(hostile)
def test_what_is_rendered_can_be_read_as_it_was(text: str) -> None:
    words = " ".join("".join(each for each in text if each.isprintable() or each.isspace()).split())
    assume(words and all(unicodedata.category(each)[0] != "C" for each in words))

    assert shown(code(words)) == words
    assert shown("x " + plain(words)).removeprefix("x ").strip() == words


@given(hostile, hostile)
def test_a_table_has_its_rows_and_columns_whatever_is_in_them(left: str, right: str) -> None:
    text = table(("one", "two"), [(plain(left), code(right)), (code(left), plain(right))])

    found = [each.type for each in tokens(text)]

    assert found.count("tr_open") == 3
    assert found.count("td_open") == 4
    assert found[0] == "table_open"
    assert found[-1] == "table_close"


@given(hostile)
def test_a_block_is_one_block_and_what_follows_is_outside(text: str) -> None:
    found = [each.type for each in tokens(f"{block(text)}\n\nend")]

    assert found[0] == "fence"
    assert found[1:] == ["paragraph_open", "inline", "text", "paragraph_close"]


def test_a_pipe_is_shown_in_a_cell_and_outside_of_one() -> None:
    assert shown(code("a|b")) == "a|b"
    assert "a|b" in shown(table(("x",), [(code("a|b"),)]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "", id="nothing is nothing"),
        pytest.param(" \n ", "", id="so is white space"),
        pytest.param("numpy", "`numpy`", id="a name"),
        pytest.param("a\nb", "`a b`", id="lines become one"),
        pytest.param("a`b", "`` a`b ``", id="a backtick inside makes the fence longer"),
        pytest.param("``", "``` `` ```", id="longer than any run inside"),
        pytest.param("a\u202eb\u00ad\ud800", "`ab`", id="what hides or turns text is left out"),
    ],
)
def test_code(text: str, expected: str) -> None:
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("numpy 2.4.6 is 3 days old", "numpy 2.4.6 is 3 days old", id="plain words stay as they are"),
        pytest.param("numpy >=1.22,<2.5", "numpy \\>=1.22,\\<2.5", id="what could be markup gets a backslash"),
        pytest.param("@me", "\\@\u200bme", id="a mention gets a zero-width space as well"),
        pytest.param("gh-7", "gh-\u200b7", id="and so does a reference"),
        pytest.param("in 5f2d1c9, not 5f2d1c", "in `5f2d1c9`, not 5f2d1c", id="a commit is code"),
        pytest.param("www.x.example", "www\\.x.example", id="a bare address is none any more"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_a_block_says_a_repeated_line_once_and_ends() -> None:
    assert block("a\na\nb\na") == "```text\na\nb\na\n```"
    assert block("x" * (LONGEST_BLOCK + 1)) == f"```text\n{'x' * LONGEST_BLOCK}\n```"
    assert block("```\n````") == "`````text\n```\n````\n`````"
    assert block("- [x] <!-- mark -->") == "```text\n- [x] <!\u200b-- mark -->\n```"


def test_details_fold_markdown_under_a_summary() -> None:
    text = details("All of it", block("x"))

    assert re.fullmatch(r"<details><summary>All of it</summary>\n\n```text\nx\n```\n\n</details>", text)
