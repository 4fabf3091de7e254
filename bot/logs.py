"""Logging, set up in one place for every command: readable lines, or a JSON object in each.

Each record says which delivery, run, repository and installation it is about, where that was said with `bind`. Text
from outside cannot forge a line: in readable lines control characters are escapes, in JSON they are by nature.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TypeAlias

Redact: TypeAlias = Callable[[str], str]
"""Takes out of a text what nobody may read."""

_ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|\n")
"""Control characters, line ends, and what turns the direction of text: https://trojansource.codes"""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What records are about: ids of GitHub's and ours; 0 and empty where there is none."""

    delivery: str = ""
    run: int = 0
    repository: str = ""
    installation: int = 0

    @property
    def known(self) -> Mapping[str, str | int]:
        """Return what there is."""
        return {name: value for name, value in asdict(self).items() if value}


NOTHING = About()
_about: ContextVar[About] = ContextVar("about", default=NOTHING)


def bind(about: About) -> None:
    """Have the records of this task, from now on, say that they are about *about*.

    Who handles one request, one delivery or one run does so in a task of its own, which has a context of its own:
    https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
    """
    _about.set(about)


def set_up(*, as_json: bool, redact: Redact = str) -> None:
    """Log to stderr from INFO up, each line without what *redact* takes out."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(redact) if as_json else ReadableLines(redact))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # httpx tells of every request at INFO: those to GitHub are counted, and say nothing here.
    logging.getLogger("httpx").setLevel(logging.WARNING)


class _Lines(logging.Formatter):
    def __init__(self, redact: Redact) -> None:
        super().__init__()
        self._redact = redact

    def _traceback(self, record: logging.LogRecord) -> str:
        return self._redact(self.formatException(record.exc_info)) if record.exc_info else ""


class ReadableLines(_Lines):
    """`2026-01-02T03:04:05.678Z INFO bot.jobs.attempt run=7 repository=owner/name: what happened`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of *record*, and below it its traceback if it has one."""
        about = "".join(f" {name}={value}" for name, value in _about.get().known.items())
        head = f"{_moment(record)} {record.levelname} {record.name}{about}: {record.getMessage()}"
        line = _ACTING.sub(_escaped, self._redact(head))
        return "\n".join(filter(None, (line, self._traceback(record))))


class JsonLines(_Lines):
    """One JSON object a line: `time`, `level`, `logger`, `message`, what it is about, `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of *record*."""
        said = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._redact(record.getMessage()),
            **{
                name: self._redact(value) if isinstance(value, str) else value
                for name, value in _about.get().known.items()
            },
        }
        if traceback := self._traceback(record):
            said["traceback"] = traceback
        return json.dumps(said)


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
