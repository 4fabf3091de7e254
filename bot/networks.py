"""How a process reaches the world: mirrors, what is private there, which hosts, and through whose proxy.

Nouns with the form that an operator writes them in; `bot.settings` says in which variables. Nothing secret is in a
`repr`, or in the sentence about a wrong value.
"""

import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.credentials import Basic, CondaToken, Credential
from bot.errors import SettingsError
from bot.urls import is_below, spelled

CHANNEL_HOSTS: Final = frozenset({"conda.anaconda.org", "prefix.dev", "repo.anaconda.com", "repo.prefix.dev"})
"""The hosts of public channels that the App may read from."""

_TOKEN: Final = re.compile(r"/t/([^/]+)(?=/|$)")
WEB: Final = frozenset({"http", "https"})
MIRRORED: Final = WEB | {"oci", "s3"}
"""Schemes of channels that a mirror may stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """Bytes of channels and indexes under `canonical` come from `url`; only `canonical` is ever written to a lock.

    `basic` or `token` is what the operator's URL held of us. `also` are other names of the same place, by which its own
    pages may call it.
    """

    canonical: str
    url: str
    basic: Basic | None = field(default=None, repr=False)
    token: CondaToken | None = field(default=None, repr=False)
    also: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Mirror":
        """Read `CANONICAL=MIRROR`, two URLs; the mirror's may hold who we are there, percent-encoded.

        Raises:
            SettingsError: it is not of that form; the message does not repeat what may be a password.

        """
        canonical, _, url = text.partition("=")
        if not (_is_url(canonical, MIRRORED) and is_web_url(url)) or "@" in urlsplit(canonical).netloc:
            shown = repr(text) if "@" not in text and "/t/" not in text else "a pair with a password or token"
            raise SettingsError(
                f"{shown} is not CANONICAL=MIRROR with two http(s) URLs", key="--mirror or CONDABOT_MIRRORS"
            )
        parts, basic = urlsplit(url), _basic(url)
        token = _TOKEN.match(parts.path)
        return cls(
            canonical=spelled(canonical),
            url=spelled(urlunsplit(parts._replace(path=parts.path[token.end() :] if token else parts.path))),
            basic=basic,
            token=CondaToken(unquote(token[1])) if token else None,
        )

    @property
    def proof(self) -> Basic | CondaToken | None:
        """What is said to it."""
        return self.basic or self.token

    @property
    def credential(self) -> Credential | None:
        """What is said to it, if the operator's URL holds that."""
        if self.proof is None:
            return None
        return Credential(prefix=self.url, proof=self.proof, setting="CONDABOT_MIRRORS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """What is only read with credentials: URLs below `prefixes`. What comes from there is kept in `cache_dir` alone.

    Who reads there has no credentials: a mirror on loopback adds them (`bot.egress.keeper`), whose origin is `keeper`.
    What was read by its name, which is another one after the next start, is kept in `scratch_dir`. Below `readable` may
    be what repositories name.
    """

    prefixes: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    keeper: str = ""
    cache_dir: Path | None = None
    scratch_dir: Path | None = None

    def covers(self, url: str) -> bool:
        """Tell whether *url* is only read with credentials."""
        return any(is_below(url, each) for each in self.prefixes)

    def cache_for(self, url: str, public: Path) -> Path:
        """Return where what comes from *url* is kept; *public* is where everybody's is."""
        return self.cache_dir if self.cache_dir and self.covers(url) else public


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressSettings:
    """What may be called beyond the public channels: `hosts`, as origins (`https://conda.corp.example`).

    Those may lie in `networks` (CIDR) that are not public.
    """

    hosts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    @classmethod
    def parse(cls, hosts: str, networks: str) -> "EgressSettings":
        """Read names of hosts, `HOST:PORT` or origins, and networks, each with blanks or commas between them.

        Raises:
            SettingsError: one of them is something else.

        """
        return cls(hosts=tuple(map(_origin, _items(hosts))), networks=tuple(map(_network, _items(networks))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """The operator's own proxies, http(s) URLs, by the scheme of what is called; empty is none.

    `no_proxy` are the hosts that are called without, as every client knows it: names, with all below them.
    """

    https: str = field(default="", repr=False)
    http: str = field(default="", repr=False)
    no_proxy: str = ""

    @classmethod
    def parse(cls, *, https: tuple[str, str], http: tuple[str, str], no_proxy: str) -> "Upstream":
        """Read the values of variables, each with the variable's name.

        Raises:
            SettingsError: one is no http(s) URL; the message does not repeat what may be a password.

        """
        return cls(https=_proxy(*https), http=_proxy(*http), no_proxy=no_proxy)


def is_web_url(text: str) -> bool:
    """Tell whether *text* is an http(s) URL."""
    return _is_url(text, WEB)


def _is_url(text: str, schemes: frozenset[str]) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname)


def _basic(url: str) -> Basic | None:
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return None
    return Basic(unquote(parts.username or ""), unquote(parts.password or ""))


def _items(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _origin(text: str) -> str:
    """Return the origin that *text* names; a bare name is called over https."""
    url = text if "://" in text else f"https://{text}"
    parts = urlsplit(url) if is_web_url(url) else None
    if parts is None or "@" in text or parts.path.strip("/") or parts.query or parts.fragment:
        shown = repr(text) if "@" not in text else "an entry with an '@'"
        raise SettingsError(
            f"{shown} is not a host, HOST:PORT or an origin such as http://conda.corp.example:8080",
            key="CONDABOT_EGRESS_HOSTS",
        )
    return spelled(url)


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise SettingsError(f"{error}: it must be a network such as 10.0.0.0/8", key="CONDABOT_EGRESS_CIDRS") from error


def _proxy(name: str, text: str) -> str:
    url = text if "://" in text or not text else f"http://{text}"
    if url and not is_web_url(url):
        raise SettingsError("must be an http(s) URL: condabot knows no other kind of proxy", key=name)
    return url
