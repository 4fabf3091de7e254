"""How commands end: told to stop, unread, on wrong input, on a defect. Nothing is left, nobody sees a traceback."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import DEFECT
from bot.cli.running import UNREAD, until_told
from bot.cli.running import run as run_command
from bot.demo.channel import CONDA_FORGE
from tests.cli.conftest import ENVIRONMENT_YML, Condabot, run

ROOT = Path(__file__).parents[2]
ON_UNIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither these signals nor such pipes")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes there are")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`condabot check` as a process of its own; `folder` is where it may make temporary folders."""

    process: asyncio.subprocess.Process
    folder: Path

    async def told(self, words: str) -> None:
        """Wait until it has told that it begins with *words*."""
        assert self.process.stderr is not None
        while not (line := await self.process.stderr.readline()).decode().startswith(words):
            assert line, f"it ended before it said {words!r}"

    async def child(self) -> int:
        """Wait until it has started a process, and return its id."""
        while not (found := children(self.process.pid)):  # noqa: ASYNC110 -- /proc tells nobody when it changes
            await asyncio.sleep(0)
        return found[0]

    def left(self) -> list[str]:
        """Return the names of what it left in its folder for temporary files."""
        return [each.name for each in self.folder.iterdir()]

    async def ended(self) -> tuple[int | None, str, str]:
        """Return its exit status and what else it said, on stdout and on stderr."""
        stdout, stderr = await self.process.communicate()
        return self.process.returncode, (stdout or b"").decode(), stderr.decode()


def children(process: int) -> list[int]:
    """Return the ids of the processes that *process* has started and not waited for."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def is_there(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def start(checkout: Path, mirror: str, folder: Path, stdout: int = asyncio.subprocess.PIPE) -> Program:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "check", str(checkout), "--mirror", f"{CONDA_FORGE}={mirror}/conda-forge"),
        env={
            "PYTHONPATH": str(ROOT),
            "CONDABOT_CACHE_DIR": str(folder.parent / "cache"),
            "HOME": str(folder),
            "TMPDIR": str(folder),
        },
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
    )
    return Program(process=process, folder=folder)


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Yield the URL of a server that takes requests and never answers."""
    connections: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: connections.append(writer), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        for each in connections:
            each.close()
        server.close()


STOPPED = [
    pytest.param("SIGINT", 130, id="interrupted"),
    pytest.param("SIGTERM", 143, id="terminated"),
    pytest.param("SIGHUP", 129, id="its terminal is closed"),
]


@ON_UNIX
@pytest.mark.parametrize(("name", "status"), STOPPED)
async def test_while_it_waits_for_a_channel_a_signal_ends_it_in_silence(tmp_path: Path, name: str, status: int) -> None:
    (tmp_path / "environment.yml").write_text(ENVIRONMENT_YML)
    async with silent_server() as url:
        program = await start(tmp_path, url, made(tmp_path / "tmp"))
        await program.told("solving 1 environment")  # which is begun while channels are asked

        program.process.send_signal(getattr(signal, name))

        assert await program.ended() == (status, "", "")
    assert program.left() == []


@ON_LINUX
@pytest.mark.parametrize(("name", "status"), STOPPED)
async def test_while_it_solves_a_signal_ends_its_processes_as_well(
    condabot: Condabot, tmp_path: Path, name: str, status: int
) -> None:
    program = await start(condabot.root, condabot.channel.url, made(tmp_path / "tmp"))
    await program.told("solving")
    child = await program.child()

    program.process.send_signal(getattr(signal, name))

    code, stdout, stderr = await program.ended()
    assert (code, stdout) == (status, "")
    assert "Traceback" not in stderr
    assert not is_there(child)
    assert program.left() == []
    assert condabot.read() == {"environment.yml": ENVIRONMENT_YML.encode()}


@ON_UNIX
async def test_a_pipe_that_nobody_reads_ends_it_in_silence(condabot: Condabot, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    program = await start(condabot.root, condabot.channel.url, made(tmp_path / "tmp"), stdout=writer)
    os.close(writer)

    code, _, stderr = await program.ended()

    assert code == UNREAD
    assert stderr.splitlines()[-1] == "searching for 1 update"


@ON_LINUX
async def test_a_full_disk_is_one_sentence(condabot: Condabot, tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    program = await start(condabot.root, condabot.channel.url, made(tmp_path / "tmp"), stdout=full)
    os.close(full)

    code, _, stderr = await program.ended()

    assert code == 2
    assert stderr.splitlines()[-1] == "condabot: No space left on device"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("--frobnicate",), "No such option '--frobnicate' (condabot check --help)", id="no option"),
        pytest.param(("--platform", "amiga"), "Invalid value for '--platform': 'amiga' is not one", id="no platform"),
        pytest.param((".", "b"), "Got unexpected extra argument (b) (condabot check --help)", id="two paths"),
        pytest.param(("nowhere",), "Invalid value for '[PATH]': Directory 'nowhere' does not exist (", id="no path"),
        pytest.param((__file__,), f"Invalid value for '[PATH]': Directory '{__file__}' is a file (", id="a file"),
        pytest.param(("--mirror", "x"), "--mirror or CONDABOT_MIRRORS: 'x' is not CANONICAL=MIRROR", id="no mirror"),
        pytest.param(("--index-url", "x"), "--index-url: ", id="no URL"),
    ],
)
@pytest.mark.usefixtures("environment")
def test_wrong_input_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    ended = run("check", *arguments)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"condabot: {words}")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(bytes(range(256)), id="every byte"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe" + "name: x".encode("utf-16-le"), id="UTF-16"),
        pytest.param(b"&a [*a]", id="a circle"),
        pytest.param(b"[" * 20_000, id="deep"),
    ],
)
@pytest.mark.parametrize("name", ["environment.yml", "pixi.toml", "pixi.lock", "conda-lock.yml", "pyproject.toml"])
async def test_a_file_that_makes_no_sense_is_no_traceback(condabot: Condabot, name: str, content: bytes) -> None:
    condabot.write({name: content})

    ended = await condabot("check")

    assert ended.code in {0, 3}
    assert "defect" not in ended.stderr


async def test_a_defect_is_one_sentence_with_its_place(condabot: Condabot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr("bot.cli.checking.check_lines", fail)

    ended = await condabot("check")

    assert (ended.code, ended.stdout) == (DEFECT, "")
    words = ended.stderr.splitlines()[-1]
    assert words.startswith("condabot: this is a defect of condabot, please report it: KeyError: 'oh' (")


def test_a_signal_that_was_not_heeded_still_ends_what_waits_for_one() -> None:
    async def deaf() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await until_told()

    with pytest.raises(SystemExit) as ended:
        run_command(deaf())
    assert ended.value.code == 128 + signal.SIGTERM
