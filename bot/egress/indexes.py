"""The URL of a package index -> the index, by its canonical URL.

Nothing is called, and nothing here says that an index *may* be called: that is `EgressPolicy.check_index_url`.
"""

from urllib.parse import urlunsplit

from bot.egress.policy import split_url
from bot.model.package import Channel


def resolve_index(url: str) -> Channel:
    """Return the package index at *url*: scheme and host in lower case, no slashes at its end.

    Raises:
        EgressRefused: it holds credentials, a query, or what clients read in different ways.

    """
    parts = split_url(url)
    canonical = urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))
    return Channel(name=canonical, url=canonical)
