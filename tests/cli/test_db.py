"""`condabot db` as an operator calls it."""

import json
import stat
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import run

PAUSED = "INSERT INTO installation (installation_id, account, paused) VALUES (7, 'acme', true)"


@pytest.fixture
def operated(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    return empty_database


@pytest.mark.usefixtures("operated")
def test_what_is_left_to_apply_is_said_and_applied() -> None:
    before, applied, after, again = (run("db", each) for each in ("version", "migrate", "version", "migrate"))

    assert (before.code, before.stdout) == (1, "0 migrations are applied: the database is new\n")
    assert (applied.code, applied.stdout.splitlines()[:2]) == (0, ["applied procrastinate", "applied 0001_app.sql"])
    assert (after.code, "migrations are applied, the last is" in after.stdout) == (0, True)
    assert (again.code, again.stdout) == (0, "nothing was left to apply\n")


def test_what_cannot_be_found_out_again_goes_to_a_file_of_its_owner_and_back(operated: str, tmp_path: Path) -> None:
    run("db", "migrate")
    with psycopg.connect(operated) as connection:
        connection.execute(PAUSED)
    file = tmp_path / "condabot.jsonl"

    dumped = run("db", "dump", str(file))
    with psycopg.connect(operated) as connection:
        connection.execute("DELETE FROM installation")
    restored = run("db", "restore", str(file))

    assert (dumped.code, dumped.stderr, restored.code, restored.stderr) == (0, "lines: 1\n", 0, "lines: 1\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [json.loads(line)["type"] for line in file.read_text().splitlines()] == ["dump", "installation", "end"]
    with psycopg.connect(operated) as connection:
        assert connection.execute("SELECT installation_id, paused FROM installation").fetchall() == [(7, True)]


@pytest.mark.usefixtures("operated")
def test_a_dump_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.dump._lines", broken)
    (tmp_path / "old.jsonl").write_text("old")

    ended = run("db", "dump", str(tmp_path / "old.jsonl"))

    assert (ended.code, ended.stderr) == (2, "condabot: No space left on device\n")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("old.jsonl", "old")]


def broken(_: object) -> object:
    raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("operated")
def test_a_file_that_is_no_dump_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("{}\n")

    nowhere, other = (run("db", "restore", str(tmp_path / each)) for each in ("nowhere", "other"))

    assert (nowhere.code, nowhere.stderr) == (2, f"condabot: {tmp_path / 'nowhere'}: No such file or directory\n")
    assert other.code == 2
    assert f"{tmp_path / 'other'}:1: this is no line of a dump" in other.stderr
