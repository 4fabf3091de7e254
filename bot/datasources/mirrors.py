"""Where bytes come from and what a lock says: a mirror's URL and the canonical one (docs/decisions/0011)."""

from collections.abc import Iterable

from bot.settings import Mirror


def canonical_url(url: str, mirrors: Iterable[Mirror]) -> str:
    """Return *url* as its channel or index names it, wherever the bytes came from."""
    for mirror in mirrors:
        if _is_below(url, mirror.url):
            return mirror.canonical + url.removeprefix(mirror.url)
    return url


def mirrored_url(url: str, mirrors: Iterable[Mirror]) -> str:
    """Return where the bytes of the canonical *url* come from; the mirror of the longest URL wins."""
    fitting = [mirror for mirror in mirrors if _is_below(url, mirror.canonical)]
    if not fitting:
        return url
    mirror = max(fitting, key=lambda each: len(each.canonical))
    return mirror.url + url.removeprefix(mirror.canonical)


def _is_below(url: str, prefix: str) -> bool:
    return url == prefix or url.startswith(f"{prefix}/")
