"""What is answered in pull requests: short, inert, and a patch that comes out as it went in."""

import re

import pytest

from bot.jobs.spoken import spoken
from bot.model.command import Verb
from bot.rendering import answers
from bot.rendering.answers import LONGEST_PATCH, Offer
from tests.rendering.github import effects

HERE = Offer(locks=("pixi.lock",), why="it is so", url="https://github.example/acme/app", branch="main")
PATCH = "diff --git a/pixi.lock b/pixi.lock\n--- a/pixi.lock\n+++ b/pixi.lock\n@@ -1 +1 @@\n-```@octo </details>\n+b\n"


HOSTILE = "@octo <img src=x> [a](https://x.example) #1 www.x.example\n</details>"


@pytest.mark.parametrize(
    "said",
    [
        answers.help_text(HOSTILE),
        answers.not_relocked([HOSTILE]),
        answers.not_relocked([HOSTILE] * 30),
        answers.in_step([HOSTILE]),
        answers.declined([HOSTILE], "line"),
        answers.declined([HOSTILE] * 30, "package"),
        answers.unexplained(HOSTILE, HOSTILE),
        answers.explained(HOSTILE, HOSTILE, ""),
        answers.afresh(HOSTILE),
        answers.relocked(locks=[HOSTILE], commit="", merge=HOSTILE, summary="", problems=[HOSTILE]),
    ],
)
def test_nothing_that_others_wrote_acts(said: str) -> None:
    assert effects(said) == []


def test_the_commands_that_help_names_are_understood() -> None:
    for command, _ in answers.COMMANDS:
        found = spoken(command.replace("PACKAGE", "numpy"))
        assert found is not None
        assert (found.verb is Verb.HELP) is (command == "/condabot help")
        assert found.argument != command


def test_a_patch_stands_in_a_fence_that_it_cannot_end() -> None:
    said = answers.offered(HERE, patch=PATCH, summary="", problems=())

    found = re.search(r"^(`{3,})diff\n(.*?)^\1$", said, re.DOTALL | re.MULTILINE)
    assert found is not None
    assert found[1] == "````"
    assert found[2] == PATCH
    assert "git apply relock.patch" in said


@pytest.mark.parametrize("patch", ["", "x" * (LONGEST_PATCH + 1)])
def test_what_is_too_large_says_what_to_do(patch: str) -> None:
    said = answers.offered(HERE, patch=patch, summary="", problems=())

    assert "too large for a comment" in said
    assert len(said) < 1_000


def test_the_longest_answer_fits_into_a_comment() -> None:
    said = answers.offered(HERE, patch="x" * LONGEST_PATCH, summary="y" * 8_000, problems=["*" * 9_000] * 30)

    assert len(said) < 65_536


def test_commands_to_copy_are_quoted() -> None:
    offer = Offer(locks=("a b/pixi.lock",), why="", url="https://x", branch="main; rm -rf ~", base="1" * 40)

    said = answers.offered(offer, patch=PATCH, summary="", problems=())

    assert "git fetch https://x 'main; rm -rf ~'" in said
    assert "git add -- 'a b/pixi.lock'" in said


def test_what_is_not_judged_elsewhere_is_one_clause() -> None:
    said = answers.in_step([f"{number}/pixi.lock" for number in range(22)])

    assert answers.in_step(()) == answers.IN_STEP
    assert said.startswith("Every lock that can be judged is in step with its manifest: there is nothing to relock. ")
    assert said.endswith(" Not judged, and not touched here: " + said[said.index("`0/") :])
    assert said.endswith(", `19/pixi.lock` and 2 more.")


def test_what_was_not_solved_beside_what_was_is_said() -> None:
    said = answers.relocked(locks=("a", "b"), commit="1" * 40, merge="", summary="rows", problems=["c: no"])

    assert said.startswith("`a`, `b` are in step again: ")
    assert said.endswith("Not relocked:\n\n- c\\: no\n\nrows")
