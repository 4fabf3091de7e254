"""Log lines: whom they are about, that nobody forges one, and that nothing secret is in one."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from bot import logs
from bot.logs import About, JsonLines, ReadableLines, bind

FORGED = "a push\n2026-01-01 INFO bot: all is well\x1b[2J\u202e"


@pytest.fixture(autouse=True)
def unbound() -> Iterator[None]:
    yield
    bind(About())


def record(message: str, *, failed: bool = False) -> logging.LogRecord:
    info = None
    if failed:
        try:
            int("hunter2")
        except ValueError:
            info = sys.exc_info()
    made = logging.LogRecord("bot.jobs.attempt", logging.WARNING, "x.py", 1, "%s", (message,), info)
    made.created = 1_767_323_045.678
    return made


def hide(text: str) -> str:
    return text.replace("hunter2", "***")


def test_a_line_says_whom_it_is_about() -> None:
    bind(About(delivery="guid", run=7, repository="acme/app", installation=3))

    assert ReadableLines(str).format(record("limited")) == (
        "2026-01-02T03:04:05.678Z WARNING bot.jobs.attempt "
        "delivery=guid run=7 repository=acme/app installation=3: limited"
    )
    assert json.loads(JsonLines(str).format(record("limited"))) == {
        "time": "2026-01-02T03:04:05.678Z",
        "level": "warning",
        "logger": "bot.jobs.attempt",
        "message": "limited",
        "delivery": "guid",
        "run": 7,
        "repository": "acme/app",
        "installation": 3,
    }


def test_what_is_about_nothing_says_so() -> None:
    assert ReadableLines(str).format(record("begins")).endswith("bot.jobs.attempt: begins")
    assert "run" not in json.loads(JsonLines(str).format(record("begins")))


def test_nobody_forges_a_line() -> None:
    bind(About(repository="acme/app\nforged"))
    readable, as_json = ReadableLines(str).format(record(FORGED)), JsonLines(str).format(record(FORGED))

    assert "\n" not in readable + as_json
    assert "\x1b" not in readable + as_json
    assert "\u202e" not in readable + as_json
    assert json.loads(as_json)["message"] == FORGED


def test_what_is_secret_is_in_no_part_of_a_line() -> None:
    bind(About(repository="hunter2"))
    made = record("the password is hunter2", failed=True)

    for formatter in (ReadableLines(hide), JsonLines(hide)):
        line = formatter.format(made)
        assert "hunter2" not in line
        assert "ValueError" in line
        assert line.count("***") >= 3


async def test_tasks_that_run_together_are_each_about_their_own() -> None:
    async def work(run: int) -> str:
        bind(About(run=run))
        await asyncio.sleep(0)
        return ReadableLines(str).format(record("x"))

    lines = await asyncio.gather(work(1), work(2))

    assert ["run=1" in lines[0], "run=2" in lines[1]] == [True, True]
    assert "run" not in ReadableLines(str).format(record("x"))


def test_it_is_set_up_once_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers = []
    try:
        for as_json in (False, True):
            logs.set_up(as_json=as_json, redact=hide)
        logging.getLogger("bot").info("hunter2")
        logging.getLogger("httpx").info("GET https://api.github.example/")
    finally:
        root.handlers = before
        root.setLevel(level)

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "***"
