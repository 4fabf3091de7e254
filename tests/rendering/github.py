"""An oracle for what GitHub would make of a text: links, images, tags, people who are told, issues that are named.

Two steps, as on GitHub: Markdown with raw HTML becomes HTML, bare addresses being links as the GFM specification says;
then mentions and references are looked for in what is left outside of code, where no backslash stands any more.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

# https://github.github.com/gfm/#autolinks-extension-: web addresses are found before escapes are undone, mail's after.
WEB_ADDRESS = re.compile(r"(?:https?|ftp)://\S|(?<![\w/.])www\.\S", re.IGNORECASE)
AFTERWARDS = {
    "mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w-]", re.IGNORECASE),
    "mention": re.compile(r"(?<![\w`])@[a-z0-9]", re.IGNORECASE),
    "reference": re.compile(r"#\d|gh-\d", re.IGNORECASE),
    "address of an issue": re.compile(
        r"github\.com/[^/\s]+/[^/\s]+/(?:issues|pull|discussions|commit)/", re.IGNORECASE
    ),
    # https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls#commit-shas
    "commit": re.compile(r"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])", re.IGNORECASE),
}
ACTIVE = {"link_open", "image", "html_inline", "html_block"}
ELSEWHERE = " "

# Without `text_join` an escaped character is a token of its own, `text_special`.
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("text_join")


def effects(text: str) -> list[str]:
    """Return what *text* would do on GitHub beside being read."""
    found = [f"{each.type} {each.attrs or each.content}" for each in tokens(text) if each.type in ACTIVE]
    for token in PARSER.parse(text):
        found += _in_running_text(token.children or [])
    return found


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def shown(text: str) -> str:
    """Return what a reader sees of *text*, code included."""
    kinds = {"text", "text_special", "code_inline", "fence"}
    return "".join(token.content for token in tokens(text) if token.type in kinds).replace("\u200b", "")


def _in_running_text(children: list[Token]) -> Iterator[str]:
    written = "".join(each.content if each.type == "text" else ELSEWHERE for each in children)
    seen = "".join(each.content if each.type in {"text", "text_special"} else ELSEWHERE for each in children)
    yield from (f"web address {match[0]}" for match in WEB_ADDRESS.finditer(written))
    for kind, pattern in AFTERWARDS.items():
        yield from (f"{kind} {match[0]}" for match in pattern.finditer(seen))
