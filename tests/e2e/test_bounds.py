"""A repository that is too much for condabot is an outcome with a name: nothing is written, and nothing tried again."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.channel import ChannelData
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.stage import Keys, Scenery, open_stage
from bot.inspecting.process import ADVICE
from tests.e2e.conftest import ENVIRONMENT_YML, SMALL, World, titles


@pytest.fixture
async def cramped(tmp_path: Path, database: str, keys: Keys) -> AsyncIterator[World]:
    """The stage, on which no look at a repository may take more than a MiB."""
    channel = DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*SMALL)))
    scenery = Scenery(channel=channel, database_url=database, keys=keys, scan_memory=1)
    async with open_stage(tmp_path, scenery) as stage:
        yield World(stage=stage)


@pytest.mark.skipif(sys.platform == "win32", reason="memory is not watched on Windows")
async def test_a_bound_that_is_met_is_the_outcome_of_the_run(cramped: World) -> None:
    repository = await cramped.installed("acme/app", {"environment.yml": ENVIRONMENT_YML})

    assert titles(repository) == {}
    assert cramped.outcomes() == [
        [
            f"nothing is proposed: memory-limit: this repository needs more than 1 MB of memory; {ADVICE}",
        ]
    ]
