"""What a manifest writes for a channel -> the channels that it stands for: their names, and their canonical URLs.

A bare name stands below the channel alias (`conda-forge`, `conda-forge/label/dev`), a URL for itself; CEP 26 tells
names from URLs by the scheme. Nothing is called, and nothing here says that a channel *may* be called:
that is `EgressPolicy.check_channel_url`.

`defaults` is no channel but a list, by default conda's own, of which msys2 is for Windows only; an operator may have
another one. Its channels count in their order, as conda's solver takes them:
https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html#default-channels-default-channels
`nodefaults` is a channel without packages, which pixi writes into its locks; nobody has to ask it.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.egress.policy import one_spelling, split_url
from bot.errors import EgressRefused
from bot.model.manifest import NO_DEFAULTS
from bot.model.package import Channel

CONDA_DEFAULTS: Final = (
    Channel(name="pkgs/main", url="https://repo.anaconda.com/pkgs/main", listed_as="defaults"),
    Channel(name="pkgs/r", url="https://repo.anaconda.com/pkgs/r", listed_as="defaults", may_be_empty=True),
    Channel(
        name="pkgs/msys2",
        url="https://repo.anaconda.com/pkgs/msys2",
        listed_as="defaults",
        family="win",
        may_be_empty=True,
    ),
)
"""What conda itself takes for `defaults`. Beside `main` the others are small, and a platform may be without them."""

_DEFAULTS: Final = "defaults"
_LOCAL: Final = "local"
_SHOWN: Final = 80

_NAME = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_FILLED_IN = re.compile(r"\$|\{\{|\{%|<%|%\w+%")
_PATH = re.compile(r"[./~\\]|[A-Za-z]:(?:[\\/]|$)")
_INSTEAD: Final = "name it by its URL instead, where this bot can read it"


def resolve_channels(
    name_or_url: str, channel_alias: str, defaults: Sequence[Channel] = CONDA_DEFAULTS
) -> tuple[Channel, ...]:
    """Return the channels that a manifest means by *name_or_url*, in order; `nodefaults` is one that is not asked.

    A bare name stands below *channel_alias*, and `defaults` for the channels *defaults*.

    Raises:
        EgressRefused: it is neither a name nor a URL; a URL that holds credentials, a query, or what clients read in
            different ways; `local`; or `defaults` where those are switched off. The sentence says what to do.

    """
    if _FILLED_IN.search(name_or_url):
        raise EgressRefused(
            f"the channel {_shown(name_or_url)} is a template that something else fills in; condabot fills in nothing:"
            " write the name or the URL of the channel"
        )
    if _PATH.match(name_or_url):
        raise EgressRefused(f"the channel {_shown(name_or_url)} is a path, which only one machine has; {_INSTEAD}")
    below = f"{channel_alias.rstrip('/')}/"
    if _SCHEME.match(name_or_url):
        url = _canonical(name_or_url)
        return (Channel(name=name_or_url, url=url, is_asked=url != below + NO_DEFAULTS),)
    name = name_or_url.strip("/")
    if name == _DEFAULTS:
        return _listed(defaults)
    if name == _LOCAL:
        raise EgressRefused(f"the channel 'local' is what was built on the reader's own machine; {_INSTEAD}")
    if not _NAME.fullmatch(name):
        raise EgressRefused(f"the channel {_shown(name_or_url)} is neither the name of a channel nor a URL")
    return (Channel(name=name, url=below + name, is_asked=name != NO_DEFAULTS),)


def _listed(defaults: Sequence[Channel]) -> tuple[Channel, ...]:
    if not defaults:
        raise EgressRefused(
            "the operator of this bot has switched the channel 'defaults' off: name the channels that are meant, as"
            " conda-forge"
        )
    return tuple(defaults)


def _shown(text: str) -> str:
    return f"{text[:_SHOWN]!a}"


def _canonical(url: str) -> str:
    """Return *url* in its one spelling."""
    return one_spelling(split_url(url))
