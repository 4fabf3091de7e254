"""`condabot health`, `pause` and `resume`, as an operator calls them."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from bot.cli import commands
from bot.cli.presence import Presence, present
from bot.errors import BadInput

FILL = """
INSERT INTO installation (installation_id, account) VALUES (7, 'Acme');
INSERT INTO repository (repository_id, installation_id, full_name) VALUES (70, 7, 'Acme/App');
"""
STATE = """
SELECT installation.paused, repository.paused, wanted_at IS NOT NULL, (SELECT count(*) FROM halt)
FROM installation JOIN repository USING (installation_id)
"""


class Answers(BaseHTTPRequestHandler):
    """Is alive and not ready."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
        self.wfile.write(b"alive" if self.path == "/health" else b"the database does not answer")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def condabot(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(commands, arguments, env=environment)


def health(tmp_path: Path, *options: str) -> tuple[int, str]:
    result = condabot("health", *options, CONDABOT_RUN_DIR=str(tmp_path))
    return result.exit_code, result.output.strip()


def test_who_answers_is_well_and_need_not_be_ready(tmp_path: Path, port: int) -> None:
    with present(tmp_path, Presence(kind="serve", host="0.0.0.0", port=port)):  # noqa: S104 -- as in the image
        assert health(tmp_path) == (0, "alive")
        assert health(tmp_path, "--ready") == (1, "serve: the database does not answer")


def test_where_nothing_runs_nothing_is_well(tmp_path: Path) -> None:
    assert health(tmp_path) == (1, "no process of condabot runs here")
    with present(tmp_path, Presence(kind="serve", port=1)):
        pass
    assert health(tmp_path) == (1, "no process of condabot runs here")


def test_who_died_is_missed(tmp_path: Path, unused_tcp_port: int) -> None:
    with pytest.raises(ZeroDivisionError), present(tmp_path, Presence(kind="worker", port=unused_tcp_port)):
        raise ZeroDivisionError
    assert health(tmp_path) == (1, "worker: does not answer: ConnectionRefusedError")


def test_all_needs_both_its_parts(tmp_path: Path, port: int) -> None:
    with present(tmp_path, Presence(kind="all")), present(tmp_path, Presence(kind="serve", port=port)):
        assert health(tmp_path) == (1, "worker: does not run")
        with present(tmp_path, Presence(kind="worker")):
            assert health(tmp_path) == (1, "worker: does not listen (CONDABOT_HEALTH_PORT)")
        with present(tmp_path, Presence(kind="worker", port=port)):
            assert health(tmp_path) == (0, "alive")


def test_a_file_that_says_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "serve.json").write_text("{")
    result = condabot("health", CONDABOT_RUN_DIR=str(tmp_path))
    assert isinstance(result.exception, BadInput)
    assert "serve.json" in str(result.exception)


@pytest.fixture
def installed(database: str) -> Mapping[str, str]:
    with psycopg.connect(database) as connection:
        connection.execute(FILL.encode())
    return {"DATABASE_URL": database}


def state(installed: Mapping[str, str]) -> tuple[Any, ...] | None:
    with psycopg.connect(installed["DATABASE_URL"]) as connection:
        return connection.execute(STATE.encode()).fetchone()


@pytest.mark.parametrize(
    ("name", "paused", "resumed"),
    [
        ("acme", (True, False, False, 0), (False, False, False, 0)),
        ("acme/APP", (False, True, False, 0), (False, False, True, 0)),
        ("", (False, False, False, 1), (False, False, False, 0)),
    ],
)
def test_what_is_paused_goes_on(
    installed: Mapping[str, str], name: str, paused: tuple[object, ...], resumed: tuple[object, ...]
) -> None:
    named = (name,) if name else ()
    for _ in range(2):
        result = condabot("pause", *named, **installed)
        assert result.exit_code == 0, result.output
        assert state(installed) == paused
    said = condabot("resume", *named, **installed).output
    assert state(installed) == resumed
    if not name:
        assert "stopped since" in said
        assert "the operator paused it" in said
        assert condabot("resume", **installed).output == "nothing had stopped writes\n"


@pytest.mark.parametrize("command", ["pause", "resume"])
@pytest.mark.parametrize("name", ["nobody", "acme/nothing", "acme/app/x"])
def test_nobody_is_paused_by_a_name_that_is_not_known(installed: Mapping[str, str], command: str, name: str) -> None:
    result = condabot(command, name, **installed)
    assert isinstance(result.exception, BadInput)
    assert name in str(result.exception)
