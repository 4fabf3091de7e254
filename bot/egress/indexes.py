"""The URL of a package index -> the index, by its canonical URL.

Nothing is called, and nothing here says that an index *may* be called: that is `EgressPolicy.check_index_url`.
"""

from bot.egress.policy import one_spelling, split_url
from bot.model.package import Channel


def resolve_index(url: str) -> Channel:
    """Return the package index at *url*, in the one spelling of its URL.

    Raises:
        EgressRefused: it holds credentials, a query, or what clients read in different ways.

    """
    parts = split_url(url)
    canonical = one_spelling(parts)
    return Channel(name=canonical, url=canonical)
