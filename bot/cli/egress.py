"""What commands on a person's own checkout may call, and what channels and indexes they may name."""

from bot.egress import EgressPolicy
from bot.networks import is_web_url
from bot.settings import ChannelSettings


def local_egress(channels: ChannelSettings, *indexes: str) -> EgressPolicy:
    """Return what a person's own checkout may name: any public host, files, and what the person configured."""
    trusted = frozenset({channels.channel_alias, *(mirror.url for mirror in channels.mirrors), *indexes})
    mirrored = (each.canonical for each in channels.mirrors if not is_web_url(each.canonical))
    readable = tuple(dict.fromkeys((*channels.private.readable, *mirrored)))
    return EgressPolicy(allow_any_https=True, allow_files=True, trusted=trusted, readable=readable)
