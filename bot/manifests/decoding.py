"""Bytes -> text, for manifests: UTF-8 with or without a byte order mark, half a megabyte at most.

The mark stays in the text as its first character, and line ends stay as they are, so that encoding the text again
gives the same bytes.
"""

import codecs
from typing import Final

from bot.errors import ManifestError

MAX_BYTES: Final = 500_000
"""The largest manifest that is read. The largest one seen in the wild has 30 kB."""

BYTE_ORDER_MARK: Final = "\ufeff"

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(path: str, content: bytes) -> str:
    """Return *content* as text.

    Raises:
        ManifestError: it is too large or not UTF-8; the sentence names the encoding as far as that can be told.

    """
    if len(content) > MAX_BYTES:
        raise ManifestError(f"has {len(content)} bytes; condabot reads manifests up to {MAX_BYTES}", path=path)
    if encoding := _foreign_encoding(content):
        raise ManifestError(f"is encoded as {encoding}; save it as UTF-8, which conda and pixi read", path=path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ManifestError(
            f"is not UTF-8 (byte 0x{content[error.start]:02x}); save it as UTF-8, which conda and pixi read",
            path=path,
            line=line,
        ) from error


def _foreign_encoding(content: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    # UTF-16 without a mark: every other byte of Latin text is zero, which no manifest in UTF-8 holds.
    return "UTF-16" if b"\x00" in content[:4] else None
