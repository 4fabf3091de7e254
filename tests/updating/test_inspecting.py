"""An inspection asks for the files that it needs, in portions that whoever gives them can hold, each once."""

from collections.abc import Mapping
from typing import cast

import pytest

from bot.errors import ConfigurationError
from bot.updating import inspecting
from bot.updating.inspecting import Engine, OwnInspection
from bot.updating.inspection import Manners

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


async def test_what_other_repositories_say_is_asked_for_where_it_can_be_read() -> None:
    named = b'extends: ["github>acme/base"]\n'
    files = {
        ".github/condabot.yml": named,
        "github>acme/.github": b"prConcurrentLimit: 5\nlabels: [acme]\n",
        "github>acme/base": b'extends: ["github>acme/below"]\ntimezone: Europe/Berlin\n',
        "github>acme/below": b"dependencyDashboard: true\n",
        "environment.yml": MANIFEST,
    }
    inspection = OwnInspection(cast("Engine", None))

    shown = {path: len(text) for path, text in files.items() if path not in {"github>acme/base", "github>acme/below"}}
    rounds = [await inspection.listed(shown)]
    while rounds[-1]:
        rounds.append(await inspection.given({path: files[path] for path in rounds[-1]}))

    assert rounds[:3] == [
        (".github/condabot.yml", "github>acme/.github"),
        ("github>acme/base",),
        ("github>acme/below",),
    ]
    assert await inspection.manners() == Manners(limit=5, timezone="Europe/Berlin", dashboard=True)


async def test_who_cannot_read_other_repositories_is_told() -> None:
    with pytest.raises(ConfigurationError, match="cannot be read here"):
        await asked({".github/condabot.yml": b'extends: ["github>acme/base"]\n'})


async def test_a_preset_that_cannot_be_had_is_told() -> None:
    inspection = OwnInspection(cast("Engine", None))
    await inspection.listed({".github/condabot.yml": 1, "github>acme/.github": 0})
    named = b'extends: ["github>acme/base"]'
    wanted = await inspection.given({".github/condabot.yml": named, "github>acme/.github": b""})

    assert wanted == ("github>acme/base",)
    with pytest.raises(ConfigurationError, match=r"has no condabot\.yml that condabot may read"):
        await inspection.given({})


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


async def test_who_owns_files_is_read_where_somebody_wants_to_know() -> None:
    files = {"CODEOWNERS": b"* @octocat\n", "docs/CODEOWNERS": b"", "environment.yml": MANIFEST}
    wants = {".github/condabot.yml": b"reviewersFromCodeOwners: true\n"}

    assert await asked(files) == [("environment.yml",)]
    assert await asked({**files, **wants}) == [
        (".github/condabot.yml",),
        ("CODEOWNERS",),
        (".github/condabot.yml", "environment.yml"),
    ]


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


async def test_what_is_wrong_in_what_the_organisation_says_does_not_count_there() -> None:
    inspection = OwnInspection(cast("Engine", None))
    await inspection.listed({".github/condabot.yml": 1, "github>acme/.github": 1})

    await inspection.given(
        {".github/condabot.yml": b"timezone: Europe/Berlin\n", "github>acme/.github": b"labels: 1\n"}
    )

    assert await inspection.manners() == Manners(timezone="Europe/Berlin")
