"""What repositories may have the App call: its workers and their children hear the same answer."""

from ipaddress import ip_network
from urllib.parse import urlsplit

from bot.egress import CHANNEL_HOSTS, EgressPolicy, default_index_url
from bot.networks import is_web_url
from bot.settings import PYPI_MAPPING, ChannelSettings, EgressSettings, PypiSettings


def egress_policy(channels: ChannelSettings, indexes: PypiSettings, egress: EgressSettings) -> EgressPolicy:
    """Return what repositories may name as channels and indexes: public ones, and those that the operator has set up.

    A mirror is none of them: where bytes come from is not what a lock may say. What is read for an installation with
    credentials may be named by its repositories alone: *channels* and *indexes* are as they may see them.
    """
    index_url, mapping_url = indexes.index_url, indexes.mapping_url
    named = [
        channels.channel_alias,
        *(channels.default_channels or ()),
        *(mirror.canonical for mirror in channels.mirrors if mirror.canonical not in channels.private.prefixes),
        index_url or default_index_url(),
        *([mapping_url] if mapping_url else []),
    ]
    advisories = {indexes.advisories} if is_web_url(indexes.advisories) else set()
    hosts = CHANNEL_HOSTS | {urlsplit(url).hostname or "" for url in named}
    chosen = ({index_url, mapping_url} | advisories) - {None, PYPI_MAPPING}
    return EgressPolicy(
        hosts=hosts,
        trusted=frozenset(url for url in chosen if url),
        named=frozenset(egress.hosts),
        networks=tuple(map(ip_network, egress.networks)),
        readable=tuple(dict.fromkeys((*channels.private.readable, *indexes.private.readable))),
    )
