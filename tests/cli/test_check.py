"""`condabot check`: lines for people, a document for programs, and how it exits."""

import json
from datetime import timedelta

import pytest

from bot.demo.channel import CONDA_FORGE, DemoChannel, record
from bot.demo.samples import NAMES, sample_files
from tests.cli.conftest import ENVIRONMENT_YML, NOW, Condabot

ALL = "`--all` shows every line with its whole reason."


async def test_a_row_says_where_a_line_stands_and_what_solves(condabot: Condabot) -> None:
    before = condabot.read()

    ended = await condabot("check")

    assert ended.stdout.splitlines() == [
        "environment.yml",
        "  would move",
        "    6  alpha  1.0 -> 2.0  (=1.0 -> =2.0)",
        "  1 up to date",
        "",
        "2 dependencies in 1 file: 1 would move, 1 up to date. 0 s.",
        f"`condabot update {condabot.root}`, with the same channels, makes these changes. {ALL}",
    ]
    assert (ended.code, condabot.read()) == (0, before)


async def test_all_shows_what_is_up_to_date_as_well(condabot: Condabot) -> None:
    ended = await condabot("check", "--all")

    assert [line.split() for line in ended.stdout.splitlines() if line.startswith("    ")] == [
        ["6", "alpha", "1.0", "->", "2.0", "(=1.0", "->", "=2.0)"],
        ["7", "core", "2.0"],
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(ENVIRONMENT_YML, 1, id="there is something to update"),
        pytest.param(ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0"), 0, id="there is nothing"),
    ],
)
async def test_exit_code(condabot: Condabot, text: str, code: int) -> None:
    condabot.write({"environment.yml": text})

    assert (await condabot("check", "--exit-code")).code == code


async def test_what_is_held_back_says_why(condabot: Condabot) -> None:
    condabot.write({"environment.yml": ENVIRONMENT_YML.replace("core >=1.0", "beta=1.1")})

    ended = await condabot("check", "--json")

    alpha, beta = json.loads(ended.stdout)["dependencies"]
    assert (alpha["standing"], alpha["reachable"], alpha["newest"]) == ("update", "1.1", "2.0")
    assert "beta 1.1 needs core <2" in alpha["reason"] or "without beta =1.1 (environment.yml:7)" in alpha["reason"]
    assert beta["standing"] == "up-to-date"


async def test_the_document_has_every_line_of_the_manifest(condabot: Condabot) -> None:
    condabot.write({"docs/environment.yml": "name: docs\ndependencies: [oh\n"})

    document = json.loads((await condabot("check", "--json")).stdout)

    assert document["version"] == 1
    assert [(each["manifest"], each["line"], each["name"], each["spec"]) for each in document["dependencies"]] == [
        ("environment.yml", 6, "alpha", "=1.0"),
        ("environment.yml", 7, "core", ">=1.0"),
    ]
    assert [each["path"] for each in document["problems"]] == ["docs/environment.yml"]


async def test_a_channel_that_does_not_answer_is_said_and_the_exit_code_is_3(condabot: Condabot) -> None:
    condabot.channel["conda-forge"].failures[""] = 503

    ended = await condabot("check", "--exit-code")

    assert ended.code == 3
    assert "503" in ended.stdout
    assert "127.0.0.1" not in ended.stdout


async def test_a_channel_that_is_not_there_is_said_and_the_exit_code_is_3(condabot: Condabot) -> None:
    await condabot.channel.stop()

    ended = await condabot("check")

    assert ended.code == 3
    assert f"{CONDA_FORGE} cannot be reached" in ended.stdout


async def test_offline_it_works_from_a_warm_cache_and_says_so(condabot: Condabot) -> None:
    online = await condabot("check")
    await condabot.channel.stop()

    offline = await condabot("check", "--offline")

    assert offline.stdout == f"{online.stdout}offline: from cache\n"
    assert offline.code == 0


async def test_offline_without_a_cache_nothing_is_known(condabot: Condabot) -> None:
    ended = await condabot("check", "--offline")

    assert ended.code == 3
    assert "not in the cache" in ended.stdout
    assert condabot.channel["conda-forge"].requests == []


async def test_nothing_in_a_file_acts_on_the_terminal(condabot: Condabot) -> None:
    hostile = ENVIRONMENT_YML.replace("core >=1.0", '"core >=1.0 \\e]0;owned\\a[bold]x[/nope]"')
    condabot.write({"environment.yml": hostile, "[/x]/environment.yml": "dependencies: ["})

    ended = await condabot("check", "--all")

    assert "\x1b" not in ended.stdout
    assert "[bold]x[/nope]" in ended.stdout
    assert "[/x]/environment.yml\n  not judged\n" in ended.stdout


LARGE_SAMPLES = {"pixi-workspace", "conda-analysis"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.verify] if name in LARGE_SAMPLES else []) for name in NAMES]
)
async def test_every_sample_can_be_checked(condabot: Condabot, name: str) -> None:
    (condabot.root / "environment.yml").unlink()
    condabot.write(sample_files(name))
    async with DemoChannel() as channel:
        on_samples = Condabot(root=condabot.root, channel=channel)

        ended = await on_samples("check", "--json", "--exit-code")

    document = json.loads(ended.stdout)
    assert ended.code == 1
    assert document["problems"] == []
    assert {each["standing"] for each in document["dependencies"]} <= {
        "update",
        "up-to-date",
        "held-back",
        "left-alone",
    }
    assert condabot.read() == dict(sample_files(name))


async def test_a_young_release_is_named_with_its_day(condabot: Condabot) -> None:
    yesterday = int((NOW - timedelta(days=1)).timestamp() * 1000)
    condabot.channel["conda-forge"].publish([record("alpha", "3.0", timestamp=yesterday)])

    ended = await condabot("check")

    assert "alpha  1.0 -> 2.0  (=1.0 -> =2.0); 3.0 is 1 day old: due 2026-11-27" in ended.stdout


EXPLICIT = "an explicit list of package files (`@EXPLICIT`); it names no versions to move"


async def test_what_is_seen_and_not_managed_is_named_at_the_end(condabot: Condabot) -> None:
    condabot.write({f"recipes/{number}/meta.yaml": "package: {}\n" for number in range(7)})
    condabot.write({"ci/list.yml": "@EXPLICIT\n", "conda.toml": ""})

    ended = await condabot("check")

    recipes = ", ".join(f"recipes/{number}/meta.yaml" for number in range(5))
    assert ended.stdout.splitlines()[-5:-2] == [
        "Seen, not managed: conda.toml: a manifest of conda-workspaces, which is not supported.",
        f"Seen, not managed: {recipes} and 2 more: a recipe of conda-build; recipes are not managed.",
        f"Seen, not managed: ci/list.yml: {EXPLICIT}.",
    ]


async def test_a_folder_without_anything_says_what_was_looked_for(condabot: Condabot) -> None:
    condabot.write({"environment.yml": "name: x\n", "construct.yaml": "specs: []\n"})

    ended = await condabot("check")

    *seen, looked_for = ended.stdout.splitlines()
    assert looked_for.startswith("No dependency found. Looked for `pixi.toml`, `pyproject.toml` with `[tool.pixi]`, ")
    assert seen == [
        "Seen, not managed: construct.yaml: an installer of constructor; its `specs` are not managed.",
        "Seen, not managed: environment.yml: has no list under `dependencies`, so it is no environment.",
    ]
    assert ended.code == 0


async def test_that_nothing_is_there_is_said(condabot: Condabot) -> None:
    (condabot.root / "environment.yml").unlink()
    empty = await condabot("check")
    condabot.write({"junk": bytes(range(256)), "notes.txt": "numpy"})

    junk = await condabot("check")

    assert (empty.code, empty.stdout) == (junk.code, junk.stdout)
    assert empty.code == 0
    assert empty.stdout.startswith("No dependency found. Looked for `pixi.toml`, ")
    assert empty.stdout.endswith("; see docs/manifests.md. 0 s.\n")


async def test_stages_are_told_on_stderr_a_line_each(condabot: Condabot) -> None:
    ended = await condabot("check", "--json")

    assert ended.stderr.splitlines() == [
        "looking for manifests and locks",
        "reading 1 file",
        "repodata of 1 channel",
        "solving 1 environment as it stands",
        "searching for 1 update",
    ]
    assert json.loads(ended.stdout)["version"] == 1


async def test_caps_are_listed_with_what_they_cost(condabot: Condabot) -> None:
    capped = ENVIRONMENT_YML.replace("alpha=1.0", "alpha<2").replace("core >=1.0", "core <3")
    condabot.write({"environment.yml": capped})

    cost, without = "alpha <2 keeps out alpha 2.0 on linux-64", "Without it the environment solves with alpha 2.0"
    comment = 'Its comment says "first"'

    ended = await condabot("check", "--caps")

    assert ended.stdout.splitlines() == [
        f"environment.yml:6 {cost}. {without}. {comment}.",
        "environment.yml:7 core <3 keeps out nothing that is old enough.",
    ]
    assert ended.code == 0
    caps = json.loads((await condabot("check", "--caps", "--json")).stdout)["caps"]
    assert [(each["name"], each["releases"], each["solves"]) for each in caps] == [
        ("alpha", ["2.0"], True),
        ("core", [], None),
    ]


async def test_minimums_are_tried_and_those_that_are_not_true_are_listed(condabot: Condabot) -> None:
    condabot.write({"environment.yml": ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0")})

    ended = await condabot("check", "--floors")

    document = json.loads((await condabot("check", "--floors", "--json")).stdout)
    [alpha, core] = document["minimums"]
    untrue, count = ended.stdout.splitlines()
    assert untrue.startswith("environment.yml:7 core >=1.0 is not true in default on linux-64: core 1.0 does not solve")
    assert count == "1 of 2 minimums is true."
    assert ended.code == 0
    assert (alpha["is_true"], core["is_true"]) == (True, False)
    assert core["tried"] == [
        {"where": ["default on linux-64"], "lowest": "1.0", "alone": "2.0", "together": "2.0", "not_judged": ""}
    ]


@pytest.mark.parametrize("other", ["--caps", "--exit-code", "--locked"])
async def test_minimums_are_not_about_updates(condabot: Condabot, other: str) -> None:
    ended = await condabot("check", "--floors", other)

    assert ended.code == 2
    assert "leave the other options away" in ended.stderr


async def test_without_any_cap_it_is_said(condabot: Condabot) -> None:
    assert (await condabot("check", "--caps")).stdout == "No line of an environment caps a conda package.\n"


async def test_a_configuration_that_cannot_be_read_is_said_of_caps_too(condabot: Condabot) -> None:
    condabot.write({".github/condabot.yml": "nonsense: 1\n"})

    assert (await condabot("check", "--caps")).code == 3


async def test_a_terminal_that_is_said_to_have_no_columns_still_shows_something(
    condabot: Condabot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "0")

    assert "would move" in (await condabot("check")).stdout
