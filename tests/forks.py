"""Children of the bot forked from one process that has imported all they need, instead of started one by one.

To import what an inspector needs takes most of a second of a processor, which a test of a whole world would spend on
each child. A forked child runs the same `main` with the same variables, on a socket of its own, and is killed as any
other; that children are started as they are where condabot runs is proven where a test is marked `started`.
"""

import asyncio
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn, Self

from bot.children.starting import _ROOT, child_environment
from bot.leaving import run_and_leave

MODULES = ("bot.composition.inspector", "bot.relock.child", "httpcore", "anyio._backends._asyncio")
"""What children run, and what they import once they ask over HTTP."""

LONGEST = 64 * 1024
"""Bytes of a request: the name of a module, and variables."""

NUMBER = 4
"""Bytes of an id or a status."""


@dataclass(frozen=True, slots=True)
class Forked:
    """A forked child, with what `bot.children` uses of `asyncio.subprocess.Process`."""

    pid: int
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    _ended: asyncio.Task[int]

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def kill(self) -> None:
        if self._ended.done():
            raise ProcessLookupError
        os.kill(self.pid, signal.SIGKILL)

    async def wait(self) -> int:
        status = await asyncio.shield(self._ended)
        self.stdin.close()
        return status


class Forks:
    """The process that forks, seen from the tests: started when it is first wanted, gone at the end of `with`."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._control and self._server:
            self._control.close()
            self._server.wait()

    async def start_process(self, module: str, environment: Mapping[str, str]) -> Forked:
        """Fork a child that does what *module* does: stands in for `bot.children.starting.start_process`."""
        self._control = self._control or self._start()
        request = json.dumps([module, child_environment(environment)]).encode()
        pipe, its_pipe = socket.socketpair()
        report, its_report = socket.socketpair()
        with its_pipe, its_report:
            socket.send_fds(self._control, [request], [its_pipe.fileno(), its_report.fileno()])
        with ExitStack() as unless_started:  # if this is cancelled; the child ends with its pipe
            unless_started.callback(report.close)
            stdout, stdin = await _streams(pipe)
            unless_started.callback(stdin.close)
            reports, reporting = await _streams(report)
            unless_started.callback(reporting.close)
            pid = await _number(reports)
            unless_started.pop_all()
        return Forked(pid, stdin, stdout, asyncio.create_task(_status(reports, reporting)))

    def _start(self) -> socket.socket:
        control, its_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its_control:
            fd = its_control.fileno()
            command = [sys.executable, "-s", "-P", "-m", __name__, str(fd)]
            self._server = subprocess.Popen(command, env={"PYTHONPATH": str(_ROOT)}, cwd=_ROOT, pass_fds=[fd])
        return control


async def _streams(of: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_unix_connection(sock=of)
    except BaseException:
        of.close()
        raise


async def _status(reports: asyncio.StreamReader, reporting: asyncio.StreamWriter) -> int:
    try:
        return await _number(reports)
    finally:
        reporting.close()


async def _number(reports: asyncio.StreamReader) -> int:
    return int.from_bytes(await reports.readexactly(NUMBER), "big", signed=True)


def serve(control: socket.socket) -> None:
    """Fork who is asked for, and report how each of them ended, until nobody asks any more."""
    sys.modules["sniffio"] = None  # type: ignore[assignment] # httpcore looks for it on each request, on the whole path
    for each in MODULES:
        import_module(each)
    gc.collect()
    gc.freeze()  # what is never written to is never copied
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not control:
                    _report_end(selector, key)
                elif not _fork(selector, control):
                    return


def _fork(selector: selectors.BaseSelector, control: socket.socket) -> bool:
    """Fork a child; return whether one was asked for."""
    request, fds, *_ = socket.recv_fds(control, LONGEST, 2)
    if not request:
        return False
    module, environment = json.loads(request)
    pipe, report = (socket.socket(fileno=fd) for fd in fds)
    with pipe:
        pid = os.fork()
        if pid == 0:
            _become(module, environment, pipe.fileno(), selector)
    _send(report, pid)
    selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, report))
    return True


def _report_end(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    pid, report = key.data
    _, status = os.waitpid(pid, 0)
    selector.unregister(key.fd)
    os.close(key.fd)
    with report:
        _send(report, os.waitstatus_to_exitcode(status))


def _send(report: socket.socket, number: int) -> None:
    with suppress(ConnectionError):  # who asked was cancelled
        report.send(number.to_bytes(NUMBER, "big", signed=True))


def _become(module: str, environment: Mapping[str, str], pipe: int, selector: selectors.BaseSelector) -> NoReturn:
    """Go on as a child that was started with *environment* and with *pipe* as its stdin and stdout."""
    for key in selector.get_map().values():
        os.close(key.fd)
        if key.data:
            key.data[1].close()
    selector.close()
    os.dup2(pipe, 0)
    os.dup2(pipe, 1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)
    os.close(pipe)
    os.environ.clear()  # noqa: TID251 -- it sees what it was given, and nothing else
    os.environ.update(environment)  # noqa: TID251
    run_and_leave(import_module(module).main)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
