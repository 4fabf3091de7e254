"""An inspection asks for the files that it needs, in portions that whoever gives them can hold, each once."""

from collections.abc import Mapping
from typing import cast

import pytest

from bot.errors import ConfigurationError
from bot.updating import inspecting
from bot.updating.inspecting import Engine, OwnInspection

MANIFEST = b"dependencies: [a]\n"
PROJECT = b"name: p\nenvironments:\n  e: [elsewhere/needs.conf]\n"


async def asked(files: Mapping[str, bytes]) -> list[tuple[str, ...]]:
    """Return what is wanted of *files*, round by round."""
    inspection, rounds = OwnInspection(cast("Engine", None)), list[tuple[str, ...]]()
    wanted = await inspection.listed({path: len(content) for path, content in files.items()})
    while wanted:
        rounds.append(wanted)
        wanted = await inspection.given({path: files[path] for path in wanted})
    return rounds


async def test_the_configuration_comes_first_and_what_files_name_last() -> None:
    files = {
        ".github/condabot.yml": b"ignorePaths: [old/**]\n",
        "README.md": b"",
        "conda-project.yml": PROJECT,
        "elsewhere/needs.conf": MANIFEST,
        "old/environment.yml": MANIFEST,
        "environment.yml": MANIFEST,
    }

    rounds = await asked(files)

    assert rounds[0] == (".github/condabot.yml",)
    assert "environment.yml" in rounds[1]
    assert rounds[2:] == [("elsewhere/needs.conf",)]
    assert not any("old/environment.yml" in each or "README.md" in each for each in rounds)


async def test_where_nothing_is_wanted_nobody_is_asked() -> None:
    assert await asked({"README.md": b""}) == []
    assert await asked({"environment.yml": MANIFEST}) == [("environment.yml",)]


async def test_files_are_wanted_in_portions_and_a_larger_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "GIVEN_AT_ONCE", 2 * len(MANIFEST))
    small = {f"{each}/environment.yml": MANIFEST for each in "acd"}
    large = {"b/environment.yml": MANIFEST * 5}

    assert await asked(small | large) == [
        ("a/environment.yml",),
        ("b/environment.yml",),
        ("c/environment.yml", "d/environment.yml"),
    ]


async def test_a_wrong_configuration_is_refused_before_anything_else_is_read() -> None:
    with pytest.raises(ConfigurationError):
        await asked({".github/condabot.yml": b"ignoreDep: [a]\n", "environment.yml": MANIFEST})
