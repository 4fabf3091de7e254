"""A conda channel on localhost: a slice of conda-forge, served as a real channel serves it.

`ChannelData` is what a channel holds, `DemoChannel` the server; the slice under `data/` is cut by
`fixtures/cut_channel.py`.
"""

from bot.demo.channel.records import CONDA_FORGE, ChannelData, Record, record
from bot.demo.channel.repodata import Mode
from bot.demo.channel.server import DemoChannel, ServedChannel, channel_application

__all__ = [
    "CONDA_FORGE",
    "ChannelData",
    "DemoChannel",
    "Mode",
    "Record",
    "ServedChannel",
    "channel_application",
    "record",
]
