"""How every process ends that has had py-rattler at work."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

FAILED = 1
"""The exit code of Python itself for an exception that nobody caught."""


def run_and_leave(main: Callable[[], object], *, unread: int = FAILED) -> NoReturn:
    """Run *main* and end the process as soon as everything is said, without the interpreter's shutdown.

    Threads of py-rattler may still be at work then. One that comes back for the interpreter's lock while that is shut
    down aborts the process, whatever its exit code was to be: https://docs.python.org/3.11/c-api/init.html (the caution
    below `PyGILState_Ensure`). The exit code is that of `sys.exit` in *main*, or Python's own for an exception, which
    is printed as Python does it; *unread* where it would be 0 and what was printed reaches nobody.
    """
    _open_what_is_closed()
    code = _code_of(main)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or unread
    os._exit(code)


def _open_what_is_closed() -> None:
    """Let what is said go nowhere where there is no stdout or stderr at all: Python has none for `>&-`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 -- to the very end


def _code_of(main: Callable[[], object]) -> int:
    try:
        main()
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            return ending.code or 0
        sys.stderr.write(f"{ending.code}\n")
        return FAILED
    except BaseException:  # noqa: BLE001 -- the outermost frame of the process
        traceback.print_exc()
        return FAILED
    return 0
