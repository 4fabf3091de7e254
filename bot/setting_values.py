"""What the text of one setting must look like: each function reads a value, or says which variable is wrong and how.

Raises everywhere:
    SettingsError: the value is wrong; the message names the variable and what it must look like.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.errors import SettingsError
from bot.networks import is_web_url

HIGHEST_PORT: Final = 65_535


def require_web_url(text: str, *, key: str) -> str:
    """Return *text*, the value of the setting *key*.

    Raises:
        SettingsError: it is not an http(s) URL, or holds a user name or a password.

    """
    if "@" in text:
        raise SettingsError("holds a user name or password; put it into CONDABOT_CREDENTIALS_FILE", key=key)
    if not is_web_url(text):
        raise SettingsError(f"{text!r} is not an http(s) URL", key=key)
    return text


def advisories_at(where: str, *, key: str) -> str:
    """Return *where*, the value of the setting *key*: a folder, or an http(s) URL.

    Raises:
        SettingsError: it is a URL of another kind, or holds a user name or a password.

    """
    return require_web_url(where, key=key) if "://" in where else where


def text_of(path: str, key: str, *, encoding: str = "utf-8") -> str:
    """Return what the file at *path* holds, which the setting *key* names."""
    try:
        return Path(path).read_text(encoding=encoding)
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read {path!r}: {_why(error)}", key=key) from error


def _why(error: Exception) -> str:
    """Return what is wrong with a file, without what is in it."""
    return str(error) if isinstance(error, OSError) else "it is not text in UTF-8"


def port_of(env: Mapping[str, str], name: str, *, default: int) -> int:
    """Return the port that the variable *name* says, *default* if it says none."""
    number = number_of(env, name, default=default)
    if number > HIGHEST_PORT:
        raise SettingsError(f"{number} is above {HIGHEST_PORT}, so it is no port", key=name)
    return number


def choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return which of *choices* the variable *name* says, the first if it says none."""
    text = env.get(name) or choices[0]
    if text not in choices:
        raise SettingsError(f"{text!r} is neither {' nor '.join(choices)}", key=name)
    return text


def number_of(env: Mapping[str, str], name: str, *, default: int) -> int:
    """Return the number above 0 that the variable *name* says, *default* if it says none."""
    text = env.get(name) or str(default)
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"{text!r} is not a whole number above 0", key=name)
    return int(text)
