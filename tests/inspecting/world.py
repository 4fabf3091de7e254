"""A small repository, what inspectors are told, and solvers that do as a test wants."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.egress import EgressPolicy
from bot.inspecting import Supplies
from bot.inspecting.pool import Solvers
from bot.settings import ChannelSettings, EgressSettings, PypiSettings, Sources
from bot.updating.inspection import Circumstances, Inspection
from bot.updating.memory import Shelf

ENVIRONMENT_YML = b"""\
name: small
channels: [a]
platforms: [linux-64]
dependencies:
  - alpha=1.0
"""
FILES = {"environment.yml": ENVIRONMENT_YML, "more/environment.yml": ENVIRONMENT_YML.replace(b"linux-64", b"osx-64")}


def circumstances() -> Circumstances:
    return Circumstances(now=datetime(2026, 11, 30, tzinfo=UTC))


async def read(inspection: Inspection, files: Mapping[str, bytes]) -> None:
    """Give what *inspection* wants of *files*."""
    wanted = await inspection.listed({path: len(content) for path, content in files.items()})
    while wanted:
        wanted = await inspection.given({path: files[path] for path in wanted})


def supplies(channels: ChannelSettings, solvers: Solvers, egress: EgressPolicy | None = None) -> Supplies:
    return Supplies(
        sources=lambda _: Sources(channels=channels, indexes=PypiSettings(cache_dir=channels.cache_dir)),
        egress=EgressSettings(),
        environment={},
        processes=1,
        solvers=solvers,
        allow_files_at=(egress or EgressPolicy()).allow_files_at,
        shelf=Shelf(),
    )


class Unanswering:
    """Solvers that never answer; `asked` is set once they were asked."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    def generation(self) -> int:
        return 0

    async def answer_from(self, channels: ChannelSettings, question: bytes) -> bytes:
        del channels, question
        self.asked.set()
        await asyncio.Event().wait()
        return b""


class Together:
    """Solvers that answer nobody before two have asked; `questions` are all that was asked."""

    def __init__(self, solvers: Solvers) -> None:
        self._solvers = solvers
        self._both = asyncio.Barrier(2)
        self.questions: list[bytes] = []

    def generation(self) -> int:
        return self._solvers.generation()

    async def answer_from(self, channels: ChannelSettings, question: bytes) -> bytes:
        self.questions.append(question)
        if len(self.questions) <= 2:
            await self._both.wait()
        return await self._solvers.answer_from(channels, question)
