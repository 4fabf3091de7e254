"""What a manifest writes for a channel becomes one canonical URL."""

import pytest

from bot.egress import resolve_channel
from bot.errors import ChannelError, EgressRefused
from bot.model.package import Channel

ALIAS = "https://conda.anaconda.org"


@pytest.mark.parametrize(
    ("written", "name", "url"),
    [
        ("conda-forge", "conda-forge", f"{ALIAS}/conda-forge"),
        ("conda-forge/", "conda-forge", f"{ALIAS}/conda-forge"),
        ("conda-forge/label/dev", "conda-forge/label/dev", f"{ALIAS}/conda-forge/label/dev"),
        ("Some_One.x", "Some_One.x", f"{ALIAS}/Some_One.x"),
        ("https://prefix.dev/a//", "https://prefix.dev/a//", "https://prefix.dev/a"),
        ("HTTPS://Prefix.DEV/A", "HTTPS://Prefix.DEV/A", "https://prefix.dev/A"),
        ("file:///srv/channel/", "file:///srv/channel/", "file:///srv/channel"),
    ],
)
def test_a_name_stands_below_the_alias_and_a_url_for_itself(written: str, name: str, url: str) -> None:
    assert resolve_channel(written, ALIAS) == Channel(name=name, url=url)


def test_the_alias_may_end_in_a_slash() -> None:
    assert resolve_channel("x", "https://mirror.example/conda/").url == "https://mirror.example/conda/x"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("defaults", "whatever the reader's conda configuration says"),
        ("nodefaults", "keeps 'defaults' out; it is not a channel"),
        ("", "neither the name of a channel nor a URL"),
        ("../x", "neither"),
        ("a/../b", "neither"),
        ("a b", "neither"),
        ("conda-forge[linux-64]", "neither"),
        ("${{ channel }}", "neither"),
        ("./local", "neither"),
    ],
)
def test_what_is_no_channel_is_said(written: str, sentence: str) -> None:
    with pytest.raises(ChannelError, match=sentence):
        resolve_channel(written, ALIAS)


def test_credentials_of_a_url_go_no_further() -> None:
    with pytest.raises(EgressRefused) as caught:
        resolve_channel("https://user:canary@conda.anaconda.org/x", ALIAS)

    assert "canary" not in str(caught.value)
