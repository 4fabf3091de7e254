"""Sentences about units: which units they are about."""

import pytest

from bot.model.manifest import PlatformName, Subdir
from bot.updating.survey.unit_sentences import about_units, is_about
from tests.planning.toy import LINUX, unit


@pytest.mark.parametrize(
    ("name", "platforms", "expected"),
    [
        pytest.param("default", ["linux-64"], True, id="the one that it names"),
        pytest.param("default", ["osx-arm64", "linux-64"], True, id="one of several"),
        pytest.param("default", ["linux-64-cuda", "osx-64"], False, id="other platforms"),
        pytest.param("default-2", ["linux-64"], False, id="another environment"),
    ],
)
def test_a_sentence_is_about_the_units_that_it_begins_with(name: str, platforms: list[str], expected: bool) -> None:  # noqa: FBT001 - a table
    sentence = about_units([name], map(PlatformName, platforms), "does not solve on win-64 as it stands")

    assert is_about(sentence, unit(subdir=LINUX)) is expected
    assert not is_about(sentence, unit(subdir=Subdir("win-64")))
    assert not is_about("default is on linux-64", unit(subdir=LINUX))


@pytest.mark.parametrize("said", ["does not solve as it stands: no anvil", "is not judged: nobody knows"])
def test_what_is_said_of_several_is_about_each_of_them(said: str) -> None:
    sentence = about_units(["py311", "default"], [LINUX, PlatformName("osx-arm64")], said)

    assert is_about(sentence, unit(subdir=LINUX))
    assert is_about(sentence, unit(subdir=LINUX, name="py311"))
    assert not is_about(sentence, unit(subdir=LINUX, name="py31"))
    assert sentence.startswith(
        ("py311, default on linux-64, osx-arm64 do", "py311, default on linux-64, osx-arm64 are")
    )
