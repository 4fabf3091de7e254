"""Release notes do nothing on GitHub but be read, and say what they said."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.model.pull_request import REBUILD_MARKER
from bot.rendering.foreign_markdown import LONGEST, excerpt
from bot.rendering.links import linked
from bot.rendering.markdown import details
from tests.rendering.github import effects, shown, tokens

ENOUGH = 100_000

ATTACKS = (
    "Closes #1",
    "fixes GH-12",
    "resolves owner/repo#5",
    "closes https://github.com/o/r/issues/1",
    "Fixes: https://www.github.com/o/r/pull/3",
    "@octocat hi, @org/team, (@a), @@b, \uff20octocat, a@b.example",
    "[x](https://github.com/o/r/issues/2)",
    "[@octocat](https://github.com/octocat)",
    "[x](https://user:secret@github.com/o/r/issues/1)",
    "[x](https://github.com\\@evil.example/)",
    "[x](http://evil.example) [x](//evil.example) [x](https://127.0.0.1/) [x](https://[::1]/) [x](https://evil.example:99)",
    "[x](javascript:alert\\(1\\)) [x](data:text/html,x) [x](JaVaScRiPt:alert)",
    '[x](<https://evil.example/a b> "title @octocat")',
    '[x][r]\n\n[r]: https://github.com/o/r/pull/1 "@octocat"',
    "<https://github.com/o/r/issues/9> <me@evil.example>",
    "![](https://evil.example/track.png) ![@octocat](https://evil.example/track.png)",
    "[![badge](https://evil.example/badge.svg)](https://evil.example/)",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<!-- condabot:1 AAAA 00 --> <!-- condabot:rebuild -->",
    "<!-- never closed",
    "<details><summary>@octocat</summary>",
    "</details></blockquote> **outside** </details>",
    "<a href='https://github.com/o/r/issues/1'>#1</a>",
    "@<b></b>octocat #<i></i>1 GH-<!-- -->2 5f2d<b></b>1c9",
    "&#64;octocat &commat;octocat &#35;1 &lt;b&gt;",
    "\\@octocat \\#1 \\<b>",
    "@\u200boctocat @\u00adoctocat g\u00adithub.com/o/r/issues/1",
    "\u202egnp.exe\u2066",
    "`@inline` ``a`b`` ```x```",
    "`a`5f2d1c9aa0`b`",
    "```\n@fenced #1",
    "~~~~\n```\n</details>\n",
    "    indented @octocat\n",
    "5f2d1c9 and 5f2d1c9aa0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5 o/r@5f2d1c9aa0 5f2d**1c9**",
    "- [ ] <!-- condabot:rebuild -->rebuild\n- [x] done",
    "```\n- [x] <!-- condabot:rebuild -->rebuild\n```",
    "# h1 @x\n## #2\nText\n===\n@y\n---",
    "| a | @b |\n|---|---|\n| #1 | `c|d` |",
    "~~@x~~ **@y** _#3_",
    "> [!WARNING]\n> @octocat",
    "$\\unicode{64}octocat$ :octocat: www.evil.example",
    "https://evil.example/x ftp://evil.example",
    "* a\n\n  > b\n  > * c\n  >   ```\n  >   @octocat",
    "1. a\n2. b\n\n\n99999999999. c",
    "2\\. @octocat\n\n\\- x\n\n\\> y",
)
HEAVY = (
    "a" * 70_000,
    "> " * 400 + "x",
    "*" * 5_000,
    "[" * 5_000,
    "`a" * 20_000,
    "[a](" * 9_000,
    "- " * 2_000,
    "|a" * 9_000,
)

hostile = st.lists(
    st.sampled_from((*ATTACKS, "\n", "\n\n", " ", "  ", "- ", "> ", "```\n", "| "))
    | st.text(alphabet="`\\\\|@#<>[]()!*_~&:.w1af \n\t-=+\u200b\u202e", max_size=12)
    | st.text(max_size=8),
    max_size=8,
).map("".join)

BOX = re.compile(r"\[[ xX]\]\s")
"""What the text of an item in a list begins with that is a box on GitHub; in code it is none."""
OURS = re.compile(r"link_open \{'href': '([^']+)'\}")


def live(text: str) -> list[str]:
    """Return what *text* would do on GitHub, but for links that lead to public hosts and tell nobody."""
    links = (OURS.fullmatch(each) for each in effects(text))
    return [
        each for each, found in zip(effects(text), links, strict=True) if not (found and linked(found[1]) == found[1])
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_known_attack_does_nothing(attack: str) -> None:
    text = excerpt(attack, ENOUGH).text

    assert live(text) == []
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u00ad]", text)


@settings(max_examples=300)
@given(hostile)
@example("`a`5f2d1c9aa0")
@example("- a\n\n  ```\n\n  b\n  ```")
def test_no_text_does_anything(markdown: str) -> None:
    assert live(excerpt(markdown, ENOUGH).text) == []


@settings(max_examples=200)
@given(hostile)
@example("```\n- [x] <!-- condabot:rebuild -->rebuild\n```")
def test_a_fold_ends_where_it_should_whatever_is_in_it(markdown: str) -> None:
    text = excerpt(markdown, ENOUGH).text

    found = list(tokens(f"{details('x', text or 'x')}\n\n- [ ] ours"))

    assert [each.content.strip() for each in found if each.type == "html_block"] == [
        "<details><summary>x</summary>",
        "</details>",
    ]
    assert not any(BOX.match(each.content) for each in tokens(text) if each.type == "inline")
    assert REBUILD_MARKER not in text


@settings(max_examples=100)
@given(hostile, st.integers(0, 400))
def test_an_excerpt_is_the_beginning_and_says_how_much_is_left_out(markdown: str, longest: int) -> None:
    whole, cut = excerpt(markdown, ENOUGH), excerpt(markdown, longest)

    assert len(cut.text) <= longest
    assert whole.text.startswith(cut.text)
    assert (cut.left_out == 0) == (cut.text == whole.text)


@pytest.mark.parametrize("markdown", HEAVY, ids=lambda text: text[:6])
def test_what_is_heavy_is_read_no_further_than_a_bound(markdown: str) -> None:
    found = excerpt(markdown, ENOUGH)

    assert len(found.text) <= 4 * LONGEST


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        pytest.param("# New\n\nText", "**New**\n\nText", id="headings are bold"),
        pytest.param("* a\n* b\n  * c", "- a\n- b\n  - c", id="lists stay lists"),
        pytest.param("3. a\n4. b", "1. a\n2. b", id="numbered ones too"),
        pytest.param("- a\n\n  b", "- a\n\n  b", id="an item may have paragraphs"),
        pytest.param("```py\nx\n```", "```text\nx\n```", id="code stays code"),
        pytest.param("a  \nb\nc", "a b c", id="lines become one"),
        pytest.param("> a\n>\n> b", "> a\n>\n> b", id="quotes stay quotes"),
        pytest.param("*a* **b** ~~c~~", "a b c", id="emphasis goes"),
        pytest.param("|a|b|\n|-|-|\n|c|`d`|", "| a | b |\n| --- | --- |\n| c | `d` |", id="tables stay tables"),
        pytest.param("<b>a</b> b<br>c", "a b c", id="tags go"),
        pytest.param("<ul>\n<li>a &amp; b</li>\n</ul>", "a \\& b", id="what is between tags stays"),
        pytest.param("a<!-- b -->c", "ac", id="comments go"),
        pytest.param("![a](https://x.example/y.png)", "a", id="of an image its description stays"),
        pytest.param(
            "[docs](https://numpy.org/doc/)", "[docs](https://numpy.org/doc/)", id="a link to a public host stays"
        ),
        pytest.param(
            "[#1](https://github.com/o/r/pull/1)",
            "[\\#\u200b1](https://redirect.github.com/o/r/pull/1)",
            id="one to a pull request tells nobody",
        ),
        pytest.param("[a](../x)", "a", id="a link that leads elsewhere goes"),
        pytest.param("\\- a\n\n1\\. b", "\\- a\n\n1\\. b", id="a paragraph stays one"),
        pytest.param("---\n\n***", "", id="rules go"),
    ],
)
def test_what_is_written(markdown: str, expected: str) -> None:
    assert excerpt(markdown, ENOUGH).text == expected


@given(st.text(alphabet="abc .,;", max_size=40))
def test_words_can_be_read_as_they_were(words: str) -> None:
    assert shown(excerpt(words.strip(), ENOUGH).text).split() == words.split()


def test_a_long_list_is_cut_between_its_items() -> None:
    found = excerpt("\n".join(f"- item {number}" for number in range(50)), 40)

    assert found.text == "- item 0\n- item 1\n- item 2\n- item 3"
    assert found.left_out == 46
