r"""Changes of text files as patches that `git apply` takes.

The form is git's own: lines end at `\n` and nowhere else, and a last line without one is marked.
https://git-scm.com/docs/diff-format#generate_patch_text_with_p
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

CONTEXT: Final = 3
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_UNSAFE: Final = re.compile(r'["\\\x00-\x1f\x7f]')
_OPEN_END: Final = "\\ No newline at end of file\n"


def patch(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return what changes from *before* to *after*, texts by path, as one patch; what is in *before* alone stays.

    A file that is in *after* alone is added.
    """
    changed = (path for path in sorted(after) if before.get(path) != after[path])
    return "".join(part for path in changed for part in _of_file(path, before.get(path), after[path]))


def _of_file(path: str, before: str | None, after: str) -> Iterator[str]:
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    end = "\t\n" if " " in path else "\n"  # else GNU patch takes what follows a blank for a date
    yield f"diff --git {old} {new}\n"
    if before is None:
        yield "new file mode 100644\n"
    yield f"--- {old}{end}" if before is not None else "--- /dev/null\n"
    yield f"+++ {new}{end}"
    hunks = difflib.unified_diff(_LINE.findall(before or ""), _LINE.findall(after), n=CONTEXT)
    for line in [*hunks][2:]:
        yield line if line.endswith("\n") else f"{line}\n{_OPEN_END}"


def _quoted(path: str) -> str:
    """Return *path* as git writes it: in quotes and with escapes where it has to."""
    if not _UNSAFE.search(path):
        return path
    escaped = _UNSAFE.sub(lambda found: "".join(f"\\{byte:03o}" for byte in found[0].encode()), path)
    return f'"{escaped}"'
