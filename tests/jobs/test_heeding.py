"""Advisories wake who holds what they are about, and nobody else; with a real database."""

import json
from pathlib import Path

import pytest

from bot.datasources.advisories import AdvisoryFolder
from bot.jobs import heeding
from bot.jobs.heeding import Heeded, heed_advisories
from bot.store.database import Pool
from bot.store.locked import LockedRecord, remember_locked
from bot.store.names import ChannelName, remember_names
from bot.store.repositories import InstalledRepository, know_repositories
from tests.jobs.test_watch import wanted


def say(folder: Path, fixed: str, name: str = "ruamel-yaml", file: str = "one", **fields: object) -> None:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    (folder / f"{file}.json").write_text(json.dumps({"id": f"GHSA-{file}", "affected": [affected], **fields}))


@pytest.fixture
async def holders(pool: Pool) -> None:
    """Repository 1 locks ruamel.yaml, 2 asks a channel for it, 3 has neither."""
    async with pool.connection() as connection:
        await know_repositories(
            connection, [InstalledRepository(installation_id=7, repository_id=each) for each in (1, 2, 3)]
        )
        await remember_locked(connection, 1, [LockedRecord(name="ruamel.yaml", version="0.17.1")])
        channel = ChannelName(channel="https://conda.anaconda.org/conda-forge", name="ruamel.yaml")
        await remember_names(connection, 2, [channel], ["linux-64"])
        await remember_locked(connection, 3, [LockedRecord(name="numpy", version="2.0")])


@pytest.mark.usefixtures("holders")
async def test_the_first_sight_wakes_nobody_and_what_is_said_anew_wakes_whom_it_concerns(
    pool: Pool, tmp_path: Path
) -> None:
    say(tmp_path, "0.17", summary="It runs code.")

    assert await heed_advisories(pool, AdvisoryFolder(tmp_path)) == Heeded()
    say(tmp_path, "0.17", summary="It runs any code.")
    assert await heed_advisories(pool, AdvisoryFolder(tmp_path)) == Heeded()
    assert await wanted(pool) == {}

    say(tmp_path, "0.18")
    assert await heed_advisories(pool, AdvisoryFolder(tmp_path)) == Heeded(changed=1, woken=2)
    assert await wanted(pool) == dict.fromkeys((1, 2), "an advisory about ruamel-yaml")
    assert await heed_advisories(pool, AdvisoryFolder(tmp_path)) == Heeded()


@pytest.mark.usefixtures("holders")
async def test_what_is_new_and_what_was_withdrawn_wakes_too(pool: Pool, tmp_path: Path) -> None:
    say(tmp_path, "0.17")
    await heed_advisories(pool, AdvisoryFolder(tmp_path))

    say(tmp_path, "0.17", withdrawn="2026-11-01T00:00:00Z")
    say(tmp_path, "2.1", name="numpy", file="two")
    say(tmp_path, "2.1", name="numpy", file="three")

    assert await heed_advisories(pool, AdvisoryFolder(tmp_path)) == Heeded(changed=2, woken=3)
    assert await wanted(pool) == {
        1: "an advisory about ruamel-yaml",
        2: "an advisory about ruamel-yaml",
        3: "an advisory about numpy",
    }


@pytest.mark.usefixtures("holders")
async def test_how_many_are_woken_at_once_is_bounded(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heeding, "BATCH", 1)
    say(tmp_path, "0.17")
    await heed_advisories(pool, AdvisoryFolder(tmp_path))
    say(tmp_path, "0.18")

    assert await heed_advisories(pool, AdvisoryFolder(tmp_path)) == Heeded(changed=1, woken=1)
