"""Two releases side by side: what a start applies, what waits for the operator, and what a newer database means."""

import logging
import re
from collections.abc import Sequence

import psycopg
import pytest

from bot.errors import SettingsError
from bot.store import migrate as runner
from bot.store.migrate import CONTRACTS, Migration, Until, migrate, version

FIRST_RELEASE = frozenset({"0001_app.sql", "0002_wants.sql", "0003_budgets.sql", "0004_names.sql"})
"""Files from before the rule: nothing older than these was ever released."""

TAKES_AWAY = {
    "drops what the release before reads": r"\bDROP\s+(?!INDEX\b|TRIGGER\b|DEFAULT\b|NOT\s+NULL\b)\w+",
    "renames": r"\bRENAME\b",
    "gives a column another type": r"\bALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE\b",
    "refuses rows that the release before writes": r"\bSET\s+NOT\s+NULL\b|\bADD\s+CONSTRAINT\b",
    "has a column that the release before does not fill": (
        r"\bADD\s+COLUMN\b(?:(?!,|;|DEFAULT|GENERATED).)*\bNOT\s+NULL\b(?:(?!,|;|DEFAULT|GENERATED).)*[,;]"
    ),
}

EXPANDS = Migration(name="9001_more.sql", sql="CREATE TABLE more (id bigint)", contracts=False)
CONTRACTION = Migration(name="9002_less.sql", sql="DROP TABLE IF EXISTS wave", contracts=True)
LATER = Migration(name="9003_again.sql", sql="CREATE TABLE again (id bigint)", contracts=False)


def wrong(sql: str) -> list[str]:
    text = re.sub(r"--.*", "", sql)
    return [why for why, pattern in TAKES_AWAY.items() if re.search(pattern, text, re.IGNORECASE | re.DOTALL)]


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> "Release":
    return Release(monkeypatch)


class Release:
    """Which files of ours a release has, beside those that there are."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._files = runner._our_files()

    def has(self, *more: Migration) -> None:
        self._patch.setattr(runner, "_our_files", lambda: (*self._files, *more))


def names(conninfo: str) -> Sequence[str]:
    with psycopg.connect(conninfo) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM migration ORDER BY applied_at, name")]


def test_a_file_that_takes_something_away_says_why_in_a_line_of_its_own() -> None:
    bad = {
        each.name: wrong(each.sql)
        for each in runner._our_files()
        if each.name not in FIRST_RELEASE and not CONTRACTS.search(each.sql)
    }

    assert {name: found for name, found in bad.items() if found} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE wave;",
        "ALTER TABLE run DROP COLUMN log;",
        "ALTER TABLE run RENAME log TO lines;",
        "ALTER TABLE run ALTER COLUMN log TYPE text;",
        "ALTER TABLE run ALTER log SET NOT NULL;",
        "ALTER TABLE run ADD COLUMN more text NOT NULL;",
        "ALTER TABLE run ADD COLUMN fine text NOT NULL DEFAULT '', ADD COLUMN more text NOT NULL;",
    ],
)
def test_what_takes_something_away_is_seen(sql: str) -> None:
    assert wrong(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE more (id bigint PRIMARY KEY, name text NOT NULL);",
        "ALTER TABLE run ADD COLUMN more text, ADD COLUMN other text NOT NULL DEFAULT '';",
        "DROP INDEX run_started_at; CREATE INDEX run_started_at ON run (started_at, id);",
        "-- DROP TABLE run is not done\nSELECT 1;",
    ],
)
def test_what_only_adds_is_let_be(sql: str) -> None:
    assert wrong(sql) == []


def test_a_new_database_gets_everything_and_counts_the_files_of_the_queue_as_applied(
    empty_database: str, release: Release
) -> None:
    release.has(EXPANDS, CONTRACTION)

    applied = migrate(empty_database)

    found = version(empty_database)
    assert applied == ("procrastinate", *(each.name for each in runner._our_files()))
    assert (found.pending, found.unknown) == ((), ())
    assert sum(name.startswith("procrastinate/") for name in names(empty_database)) == len(runner._queue_files())


def test_a_start_applies_what_adds_and_leaves_the_rest_to_the_operator(database: str, release: Release) -> None:
    release.has(EXPANDS, CONTRACTION)

    at_a_start = migrate(database)
    waiting = version(database).pending
    by_the_operator = migrate(database, until=Until.END)

    assert (at_a_start, waiting, by_the_operator) == (("9001_more.sql",), ("9002_less.sql",), ("9002_less.sql",))
    assert version(database).pending == ()


def test_nothing_is_applied_out_of_order(database: str, release: Release) -> None:
    release.has(CONTRACTION, LATER)

    with pytest.raises(SettingsError, match=r"9002_less.sql waits .* stop them all, then `condabot db migrate`"):
        migrate(database)

    assert version(database).pending == ("9002_less.sql", "9003_again.sql")
    assert migrate(database, until=Until.END) == ("9002_less.sql", "9003_again.sql")


def test_the_release_before_goes_on_with_a_database_that_has_more(
    database: str, release: Release, caplog: pytest.LogCaptureFixture
) -> None:
    release.has(EXPANDS)
    migrate(database)
    release.has()

    with caplog.at_level(logging.WARNING):
        assert migrate(database) == ()

    assert version(database).unknown == ("9001_more.sql",)
    assert "newer than this release, and has what this one needs: 9001_more.sql" in caplog.text


def test_the_release_before_does_not_start_on_a_database_that_has_less(database: str, release: Release) -> None:
    release.has(EXPANDS, CONTRACTION)
    migrate(database, until=Until.END)
    release.has()

    with pytest.raises(SettingsError, match=r"DATABASE_URL: the database is too new .* 9002_less.sql"):
        migrate(database)


def test_a_newer_queue_is_upgraded_by_its_own_files(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Migration(
        name="procrastinate/99.00.00_01_pre_more.sql",
        sql="ALTER TABLE procrastinate_jobs ADD COLUMN more text",
        contracts=False,
    )
    files = runner._queue_files()
    monkeypatch.setattr(runner, "_queue_files", lambda: (*files, new))

    assert migrate(database) == (new.name,)
    assert migrate(database) == ()


def test_a_database_from_before_the_ledger_of_the_queue_is_not_upgraded_twice(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM migration WHERE name LIKE 'procrastinate/%'")
        connection.execute("ALTER TABLE migration DROP COLUMN contracts")

    assert version(database).pending == ()
    assert migrate(database) == ()
    assert version(database).pending == ()


def test_asking_for_the_version_changes_nothing(empty_database: str) -> None:
    found = version(empty_database)

    assert (found.applied, found.unknown) == ((), ())
    assert found.pending[-1] == runner._our_files()[-1].name
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT to_regclass('migration')").fetchone() == (None,)
