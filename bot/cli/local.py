"""What commands on a person's own checkout share: what may be called, the engine, and progress on the terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.text import Text

from bot.cli.options import process_environment
from bot.clock import SystemClock
from bot.composition.engine import open_engine
from bot.egress import EgressPolicy
from bot.planning.policy import Policy
from bot.rendering.printable import printable
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.scan import Scanner

LOCAL_PROCESSES = 2


@asynccontextmanager
async def local_scanner(channels: ChannelSettings, indexes: PypiSettings, console: Console) -> AsyncIterator[Scanner]:
    """Yield a scanner for a person's own checkout; what it does is shown on *console* while it works."""
    egress = local_egress(channels, *filter(None, (indexes.index_url, indexes.mapping_url)))
    with console.status("reading manifests") as status:
        async with open_engine(
            channels,
            indexes,
            egress=egress,
            policy=Policy(),
            processes=LOCAL_PROCESSES,
            environment=process_environment(),
        ) as engine:
            yield engine.scanner(SystemClock().now(), lambda words: status.update(Text(printable(words))))


def local_egress(channels: ChannelSettings, *indexes: str) -> EgressPolicy:
    """Return what a person's own checkout may name: any public host, files, and what the person configured."""
    trusted = frozenset({channels.channel_alias, *_mirrors(channels), *indexes})
    return EgressPolicy(allow_any_https=True, allow_files=True, trusted=trusted)


def _mirrors(channels: ChannelSettings) -> tuple[str, ...]:
    return tuple(mirror.url for mirror in channels.mirrors)
