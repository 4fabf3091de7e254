"""A child from its parent's side: the process and its two pipes. Frames go in, frames come out, and it is killed."""

from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.children.frames import receive_frame, send_frame
from bot.children.starting import kill_child, start_process


@dataclass(frozen=True, slots=True)
class Child:
    """A running child."""

    process: Process
    stdin: StreamWriter
    stdout: StreamReader

    @classmethod
    async def start(cls, module: str, environment: Mapping[str, str]) -> "Child":
        """Start *module*, which sees those of *environment* that it may."""
        process = await start_process(module, environment)
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a child was started without pipes")
        return cls(process, process.stdin, process.stdout)

    @property
    def is_alive(self) -> bool:
        """Whether it was not seen to end."""
        return self.process.returncode is None

    async def send(self, content: bytes) -> None:
        """Send a frame. A child that is dead shows itself when its answer is read."""
        with suppress(ConnectionError):
            await send_frame(self.stdin, content)

    async def receive(self, *, longest: int | None = None) -> bytes:
        """Return the content of the next frame; errors as for `receive_frame`."""
        return await receive_frame(self.stdout, longest=longest)

    async def kill(self) -> None:
        """End it at once with all that it started, and wait until it is gone."""
        await kill_child(self.process)
