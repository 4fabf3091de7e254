"""What commands on a person's own checkout may call, and what channels and indexes they may name."""

from bot.egress import EgressPolicy
from bot.settings import ChannelSettings


def local_egress(channels: ChannelSettings, *indexes: str) -> EgressPolicy:
    """Return what a person's own checkout may name: any public host, files, and what the person configured."""
    mirrors = (mirror.url for mirror in channels.mirrors)
    trusted = frozenset({channels.channel_alias, *mirrors, *indexes})
    return EgressPolicy(allow_any_https=True, allow_files=True, trusted=trusted)
