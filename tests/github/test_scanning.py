"""Uploads of SARIF: what code scanning has, and what it would not take."""

import random

import pytest

from bot.errors import GitHubError
from bot.github import scanning
from bot.github.model import Oid
from bot.github.permissions import SCANNED
from bot.github.scanning import shown_version, upload
from bot.github.snapshots import Commit
from tests.github.conftest import World

LOG = b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "condabot", "version": "1+a"}}, "results": []}]}'


async def test_what_was_uploaded_is_known_by_its_version_and_what_is_too_large_is_not_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.installation.accept_permissions(SCANNED)
    commit = Commit(oid=Oid(str(world.repository.head("main"))), branch="main", at=world.clock.now())
    async with world.app.installation(world.installation.id, world.repository.id, SCANNED) as client:
        before = await shown_version(client, "main")
        await upload(client, LOG, commit)
        after, elsewhere = await shown_version(client, "main"), await shown_version(client, "other")
        monkeypatch.setattr(scanning, "LARGEST", 100)
        with pytest.raises(GitHubError, match="GitHub takes 100"):
            await upload(client, random.Random(1).randbytes(1000), commit)  # noqa: S311 - nothing is kept secret

    assert (before, after, elsewhere) == ("", "1+a", "")
    assert len(world.repository.scans) == 1
