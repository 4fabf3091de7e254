"""The post-receive hook of every repository: tells the server what a `git push` has moved.

Run by git as a program of its own, with the standard library only:
`python post_receive.py ADDRESS_FILE REPOSITORY_ID`, where the file holds the server's address. Git writes one line
`OLD NEW REFERENCE` to standard input for each reference. https://git-scm.com/docs/githooks#post-receive
"""

import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ANSWER_WITHIN_SECONDS = 30


def main(arguments: Sequence[str]) -> int:
    """Send standard input to the server; a server that is not there is reported to the person who pushes."""
    address = Path(arguments[0]).read_text(encoding="utf-8").strip()
    moves = sys.stdin.buffer.read()
    request = urllib.request.Request(f"{address}/{arguments[1]}", data=moves, method="POST")  # noqa: S310 - our own file
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_SECONDS):  # noqa: S310 - the same
            return 0
    except OSError as error:
        sys.stderr.write(f"The demo's GitHub did not hear of this push: {error}\n")
        return 1


if __name__ == "__main__":  # pragma: no cover - git runs it in a process of its own
    sys.exit(main(sys.argv[1:]))
