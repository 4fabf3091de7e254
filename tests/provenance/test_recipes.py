"""What differs in the recipe of a package that was built again, however its recipe is written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.manifest import PackageName
from bot.model.provenance import MovedArchive, Provenance
from bot.provenance import read_provenance, recipe_change
from bot.provenance.recipes import MOST_COMPARED, MOST_SHOWN

REBUILT = MovedArchive(
    name=PackageName("tool"), old_version="1.0", new_version="1.0", old_url="c/n/tool-1.0-0", new_url="c/n/tool-1.0-1"
)
RECIPE = "package: {name: tool}\nbuild:\n  number: 0\n  script: make\nrequirements:\n  run: [python]\n"


def recipe(text: str, name: str = "meta.yaml") -> Provenance:
    return read_provenance({f"info/recipe/{name}": text.encode()})


def change(old: str, new: str) -> list[str]:
    return recipe_change(REBUILT, recipe(old), recipe(new)).splitlines()


def test_the_lines_that_differ_are_told_with_those_beside_them() -> None:
    new = RECIPE.replace("number: 0", "number: 1").replace("[python]", "[python, curl]")

    assert change(RECIPE, new) == [
        " build:",
        "-  number: 0",
        "+  number: 1",
        "   script: make",
        " requirements:",
        "-  run: [python]",
        "+  run: [python, curl]",
    ]
    assert change(RECIPE, RECIPE) == []


def test_of_what_is_rendered_the_recipe_counts_and_not_when_and_where_it_was_built() -> None:
    rendered = "recipe:\n  build:\n    number: {}\n  about: {{}}\nbuild_configuration:\n  timestamp: {}\n"

    old, new = (recipe(rendered.format(number, number), "rendered_recipe.yaml") for number in (1, 2))

    assert recipe_change(REBUILT, old, new).splitlines() == [
        " build:",
        "-    number: 1",
        "+    number: 2",
        "   about: {}",
    ]


def test_of_another_version_or_of_what_is_not_known_nothing_is_told() -> None:
    old, new = recipe(RECIPE), recipe(RECIPE.replace("make", "cmake"))

    assert recipe_change(replace(REBUILT, new_version="1.1"), old, new) == ""
    assert recipe_change(REBUILT, None, new) == ""
    assert recipe_change(REBUILT, old, Provenance()) == ""


def test_another_format_is_said_and_not_compared() -> None:
    text = recipe_change(REBUILT, recipe(RECIPE), recipe(RECIPE, "rendered_recipe.yaml"))

    assert text == "meta.yaml -> rendered_recipe.yaml: written in another format"


@pytest.mark.parametrize("lines", [MOST_SHOWN + 5, MOST_COMPARED + 1])
def test_much_is_cut(lines: int) -> None:
    new = RECIPE + "".join(f"# {each}\n" for each in range(lines))

    told = change(RECIPE, new)

    assert len(told) <= MOST_SHOWN + 1
    assert told[-1] in {"... 6 more lines", f"0 lines -> {lines} lines: too much to compare"}


@given(st.lists(st.sampled_from("abc\t-@+"), max_size=30), st.lists(st.sampled_from("abc\t-@+"), max_size=30))
def test_what_is_removed_was_there_and_what_is_added_is(old: list[str], new: list[str]) -> None:
    before, after = (Provenance(recipe="meta.yaml", recipe_text="\n".join(lines)) for lines in (old, new))

    told = recipe_change(REBUILT, before, after).splitlines()

    assert {each[1:] for each in told if each.startswith("-")} <= set(before.recipe_text.splitlines())
    assert {each[1:] for each in told if each.startswith("+")} <= set(after.recipe_text.splitlines())
    if before.recipe_text and after.recipe_text and before.recipe_text.splitlines() != after.recipe_text.splitlines():
        assert told
