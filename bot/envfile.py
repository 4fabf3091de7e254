"""Files of environment variables, in the form that systemd, docker and dotenv agree on: `NAME=value`, a line for each.

https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
https://docs.docker.com/reference/cli/docker/container/run/#env
They differ in quotes, in what follows a `#` and in values of several lines: what is written here needs none of these.
"""

import re
from collections.abc import Mapping
from typing import Final

from bot.errors import SettingsError

_LINE: Final = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_SAFE: Final = re.compile(r"[A-Za-z0-9_./:@%+=,~-]*", re.ASCII)
QUOTES: Final = ('"', "'")


def parse(text: str, *, path: str) -> dict[str, str]:
    """Return the variables of the file at *path* with this *text*; one pair of quotes around a value is none of it.

    Raises:
        SettingsError: a line is none of this form; it is not repeated, for it may be part of a secret.

    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise SettingsError("this is not NAME=value", path=path, line=number)
        name, value = match.groups()
        found[name] = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in QUOTES else value
    return found


def is_safe(value: str) -> bool:
    """Say whether everybody reads *value* alike without quotes."""
    return _SAFE.fullmatch(value) is not None


def render(values: Mapping[str, str], heading: str) -> str:
    """Return the text of a file with *values* below *heading*.

    Raises:
        SettingsError: a value would have to be quoted.

    """
    for name, value in values.items():
        if not is_safe(value):
            raise SettingsError("has characters that would have to be quoted", key=name)
    return "".join([f"# {heading}\n", *(f"{name}={value}\n" for name, value in values.items())])
