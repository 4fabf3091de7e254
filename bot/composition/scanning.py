"""What scans of repositories at GitHub are put together from, by workers and by a single run: no database is needed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

import httpx

from bot.children.bounds import MEBIBYTE
from bot.composition.way import Way
from bot.inspecting import Inspectors, ScanLimits, Supplies
from bot.metrics import solving
from bot.relock import SolverPool
from bot.settings import Settings
from bot.updating.memory import Shelf

GITHUB_TIMEOUT: Final = 30.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def branch_prefix(slug: str) -> str:
    """Return the prefix of the bot's branches: the App's slug, which is unique among Apps."""
    return f"{slug}/"


def is_local(github_api: str) -> bool:
    """Tell whether a GitHub is on this machine, where nobody is limited and nobody disturbed."""
    return urlsplit(github_api).hostname in LOOPBACK


def github_client() -> httpx.AsyncClient:
    """Return what GitHub is called with."""
    return httpx.AsyncClient(timeout=GITHUB_TIMEOUT, follow_redirects=False)


@asynccontextmanager
async def open_inspectors(settings: Settings, way: Way) -> AsyncIterator[Inspectors]:
    """Yield what looks at repositories, in children; *way* learns from them where indexes keep their files."""
    processes = settings.solver_processes
    async with SolverPool(
        settings.channels, processes=processes, environment=way.environment, measured=solving
    ) as solvers:
        supplies = Supplies(
            sources=way.sources,
            egress=settings.egress,
            environment=way.environment,
            processes=processes,
            solvers=solvers,
            allow_files_at=way.egress.allow_files_at,
            shelf=Shelf(),
        )
        async with Inspectors(supplies, scan_limits(settings)) as inspections:
            yield inspections


def scan_limits(settings: Settings) -> ScanLimits:
    """Return the bounds of one look at a repository."""
    return ScanLimits(
        seconds=settings.scan_seconds,
        processor_seconds=settings.scan_processor_seconds,
        memory=settings.scan_memory * MEBIBYTE,
    )
