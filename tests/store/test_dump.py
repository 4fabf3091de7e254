"""What cannot be found out again goes through a file, whole or not at all, into a database that may be in use."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from bot.errors import BadInput
from bot.store import dump as dumps
from bot.store.dump import dump, restore

SEEN = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)
FORGE = "https://conda.anaconda.org/conda-forge"
KNOWN = """
INSERT INTO installation (installation_id, account, paused) VALUES (7, 'acme', false), (8, 'noisy', true);
INSERT INTO repository (repository_id, installation_id, full_name, ticked, paused) VALUES
    (70, 7, 'acme/plain', false, false), (71, 7, 'acme/ticked', true, false), (80, 8, 'noisy/paused', false, true);
INSERT INTO halt (cause, sentence, at) VALUES ('person', 'the operator paused it', '2026-11-03 04:05:06+00');
INSERT INTO channel (url) VALUES ('https://conda.anaconda.org/conda-forge');
INSERT INTO channel_subdir (channel_id, subdir, form, etag) SELECT channel_id, 'noarch', 'shards', '"e"' FROM channel;
INSERT INTO channel_subdir (channel_id, subdir) SELECT channel_id, 'linux-64' FROM channel;
INSERT INTO channel_hash (subdir_id, name, hash, changed_at)
    SELECT subdir_id, 'old', '\\x0a', NULL FROM channel_subdir WHERE subdir = 'noarch';
INSERT INTO channel_hash (subdir_id, name, hash, changed_at)
    SELECT subdir_id, 'numpy', '\\x0b', '2026-11-03 04:05:06+00' FROM channel_subdir WHERE subdir = 'noarch';
"""
KINDS = ["installation", "repository", "repository", "halt", "subdir", "name", "name"]
HASHES = "SELECT name, hash, changed_at FROM channel_hash ORDER BY name"
CHOSEN = "SELECT full_name, ticked, paused FROM repository ORDER BY repository_id"
PAUSED = "SELECT installation_id, paused FROM installation ORDER BY installation_id"
SUBDIRS = "SELECT url, subdir, form, etag FROM channel_subdir JOIN channel USING (channel_id) ORDER BY subdir"


@pytest.fixture
def dumped(database: str) -> bytes:
    execute(database, KNOWN)
    return written(database)


def execute(conninfo: str, statements: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(statements.encode())


def rows(conninfo: str, query: str) -> Sequence[tuple[Any, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query.encode()).fetchall()


def written(conninfo: str) -> bytes:
    output = io.BytesIO()
    dump(conninfo, output)
    return output.getvalue()


def test_the_file_is_lines_of_json_between_a_first_and_a_last(dumped: bytes) -> None:
    first, *lines, last = (json.loads(line) for line in dumped.splitlines())

    assert first == {"type": "dump", "format": "condabot-dump", "version": 1}
    assert last == {"type": "end", "lines": 7}
    assert [each["type"] for each in lines] == KINDS
    assert lines[5] == {
        "type": "name",
        "channel": FORGE,
        "subdir": "noarch",
        "name": "numpy",
        "hash": "Cw==",
        "changed_at": "2026-11-03T04:05:06Z",
    }


def test_an_empty_database_gets_all_of_it_also_twice(dumped: bytes, empty_database: str) -> None:
    for _ in range(2):
        assert restore(empty_database, io.BytesIO(dumped), name="f") == 7

    assert rows(empty_database, HASHES) == [("numpy", b"\x0b", SEEN), ("old", b"\x0a", None)]
    assert rows(empty_database, CHOSEN) == [("acme/ticked", True, False), ("noisy/paused", False, True)]
    assert rows(empty_database, "SELECT cause, sentence, at FROM halt") == [("person", "the operator paused it", SEEN)]
    assert rows(empty_database, PAUSED) == [(7, False), (8, True)]
    assert written(empty_database) == dumped


def test_the_channel_is_asked_anew_after_that(dumped: bytes, empty_database: str) -> None:
    """With the ETag of then a channel would say that nothing is new, and what was released since would wake nobody."""
    restore(empty_database, io.BytesIO(dumped), name="f")

    assert rows(empty_database, SUBDIRS) == [(FORGE, "noarch", "shards", "")]


def test_what_was_seen_since_stays_and_what_was_seen_again_is_as_old_as_it_was(dumped: bytes, database: str) -> None:
    """A worker ran on the new database before that: to it all was there at first, but for one release."""
    execute(database, "UPDATE channel_hash SET changed_at = NULL")
    execute(database, "UPDATE channel_hash SET hash = '\\x0c', changed_at = '2026-11-30' WHERE name = 'old'")

    restore(database, io.BytesIO(dumped), name="f")

    assert rows(database, "SELECT name, hash FROM channel_hash ORDER BY name") == [("numpy", b"\x0b"), ("old", b"\x0c")]
    assert rows(database, "SELECT changed_at FROM channel_hash WHERE name = 'numpy'") == [(SEEN,)]


def test_it_is_read_and_written_piece_by_piece(
    dumped: bytes, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "AT_ONCE", 1)

    restore(empty_database, io.BytesIO(dumped), name="f")

    assert written(empty_database) == dumped


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(lambda _: b"", "the dump is not whole", id="empty"),
        pytest.param(lambda text: text.rsplit(b"\n", 2)[0] + b"\n", "its last line is missing", id="cut off"),
        pytest.param(lambda text: text[:-40], "f:8: this is no line of a dump", id="cut in a line"),
        pytest.param(lambda text: text.replace(b'"lines":7', b'"lines":8'), "missing or too many", id="a line is lost"),
        pytest.param(lambda text: b"{}\n" + text, "f:1: this is no line", id="something else"),
        pytest.param(lambda text: text.split(b"\n", 1)[1], "f:1: is no dump", id="without its first line"),
        pytest.param(lambda text: text.replace(b'"version":1', b'"version":2'), "of version 2; this", id="newer"),
        pytest.param(lambda text: b"\xff\n" + text, "f:1: this is no line", id="no text"),
    ],
)
def test_what_is_not_whole_changes_nothing(change: Any, sentence: str, dumped: bytes, empty_database: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        restore(empty_database, io.BytesIO(change(dumped)), name="f")

    assert rows(empty_database, "SELECT 1 FROM channel_hash UNION ALL SELECT 1 FROM installation") == []
