"""From the bytes of a lockfile to its text: what is no lockfile is told apart before any parser sees it."""

from typing import Final

from bot.edits import conflict_line
from bot.errors import LockError

MAX_BYTES: Final = 50_000_000
"""The largest lockfile that is read."""

MAX_LINES: Final = 1_000_000
"""The longest: counted before anything is parsed, which takes a minute for more. Real locks have up to 100,000."""

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_BYTE_ORDER_MARK = "\ufeff"


def text_of(path: str, content: bytes) -> str:
    """Return *content* as text, with its line ends as they are.

    Raises:
        LockError: it is too large or too long, a git-LFS pointer, not UTF-8, or holds merge-conflict markers.

    """
    if len(content) > MAX_BYTES:
        raise LockError(
            f"the lockfile has {len(content):,} bytes, more than the {MAX_BYTES:,} that condabot reads", path=path
        )
    if content.startswith(_LFS_POINTER):
        raise LockError(
            "this is a git-LFS pointer and not the lockfile itself: take lockfiles out of git LFS, they are text",
            path=path,
            line=1,
        )
    if (lines := content.count(b"\n")) > MAX_LINES:
        raise LockError(f"the lockfile has {lines:,} lines, more than the {MAX_LINES:,} that condabot reads", path=path)
    text = _decode(path, content)
    if line := conflict_line(text):
        raise LockError(
            "here is a merge-conflict marker: resolve the conflict, or take either side and lock again",
            path=path,
            line=line,
        )
    return text


def _decode(path: str, content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LockError("this is not UTF-8 text: save the lockfile as UTF-8", path=path, line=line) from error
    if text.startswith(_BYTE_ORDER_MARK):
        raise LockError("the file starts with a byte-order mark: save it as UTF-8 without one", path=path, line=1)
    return text
