"""What commands on a person's own checkout share: what may be called, and the engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.cli.egress import local_egress
from bot.cli.options import process_environment, settings
from bot.cli.progress import ShownProgress
from bot.clock import SystemClock
from bot.composition.engine import open_engine
from bot.errors import BadInput
from bot.planning.policy import Policy
from bot.settings import ChannelSettings, PypiSettings, Sources
from bot.updating.scan import Scanner

LOCAL_PROCESSES = 2


@asynccontextmanager
async def local_scanner(
    channels: ChannelSettings, indexes: PypiSettings, progress: ShownProgress
) -> AsyncIterator[Scanner]:
    """Yield a scanner for a person's own checkout; what it does is told to *progress* while it works."""
    async with (
        local_sources(channels, indexes) as sources,
        open_engine(
            sources.channels,
            sources.indexes,
            egress=local_egress(sources.channels, *filter(None, (indexes.index_url, indexes.mapping_url))),
            policy=Policy(),
            processes=LOCAL_PROCESSES,
            environment=process_environment(),
        ) as engine,
    ):
        yield replace(engine.scanner(SystemClock().now(), progress.step), stage=progress.stage)


@asynccontextmanager
async def local_sources(channels: ChannelSettings, indexes: PypiSettings) -> AsyncIterator[Sources]:
    """Yield what a person's own checkout reads from: with the person's credentials, where there are any."""
    found = replace(settings(), channels=channels, pypi=indexes)
    if not (found.credentials or any(each.proof for each in (*channels.mirrors, *indexes.mirrors))):
        yield Sources(channels=channels, indexes=indexes)
        return
    try:
        from bot.composition.way import all_credentials, changed, open_keeper, scratch, sources  # noqa: PLC0415 -- a server
    except ModuleNotFoundError as error:
        raise BadInput(
            f"credentials need {error.name}, which is not installed: pip install 'condabot[private]'"
        ) from error

    environment = process_environment()
    around = {name: _and_loopback(environment.get(name, "")) for name in ("NO_PROXY", "no_proxy")}
    async with open_keeper(all_credentials(found), local_egress(channels), SystemClock(), proxy=None) as keeper:
        with changed(environment, around), scratch() as folder:
            yield sources(found, keeper, folder, None)


def _and_loopback(no_proxy: str) -> str:
    return ",".join(filter(None, (no_proxy, "127.0.0.1")))
