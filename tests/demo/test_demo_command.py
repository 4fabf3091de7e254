"""`condabot demo`, as somebody meets it who has a minute: short, and nothing is left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.options import process_environment

ROOT = Path(__file__).parents[2]
LONGEST = 60
COMMAND = (sys.executable, "-m", "bot", "demo")


def started(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start the demo in a process group of its own, as a terminal does; its files are made in *folder*."""
    environment = {**process_environment(), "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*COMMAND, *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def processes_of(folder: Path) -> list[str]:
    """Return the command lines that name *folder*."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = each.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:  # it ended meanwhile
            continue
        if str(folder) in words:
            found.append(words)
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: the path of a PostgreSQL's socket may have a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="demo-") as path:
        yield Path(path)


def test_a_port_that_is_taken_is_one_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        demo = started(folder, "--port", str(port))
        stdout, stderr = demo.communicate()

    assert (demo.returncode, stdout) == (2, "")
    assert stderr.splitlines()[1:] == [
        f"condabot: --port {port}: another program listens there: name another one, or none"
    ]
    assert list(folder.iterdir()) == []


@pytest.mark.verify
def test_it_is_told_in_a_screen_and_a_half_with_one_pull_request_in_full(folder: Path) -> None:
    demo = started(folder)
    stdout, stderr = demo.communicate()

    assert demo.returncode == 0, stderr
    assert len(stdout.splitlines()) + len(stderr.splitlines()) <= LONGEST
    assert re.findall(r"^acme/[\w-]+: 2 pull requests open; \d+ updates wait$", stdout, re.MULTILINE)
    opened = sum(map(int, re.findall(r"^acme/[\w-]+: (\d+) pull requests? open", stdout, re.MULTILINE)))
    assert f"{opened} pull requests in 6 repositories." in stdout
    assert opened in {10, 11}  # on the first day of a month a lock is refreshed as well
    assert "#1 Configure condabot" in stdout
    assert "Held back" in stdout
    assert "pixi.lock: +" in stdout
    assert "acme-tool has new commands: acme-admin." in stdout
    assert re.search(r"^Packed, unpacked elsewhere and run: acme-tool 1\.1 in /\S+$", stdout, re.MULTILINE)
    assert list(folder.iterdir()) == []


@pytest.mark.verify
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes there are")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("stage", ["starting", "installing", "every environment"])
def test_told_to_stop_it_leaves_nothing(folder: Path, number: signal.Signals, stage: str) -> None:
    demo = started(folder, "--keep")
    assert demo.stderr is not None
    while not (line := demo.stderr.readline()).startswith(stage):
        assert line

    os.killpg(demo.pid, number)
    try:
        stdout, stderr = demo.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        demo.kill()
        pytest.fail(f"it goes on: {demo.communicate()}")

    assert demo.returncode == 128 + number, stderr
    assert "Traceback" not in stdout + stderr
    assert (list(folder.iterdir()), processes_of(folder)) == ([], [])
