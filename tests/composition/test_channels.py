"""Which channels a name stands for, as the operator has it."""

import pytest

from bot.composition.channels import channel_resolver
from bot.egress import CONDA_DEFAULTS, EgressPolicy
from bot.errors import EgressRefused
from bot.settings import ChannelSettings

ANY = EgressPolicy(allow_any_https=True)


def test_the_app_may_ask_conda_s_own_defaults() -> None:
    assert channel_resolver(ChannelSettings(), EgressPolicy())("defaults") == CONDA_DEFAULTS


def test_defaults_are_the_channels_of_the_operator() -> None:
    resolve = channel_resolver(ChannelSettings(default_channels=("ours", "https://conda.example/more")), ANY)

    assert [(each.url, each.listed_as) for each in resolve("defaults")] == [
        ("https://conda.anaconda.org/ours", "defaults"),
        ("https://conda.example/more", "defaults"),
    ]


def test_an_operator_may_switch_them_off() -> None:
    resolve = channel_resolver(ChannelSettings(default_channels=()), ANY)

    with pytest.raises(EgressRefused, match="has switched the channel 'defaults' off"):
        resolve("defaults")


def test_no_channel_behind_a_name_escapes_the_policy() -> None:
    resolve = channel_resolver(ChannelSettings(default_channels=("https://conda.example/x",)), EgressPolicy())

    with pytest.raises(EgressRefused, match=r"conda\.example"):
        resolve("defaults")
