"""Paths as text, for messages that cross a process border: msgspec knows everything else that does.

What a hook of msgspec does not know it tells by NotImplementedError (https://jcristharif.com/msgspec/extending.html).
"""

from pathlib import Path
from typing import Any


def to_plain(value: Any) -> str:
    """Return the text that stands for *value*.

    Raises:
        NotImplementedError: it is nothing that crosses a process border.

    """
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} does not cross the process border")


def from_plain(kind: type, value: Any) -> Path:
    """Return the *kind* that *value* stands for.

    Raises:
        NotImplementedError: it is nothing that crosses a process border.

    """
    if kind is Path:
        return Path(value)
    raise NotImplementedError(f"{kind.__name__} does not cross the process border")
