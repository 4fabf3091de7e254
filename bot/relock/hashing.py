"""The parent's side of `bot.relock.conda_lock`: a process for each question, with a folder and nothing else."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

import bot
from bot.model.content_hash import HashRequest, HashResult, NotHashed
from bot.relock.conda_lock import HashAnswer

_ROOT = Path(bot.__file__).parent.parent
_FOLDERS = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP")


class CondaLockHasher:
    """Asks conda-lock for content hashes, one question at a time; never raises for what is in the sources.

    `python` is an interpreter that has conda-lock; `seconds` is how long an answer may take. Of `environment` the
    process gets nothing but what Windows needs to start one: conda-lock compares what channels hold with its variables.
    """

    def __init__(
        self, *, python: str = sys.executable, seconds: float = 60, environment: Mapping[str, str] | None = None
    ) -> None:
        self._python = python
        self._seconds = seconds
        self._environment = {key: value for key, value in (environment or {}).items() if key.upper() == "SYSTEMROOT"}
        self._turn = asyncio.Semaphore()

    async def content_hashes(self, request: HashRequest) -> HashResult:
        """Return the hashes for *request*, or why there are none."""
        async with self._turn:
            with TemporaryDirectory(prefix="condabot-conda-lock-", ignore_cleanup_errors=True) as folder:
                return await self._ask(request, folder)

    async def _ask(self, request: HashRequest, folder: str) -> HashResult:
        process = await asyncio.create_subprocess_exec(
            *(self._python, "-s", "-P", "-m", "bot.relock.conda_lock"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={**self._environment, **dict.fromkeys(_FOLDERS, folder), "PATH": "", "PYTHONPATH": str(_ROOT)},
            cwd=folder,
        )
        try:
            async with asyncio.timeout(self._seconds):
                output, _ = await process.communicate(msgspec.json.encode(request))
        except TimeoutError:
            return NotHashed(reason=f"conda-lock did not finish within {self._seconds:g} seconds")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _result(output, process.returncode)


def _result(output: bytes, status: int | None) -> HashResult:
    try:
        return msgspec.json.decode(output, type=HashAnswer).result
    except msgspec.DecodeError:
        return NotHashed(reason=f"conda-lock stopped before it was done (exit status {status})")
