"""Where packages come from, in words: nothing of a stranger's acts in a body."""

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from bot.model.manifest import PackageName
from bot.model.provenance import (
    Attestation,
    Attested,
    MovedArchive,
    MovedProvenance,
    PackageSource,
    Provenance,
    ProvenanceChange,
)
from bot.rendering.provenance import is_alarming, provenance_changes, provenance_fold, recipe_changes
from bot.rendering.room import PARAGRAPH

MOVE = MovedArchive(
    name=PackageName("tool"), old_version="1.0", new_version="1.1", old_url="https://a/1", new_url="https://a/2"
)
KNOWN = Provenance(
    sources=(PackageSource(url="https://files.example/tool-1.1.tar.gz", sha256="a" * 64, patches=("one.patch",)),),
    recipe="recipe.yaml",
    feedstock="https://github.com/conda-forge/tool-feedstock",
    commit="b" * 40,
    run="azure_1",
    maintainers=("ann", "ben", "carl", "dora"),
    scripts=("etc/conda/activate.d/tool.sh",),
    commands=("tool",),
    licenses=("LICENSE",),
    build_number=3,
    lists_files=True,
)


def moved(after: Provenance | None, *changes: ProvenanceChange) -> MovedProvenance:
    return MovedProvenance(move=MOVE, before=None, after=after, changes=changes)


def test_what_is_alarming_comes_first_and_stands_out() -> None:
    calm, alarming = ProvenanceChange(sentence="it is so"), ProvenanceChange(sentence="it moved", is_alarming=True)

    every = [moved(KNOWN, calm), moved(KNOWN, alarming)]

    assert provenance_changes(every).splitlines()[2:] == ["- **it moved.**", "- it is so."]
    assert (is_alarming(every), is_alarming(every[:1])) == (True, False)
    assert provenance_changes([moved(KNOWN)]) == ""


def test_the_fold_says_of_each_package_what_is_stated() -> None:
    text = provenance_fold([moved(KNOWN), moved(Provenance()), moved(None)])

    row, empty = (line for line in text.splitlines() if line.startswith("| `tool`"))
    assert row == (
        "| `tool` `1.1`, build 3 | `https://files.example/tool-1.1.tar.gz` (sha256 `aaaaaaaaaaaa`, 1 patches) "
        "| `recipe.yaml`<br>`https://github.com/conda-forge/tool-feedstock` at `bbbbbbbbbbbb`<br>CI run `azure_1` "
        "| `ann`, `ben`, `carl`, 1 more | `LICENSE` | scripts: `etc/conda/activate.d/tool.sh`<br>commands: `tool` "
        "| none |"
    )
    assert empty == "| `tool` `1.1` |" + " not stated |" * 5 + " none |"
    assert "Not read: `tool`." in text
    assert "| nothing of its own |" in provenance_fold([moved(Provenance(lists_files=True))])
    assert provenance_fold([moved(None)]) == ""


@pytest.mark.parametrize(
    ("attestation", "cell"),
    [
        (None, "none"),
        (Attestation(state=Attested.NONE), "none"),
        (Attestation(state=Attested.OK, signer="https://github.com/a/b"), "ok, by `https://github.com/a/b`"),
        (Attestation(state=Attested.UNKNOWN, reason="@x <b>"), "unknown: \\@\u200bx \\<b\\>"),
    ],
)
def test_who_published_it_is_in_the_fold(attestation: Attestation | None, cell: str) -> None:
    text = provenance_fold([replace(moved(KNOWN), attestation=attestation)])

    assert text.splitlines()[4].endswith(f" | {cell} |")


def test_words_of_strangers_do_not_act() -> None:
    hostile = Provenance(maintainers=("@everybody", "`|</details>", "fixes #1"))
    change = ProvenanceChange(sentence="tool is by @everybody now, <b>fixes #1</b>")

    text = PARAGRAPH.join([provenance_changes([moved(hostile, change)]), provenance_fold([moved(hostile)])])

    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert rendered.count("</details>") == 1
    assert "<b>" not in rendered
    assert "tool is by @\u200beverybody now" in rendered


def rebuilt(change: str) -> MovedProvenance:
    old, new = "https://a/tool-1.0-0.conda", "https://a/tool-1.0-1.conda"
    move = MovedArchive(name=MOVE.name, old_version="1.0", new_version="1.0", old_url=old, new_url=new)
    known = Provenance(recipe_text="x")
    return MovedProvenance(move=move, before=known, after=known, recipe_change=change)


def test_what_differs_in_the_recipe_of_a_rebuild_is_shown() -> None:
    shown, folded = recipe_changes([rebuilt("-  number: 0\n+  number: 1"), moved(KNOWN)])

    assert shown == (
        "**Recipe of `tool-1.0-0.conda` -> `tool-1.0-1.conda`:**\n\n```diff\n-  number: 0\n+  number: 1\n```"
    )
    assert folded == ""
    assert recipe_changes([rebuilt("")]) == ("**Built again from the same recipe:** `tool`.", "")
    assert recipe_changes([moved(KNOWN), moved(None)]) == ("", "")


def test_of_many_rebuilds_the_recipes_are_folded() -> None:
    shown, folded = recipe_changes([rebuilt("+a")] * 3)

    assert shown == ""
    assert folded.startswith("<details><summary>Recipes that changed (3)</summary>")


def test_a_recipe_does_not_act() -> None:
    shown, _ = recipe_changes([rebuilt("+```\n+</details><!-- x --> @everybody fixes #1 \u202e")])

    rendered = MarkdownIt("commonmark", {"html": True}).render(shown)
    assert rendered.count("<pre>") == 1
    assert rendered.count("</p>") == 1
    assert "<!--" not in shown
    assert "\u202e" not in shown
