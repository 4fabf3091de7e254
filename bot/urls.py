"""One spelling for each URL, so that two lists that name a place mean the same place (RFC 3986, section 6.2)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

DEFAULT_PORTS: Final[Mapping[str, int]] = {"https": 443, "http": 80}


def spelled(url: str) -> str:
    """Return *url* without user information: scheme and host in lower case, without the root's dot and its usual port.

    Slashes at its end are gone too.

    Raises:
        ValueError: it is no URL.

    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, authority(parts), parts.path.rstrip("/"), parts.query, parts.fragment))


def authority(parts: SplitResult) -> str:
    """Return the host and the unusual port of a URL.

    Raises:
        ValueError: the port is none.

    """
    host = plain_host(parts.hostname or "")
    shown = f"[{host}]" if ":" in host else host
    return shown if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f"{shown}:{parts.port}"


def plain_host(host: str) -> str:
    """Return *host* as every list has it: in lower case, without the dot of the root."""
    return host.lower().removesuffix(".")


def is_below(url: str, prefix: str) -> bool:
    """Tell whether *url* is *prefix* or below it, by whole segments: `/channel2` is not below `/channel`."""
    return url == prefix or url.startswith(f"{prefix}/")
