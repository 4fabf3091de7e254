"""What one installation is granted: mirrors on loopback that stand for all that is only read with credentials.

Clients (httpx, py-rattler, uv) know how to read from a mirror and have no credentials, so they cannot send one to the
wrong place, and none is in a child's memory, environment, cache or words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.credentials import Credential, of_prefix
from bot.networks import Mirror, is_web_url
from bot.urls import is_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What somebody may read by way of a keeper at *base*, a URL that holds a key of their own."""

    base: str
    credentials: tuple[Credential, ...]

    @property
    def origins(self) -> tuple[str, ...]:
        """The places that are read: scheme and host of each prefix."""
        return tuple(dict.fromkeys(_origin(each.prefix) for each in self.credentials))

    def stand_in(self, url: str) -> str | None:
        """Return the URL that stands for *url*; None if it is read without credentials.

        It has the whole path, so that relative links between two prefixes of a host lead from one to the other.
        """
        if of_prefix(url, self.credentials) is None:
            return None
        return f"{self.base}/{self.origins.index(_origin(url))}{url.removeprefix(_origin(url))}"

    def meant(self, number: int, path: str) -> tuple[str, Credential] | None:
        """Return the URL for which *path* stands at the origin of that *number*, and what opens it."""
        url = f"{self.origins[number]}{path}" if number < len(self.origins) else ""
        credential = of_prefix(url, self.credentials)
        return (url, credential) if credential else None

    def mirrors(self, mirrors: Iterable[Mirror]) -> tuple[Mirror, ...]:
        """Return the operator's *mirrors* without credentials in them, and those that stand for what has credentials.

        What a mirror gives is not asked for at its canonical place, so neither are credentials for that place used.
        """
        operators = tuple(mirrors)
        found = [self._mirror(each) for each in operators]
        found += [inner for each in operators for inner in self._within(each)]
        direct = (each for each in self.credentials if not _is_given_by_a_mirror(each, operators))
        return (*found, *(self._standing_in(each.prefix, each.prefix) for each in direct))

    def private_prefixes(self, mirrors: Iterable[Mirror]) -> tuple[str, ...]:
        """Return the canonical URLs below which nobody else may see what is read.

        A mirror's own user name and password are everybody's: what it gives is what its canonical place gives to all.
        """
        operators = tuple(mirrors)
        everybodys = {each.url for each in operators if each.proof}
        shown = (each for each in self.mirrors(operators) if each.url.startswith(f"{self.base}/"))
        return tuple(each.canonical for each in shown if everybodys.isdisjoint(each.also))

    def readable(self, mirrors: Iterable[Mirror]) -> tuple[str, ...]:
        """Return the URLs below which a repository may name channels and indexes that it is read for."""
        operators = tuple(mirrors)
        named = [each.canonical for each in operators if not is_web_url(each.canonical)]
        return (*self.private_prefixes(operators), *named)

    def _mirror(self, mirror: Mirror) -> Mirror:
        if self.stand_in(mirror.url) is None:
            return Mirror(canonical=mirror.canonical, url=mirror.url)
        return self._standing_in(mirror.canonical, mirror.url)

    def _within(self, mirror: Mirror) -> Sequence[Mirror]:
        """Return mirrors for what below *mirror* has credentials of its own."""
        inner = (each.prefix for each in self.credentials if is_below(each.prefix, mirror.url))
        return [
            self._standing_in(mirror.canonical + each.removeprefix(mirror.url), each)
            for each in inner
            if each != mirror.url
        ]

    def _standing_in(self, canonical: str, url: str) -> Mirror:
        return Mirror(canonical=canonical, url=self.stand_in(url) or url, also=(url,))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_given_by_a_mirror(credential: Credential, mirrors: Iterable[Mirror]) -> bool:
    """Tell whether what *credential* is for comes from a mirror, or is for a mirror, which no repository names."""
    return any(is_below(credential.prefix, url) for each in mirrors for url in (each.canonical, each.url))
