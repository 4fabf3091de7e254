"""Which channel a name means, and whether it may be asked: scans and audits hear the same answer."""

from bot.egress import EgressPolicy, resolve_channel
from bot.model.package import Channel
from bot.settings import ChannelSettings
from bot.workspaces import ResolveChannel


def channel_resolver(channels: ChannelSettings, egress: EgressPolicy) -> ResolveChannel:
    """Return what turns a channel, as a file names it, into one that may be asked; raises for what may not."""

    def resolve(name: str) -> Channel:
        channel = resolve_channel(name, channels.channel_alias)
        egress.check_channel_url(channel.url)
        return channel

    return resolve
