"""`condabot config`, as a person runs it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.config import command
from bot.errors import BadInput


def ran(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, words, catch_exceptions=False)
    return result.exit_code, result.output


def test_what_is_right_is_right_and_what_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    assert ran("check", str(tmp_path)) == (0, "There is no configuration: the defaults count.\n")

    file = tmp_path / ".github" / "condabot.yml"
    file.parent.mkdir()
    file.write_text("labels: [a]\n")
    assert ran("check", str(tmp_path)) == (0, ".github/condabot.yml is right.\n")

    file.write_text("labels: a\n\nprPriority: 1\n")
    code, output = ran("check", str(tmp_path))
    assert (code, [each.split(" ")[0] for each in output.splitlines()]) == (
        3,
        [".github/condabot.yml:1:", ".github/condabot.yml:3:"],
    )


def test_another_bots_file_is_found_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="there is no configuration of Renovate here"):
        ran("from-renovate")

    (tmp_path / "renovate.json").write_text('{"labels": ["a"], "npmrc": ""}')
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "dependabot.yml").write_text(
        "version: 2\nupdates: [{package-ecosystem: conda, directory: /, cooldown: {default-days: 5}}]\n"
    )

    assert ran("from-renovate") == (0, "# not taken over: npmrc: condabot has no such key\nlabels:\n- a\n")
    assert ran("from-renovate", "renovate.json")[1].endswith("labels:\n- a\n")
    assert ran("from-dependabot") == (0, "minimumReleaseAge: 5 days\n")


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "renovate.json").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(BadInput, match="is not UTF-8"):
        ran("from-renovate", str(tmp_path / "renovate.json"))
