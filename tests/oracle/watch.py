"""Watches what tests produce: every lock that a scan proposes or a command writes goes before the oracle.

A `pixi.lock` must be one that pixi takes, and from none may go what something there asks for.

It looks where all of them pass, so that a new test is watched without knowing of it.
"""

import contextlib
import posixpath
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import pytest

from bot.local.checkout import Checkout
from bot.model.report import ScanReport
from bot.updating.scan import Scanner
from tests.oracle import conda_locked
from tests.oracle.pixi_locked import changed_sources, out_of_date, still_asked_for
from tests.oracle.pixi_manifest import NotJudgedError, declared_environments

SCANS = ("scan", "scan_at_once", "refresh")
MANIFESTS = ("pixi.toml", "pyproject.toml")
CONTENT_HASH = "\n  content_hash:"


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that fills with what pixi would say against the locks of this test, as long as it runs."""
    found: list[str] = []
    for name in SCANS:
        monkeypatch.setattr(Scanner, name, _watched_scan(getattr(Scanner, name), found))
    write = Checkout.write

    def watched_write(self: Checkout, files: Mapping[str, str], *, before: Mapping[str, bytes]) -> None:
        found.extend(complaints(before, files))
        write(self, files, before=before)

    monkeypatch.setattr(Checkout, "write", watched_write)
    return found


def complaints(files: Mapping[str, bytes], texts: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the locks among *texts*, which replace *files*: what pixi says, and what they lost."""
    after = {**files, **{path: text.encode() for path, text in texts.items()}}
    for path, text in texts.items():
        folder, name = posixpath.split(path)
        beside = [posixpath.join(folder, manifest) for manifest in MANIFESTS]
        manifest = next((each for each in beside if each in after), None)
        if name == "pixi.lock" and manifest:
            before = files[path].decode() if path in files else text
            yield from (f"{path}: {reason}" for reason in _reasons(manifest, after[manifest].decode(), before, text))
        elif CONTENT_HASH in text and path in files:
            lost = conda_locked.still_asked_for(after, path, files[path].decode(), text)
            yield from (f"{path}: {reason}" for reason in lost)


def _reasons(manifest: str, declared: str, before: str, lock: str) -> Iterator[str]:
    with contextlib.suppress(NotJudgedError):
        names = declared_environments(manifest, declared, names_only=True)
        yield from (*changed_sources(names, before, lock), *still_asked_for(names, before, lock))
        yield from out_of_date(declared_environments(manifest, declared), lock)


def _watched_scan(scan: Callable[..., Awaitable[ScanReport]], found: list[str]) -> Callable[..., Awaitable[ScanReport]]:
    async def watched(self: Scanner, files: Mapping[str, bytes], *arguments: Any, **options: Any) -> ScanReport:
        report = await scan(self, files, *arguments, **options)
        found.extend(each for proposal in report.proposals for each in complaints(files, proposal.files))
        return report

    return watched
