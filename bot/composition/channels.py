"""Which channel a name means, and whether it may be asked: scans and audits hear the same answer."""

from dataclasses import replace

from bot.egress import CONDA_DEFAULTS, EgressPolicy, resolve_channels
from bot.model.package import Channel
from bot.settings import ChannelSettings
from bot.workspaces import ResolveChannel


def channel_resolver(channels: ChannelSettings, egress: EgressPolicy) -> ResolveChannel:
    """Return what turns a channel, as a file names it, into those that may be asked; raises for what may not."""
    defaults = _defaults(channels)

    def resolve(name: str) -> tuple[Channel, ...]:
        found = resolve_channels(name, channels.channel_alias, defaults)
        for each in found:
            egress.check_channel_url(each.url)
        return found

    return resolve


def _defaults(channels: ChannelSettings) -> tuple[Channel, ...]:
    """Return what `defaults` stands for here: conda's own, unless the operator has named others, or none."""
    if channels.default_channels is None:
        return CONDA_DEFAULTS
    named = (each for name in channels.default_channels for each in resolve_channels(name, channels.channel_alias))
    return tuple(replace(each, listed_as="defaults") for each in named)
