"""What a manifest writes for a channel -> the channel: its name as written, its canonical URL.

A bare name stands below the channel alias (`conda-forge`, `conda-forge/label/dev`), a URL for itself; CEP 26 tells
names from URLs by the scheme. Nothing is called, and nothing here says that a channel *may* be called:
that is `EgressPolicy.check_channel_url`.

`defaults` is not supported. It is no channel but a list that a person's own conda configuration names
(https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-channels.html): by default pkgs/main and pkgs/r
of repo.anaconda.com in one tier, whose terms an operator has to accept. Its packages are unknown, with a sentence.
"""

import re
from urllib.parse import urlunsplit

from bot.egress.policy import split_url
from bot.errors import ChannelError
from bot.model.package import Channel

NOT_A_CHANNEL = "nodefaults"
"""What conda environments list to keep `defaults` out: to be dropped before channels are resolved."""

_NAME = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DEFAULTS = (
    "The channel 'defaults' is whatever the reader's conda configuration says, so its packages are not judged."
    " Name the channels instead, such as conda-forge or https://repo.anaconda.com/pkgs/main."
)


def resolve_channel(name_or_url: str, channel_alias: str) -> Channel:
    """Return the channel that a manifest means by *name_or_url*; a bare name stands below *channel_alias*.

    Raises:
        ChannelError: it is `defaults`, `nodefaults`, or neither a name nor a URL.
        EgressRefused: it is a URL that holds credentials, a query, or what clients read in different ways.

    """
    if _SCHEME.match(name_or_url):
        return Channel(name=name_or_url, url=_canonical(name_or_url))
    name = name_or_url.strip("/")
    if name in {"defaults", NOT_A_CHANNEL}:
        message = _DEFAULTS if name == "defaults" else f"{NOT_A_CHANNEL!r} keeps 'defaults' out; it is not a channel."
        raise ChannelError(message, channel=name)
    if not _NAME.fullmatch(name):
        raise ChannelError(f"{name[:80]!a} is neither the name of a channel nor a URL.", channel="")
    return Channel(name=name, url=f"{channel_alias.rstrip('/')}/{name}")


def _canonical(url: str) -> str:
    """Return *url* with scheme and host in lower case and without slashes at its end."""
    parts = split_url(url)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))
