"""Where bytes come from and what a lock says: a mirror's URL and the canonical one (docs/decisions/0011)."""

from collections.abc import Iterable

from bot.settings import Mirror
from bot.urls import is_below


def canonical_url(url: str, mirrors: Iterable[Mirror]) -> str:
    """Return *url* as its channel or index names it, wherever the bytes came from."""
    for mirror in mirrors:
        for place in (mirror.url, *mirror.also):
            if is_below(url, place):
                return mirror.canonical + url.removeprefix(place)
    return url


def mirrored_url(url: str, mirrors: Iterable[Mirror]) -> str:
    """Return where the bytes of the canonical *url* come from; the mirror of the longest URL wins."""
    fitting = [mirror for mirror in mirrors if is_below(url, mirror.canonical)]
    if not fitting:
        return url
    mirror = max(fitting, key=lambda each: len(each.canonical))
    return mirror.url + url.removeprefix(mirror.canonical)


def open_url(url: str, mirrors: Iterable[Mirror]) -> str:
    """Return *url* by the name that its own pages know; one on loopback is another after the next start."""
    places = ((mirror.url, mirror.also[0]) for mirror in mirrors if mirror.also and is_below(url, mirror.url))
    place, name = next(places, (url, url))
    return name + url.removeprefix(place)
