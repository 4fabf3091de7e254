"""What tests hand over, and how: an adapter with an HTTP client of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bot.handover import HandOver, Parcel, targets_of
from bot.model.bundle import TargetKind
from bot.targets import Target

COMMIT = "c" * 40


def target(kind: TargetKind, url: str, **values: Any) -> Target:
    return Target(name="team", kind=kind, url=url, **values)


@asynccontextmanager
async def opened(found: Target, http: httpx.AsyncClient | None = None) -> AsyncIterator[HandOver]:
    """Yield what hands over to *found*."""
    async with http or httpx.AsyncClient(timeout=10) as client:
        yield targets_of([found], client).hand_over[found.name]


def parcel(files: Mapping[str, str], *, name: str = "", digest: str = "a" * 64) -> Parcel:
    content = {file: text.encode() for file, text in files.items()}
    return Parcel(owner="acme", repository="app", commit=COMMIT, name=name, digest=digest, files=content)
