"""uv in a process of its own: told everything, inheriting nothing, bounded in time, memory and words.

Its home is the folder of the question, so it finds no configuration, no credentials and no netrc. It reaches the
network by the proxy of the egress policy, where there is one.
"""

import asyncio
import math
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.children.bounds import MEBIBYTE
from bot.errors import SolverFailed

ALLOWED: Final = frozenset({"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE", "SYSTEMROOT"})
"""What of the process's environment uv is given: the way out, and whom to trust there."""

MOST_WORDS: Final = 200_000
_FOLDERS: Final = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
_OUT_OF_MEMORY: Final = "memory allocation of"


@dataclass(frozen=True, slots=True, kw_only=True)
class UvLimits:
    """Bounds of a resolution: `seconds` in all, `memory` and the largest `file` of a process in bytes.

    An index that does not answer is asked `again` that often.
    """

    seconds: float = 120
    memory: int = 2048 * MEBIBYTE
    file: int = 1024 * MEBIBYTE
    again: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended: its exit status, and what it said."""

    status: int
    words: str


def uv_environment(environment: Mapping[str, str], folder: Path, *, again: int, macos: str = "") -> dict[str, str]:
    """Return the environment of uv in *folder*; *macos* is the oldest macOS that wheels are wanted for."""
    kept = {name: value for name, value in environment.items() if name.upper() in ALLOWED}
    target = {"MACOSX_DEPLOYMENT_TARGET": macos} if macos else {}
    own = {"PATH": "", "UV_HTTP_RETRIES": str(again), "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}
    return {**kept, **dict.fromkeys(_FOLDERS, str(folder)), **own, **target}


async def run(command: Sequence[str], folder: Path, environment: Mapping[str, str], limits: UvLimits) -> Ended:
    """Run *command* in *folder* and wait for its end; when this is cancelled, it and its children are killed.

    Raises:
        SolverFailed: it needed more than *limits* allow, or was killed; the message is a sentence.

    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env=dict(environment), cwd=folder, start_new_session=True
    )
    try:
        _bound(process.pid, limits)
        words = await _words(process)
        status = await process.wait()
    finally:
        await _kill(process)
    if status < 0 or _OUT_OF_MEMORY in words:
        raise SolverFailed(_death(status, words, limits.memory))
    return Ended(status=status, words=words)


async def _words(process: Process) -> str:
    """Return what *process* says until it ends, cut at `MOST_WORDS` bytes."""
    stderr = process.stderr
    assert stderr is not None  # noqa: S101 -- started with PIPE
    found = bytearray()
    while data := await stderr.read(MOST_WORDS):
        found += data[: MOST_WORDS - len(found)]
    return found.decode(errors="replace")


def _death(status: int, words: str, memory: int) -> str:
    if _OUT_OF_MEMORY in words:
        return f"The resolver of PyPI packages needed more than {memory // MEBIBYTE} MB of memory."
    return f"The resolver of PyPI packages stopped before it was done (signal {signal.Signals(-status).name})."


async def _kill(process: Process) -> None:
    """End what still runs of the group of *process*, and wait until the process is gone."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            _kill_group(process)
        await asyncio.shield(process.wait())


if sys.platform == "win32":

    def _kill_group(process: Process) -> None:
        process.kill()

else:

    def _kill_group(process: Process) -> None:
        os.killpg(process.pid, signal.SIGKILL)


if sys.platform == "linux":
    import resource

    def _bound(pid: int, limits: UvLimits) -> None:
        """Bound what the process may allocate (RLIMIT_DATA: not what is mapped), write to one file, and how it runs."""
        with suppress(ProcessLookupError):
            bounds = (
                (resource.RLIMIT_DATA, limits.memory),
                (resource.RLIMIT_FSIZE, limits.file),
                (resource.RLIMIT_CPU, math.ceil(limits.seconds)),  # also where nobody is left to stop it
            )
            for kind, bound in bounds:
                hard = resource.prlimit(pid, kind)[1]
                resource.prlimit(pid, kind, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))

else:

    def _bound(_pid: int, _limits: UvLimits) -> None:
        """Leave it unbounded: only Linux bounds another process. Time is bounded."""
