"""A process that leaves says everything first, and ends with the code that it would have had."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parent.parent
LEAVE = "import sys, threading; from bot.leaving import run_and_leave; run_and_leave({main}, unread=9)"


def leave(main: str, stdout: int | IO[str] = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LEAVE.format(main=main)]
    return subprocess.run(
        command, cwd=ROOT, env={}, check=False, text=True, stdout=stdout, stderr=subprocess.PIPE, timeout=60
    )


@pytest.mark.parametrize(
    ("main", "code", "said", "complaint"),
    [
        ("lambda: print('done')", 0, "done\n", ""),
        ("lambda: sys.exit(3)", 3, "", ""),
        ("lambda: sys.exit(None)", 0, "", ""),
        ("lambda: sys.exit('no such file')", 1, "", "no such file"),
        ("lambda: {}['gone']", 1, "", "KeyError: 'gone'"),
    ],
)
def test_the_exit_code_is_the_interpreters_own(main: str, code: int, said: str, complaint: str) -> None:
    ended = leave(main)

    assert (ended.returncode, ended.stdout) == (code, said)
    assert complaint in ended.stderr
    assert bool(ended.stderr) == bool(complaint)


def test_no_thread_is_waited_for() -> None:
    assert leave("lambda: threading.Thread(target=threading.Event().wait).start()").returncode == 0


def test_what_reaches_nobody_is_not_called_done() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as unread:
        assert leave("lambda: print('done')", stdout=unread).returncode == 9


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_without_a_stream_what_is_said_there_goes_nowhere(closed: str) -> None:
    main = f"lambda: (print('done', file=sys.{closed}), sys.exit(3))"
    command = [sys.executable, "-c", f"import sys; sys.{closed} = None; {LEAVE.format(main=main)}"]

    ended = subprocess.run(command, cwd=ROOT, env={}, check=False, capture_output=True, timeout=60)

    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"", b"")
