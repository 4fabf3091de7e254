"""What commands on a person's own checkout share: what may be called, the engine, and progress on the terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.cli.egress import local_egress
from bot.cli.options import process_environment
from bot.cli.progress import shown_progress
from bot.clock import SystemClock
from bot.composition.engine import open_engine
from bot.planning.policy import Policy
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.scan import Scanner

LOCAL_PROCESSES = 2


@asynccontextmanager
async def local_scanner(channels: ChannelSettings, indexes: PypiSettings) -> AsyncIterator[Scanner]:
    """Yield a scanner for a person's own checkout; what it does is shown on stderr while it works."""
    egress = local_egress(channels, *filter(None, (indexes.index_url, indexes.mapping_url)))
    with shown_progress() as progress:
        progress.stage("looking for manifests and locks")
        async with open_engine(
            channels,
            indexes,
            egress=egress,
            policy=Policy(),
            processes=LOCAL_PROCESSES,
            environment=process_environment(),
        ) as engine:
            yield replace(engine.scanner(SystemClock().now(), progress.step), stage=progress.stage)
