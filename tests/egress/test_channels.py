"""What a manifest writes for a channel becomes canonical URLs."""

import pytest

from bot.egress import CONDA_DEFAULTS, resolve_channels
from bot.errors import EgressRefused
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
    assert resolve_channels(written, ALIAS) == (Channel(name=name, url=url),)


def test_the_alias_may_end_in_a_slash() -> None:
    assert [each.url for each in resolve_channels("x", "https://mirror.example/conda/")] == [
        "https://mirror.example/conda/x"
    ]


def test_defaults_are_conda_s_own_and_msys2_is_for_windows_only() -> None:
    found = resolve_channels("defaults", ALIAS)

    assert [each.url.removeprefix("https://repo.anaconda.com/pkgs/") for each in found] == ["main", "r", "msys2"]
    assert [each.name for each in found if each.is_for("linux-64")] == ["pkgs/main", "pkgs/r"]
    assert [each.name for each in found if each.is_for("win-64")] == ["pkgs/main", "pkgs/r", "pkgs/msys2"]
    assert found == CONDA_DEFAULTS


def test_defaults_are_what_the_operator_says() -> None:
    ours = Channel(name="ours", url="https://conda.example/ours")

    assert resolve_channels("defaults", ALIAS, (ours,)) == (ours,)


@pytest.mark.parametrize("written", ["nodefaults", f"{ALIAS}/nodefaults/"])
def test_nodefaults_is_never_asked(written: str) -> None:
    (found,) = resolve_channels(written, ALIAS)

    assert (found.url, found.is_asked, found.is_for("linux-64")) == (f"{ALIAS}/nodefaults", False, False)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "neither the name of a channel nor a URL"),
        ("a/../b", "neither"),
        ("a b", "neither"),
        ("conda-forge[linux-64]", "neither"),
        ("<unknown>", "neither"),
        ("-c", "neither"),
        ("${{ channel }}", "is a template that something else fills in; .*: write the name or the URL"),
        ("$CHANNEL", "is a template"),
        ("https://${HOST}/conda", "is a template"),
        ("https://conda.example/t/%TOKEN%/x", "is a template"),
        ("{{ channel }}", "is a template"),
        ("../x", "is a path, which only one machine has; name it by its URL instead"),
        ("./local", "is a path"),
        ("/srv/channel", "is a path"),
        ("~/channel", "is a path"),
        (r"C:\channel", "is a path"),
        ("c:/channel", "is a path"),
        (r"\\server\channel", "is a path"),
        ("local", "what was built on the reader's own machine; name it by its URL instead"),
    ],
)
def test_what_is_no_channel_is_said_with_what_to_do(written: str, sentence: str) -> None:
    with pytest.raises(EgressRefused, match=sentence):
        resolve_channels(written, ALIAS)


def test_an_operator_who_switches_defaults_off_is_said_to_have_done_so() -> None:
    with pytest.raises(EgressRefused, match="has switched the channel 'defaults' off: name the channels"):
        resolve_channels("defaults", ALIAS, ())


def test_credentials_of_a_url_go_no_further() -> None:
    with pytest.raises(EgressRefused) as caught:
        resolve_channels("https://user:canary@conda.anaconda.org/x", ALIAS)

    assert "canary" not in str(caught.value)
