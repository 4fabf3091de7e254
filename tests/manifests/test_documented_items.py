"""The tables of docs/manifests.md that say what is made of an item are true: each example in them is read."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.manifests import extract

DOCUMENT = (Path(__file__).parents[2] / "docs" / "manifests.md").read_text(encoding="utf-8")

EXAMPLE = re.compile(r"`([^`]+)`")
ROW = re.compile(r"^\| (.+?) \| (.+) \|$", re.MULTILINE)
# What opens a section, or tells files apart, is no item itself.
SECTIONS = ("- pip:", "[dependencies.numpy]", "[package]", "[workspace]")


def in_environment(example: str) -> str:
    if example.startswith("["):
        return f"dependencies: {example}\n"
    item = f"- {example}".replace("- - ", "- ").replace("- # ", "- numpy=1.26  # ")
    return f"x: &anchor scipy\nchannels: []\ndependencies:\n{item}\n"


def in_pip(example: str) -> str:
    return f"dependencies:\n- pip:\n  - {example}\n"


def in_pixi(example: str) -> str:
    entry = re.sub("= …", '= "x"', example)
    return f"[dependencies]\n{entry}\n" if entry.startswith("numpy") else f"[dependencies]\nnumpy = {entry}\n"


TABLES: list[tuple[str, str, Callable[[str], str]]] = [
    ("## `environment.yml`", "environment.yml", in_environment),
    ("In a `pip:` list:", "environment.yml", in_pip),
    ("## `pixi.toml` and `[tool.pixi]`", "pixi.toml", in_pixi),
]


def examples() -> list[tuple[str, str, str, str | None]]:
    """Return each example of the tables: the path and the text of a file with it, and the reason to leave it alone."""
    found: list[tuple[str, str, str, str | None]] = []
    for title, path, written_in in TABLES:
        table = DOCUMENT.partition(title)[2].partition("|---|---|\n")[2].partition("\n\n")[0]
        for written, made in ROW.findall(table):
            reasons = EXAMPLE.findall(made) if made.startswith("left alone") else [None]
            plain = [each for each in EXAMPLE.findall(written) if each not in SECTIONS]
            found += [
                (each, path, written_in(each).replace("…", "x"), reasons[min(number, len(reasons) - 1)])
                for number, each in enumerate(plain)
            ]
    return found


EXAMPLES = examples()


def test_the_tables_are_found() -> None:
    assert len(EXAMPLES) > 50
    assert {None, "path", "not-text"} <= {reason for _, _, _, reason in EXAMPLES}


@pytest.mark.parametrize(
    ("path", "text", "reason"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES]
)
def test_what_the_document_says_of_an_item_is_made_of_it(path: str, text: str, reason: str | None) -> None:
    manifest = extract(path, text.encode())

    assert manifest is not None
    assert manifest.dependencies
    for dependency in manifest.dependencies:
        assert (dependency.skip and dependency.skip.reason) == reason
