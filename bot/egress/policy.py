"""Which URLs may be channels or package indexes and which addresses may be connected to; no call is made here.

Such a URL comes from a repository, so it is hostile. What is refused is said in a sentence that never repeats
a user name, a password or a token. Hosts are compared as text: a name that resolves to a private address passes
these checks and is stopped by `check_address`, which `EgressProxy` asks for every address of every connection.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from bot.egress.addresses import Address, Network, is_never_called, is_public, parse_address
from bot.errors import EgressRefused
from bot.networks import CHANNEL_HOSTS
from bot.urls import DEFAULT_PORTS, is_below, plain_host, spelled

HTTPS_PORT = 443
LONGEST_URL = 2048
_PORTS = DEFAULT_PORTS
_OTHERS = frozenset({"oci", "s3"})
"""Schemes of channels that are read by way of a mirror, or with credentials, and else not at all."""

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]|/\.\.?(?:/|$)|%2e", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]+")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_TOKEN = re.compile(r"/t/[^/]+")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".localdomain", ".internal", ".home.arpa", ".lan", ".intranet")


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """What the operator allows.

    `hosts` are the names that may be called over https. `allow_any_https` opens every public host instead, and
    `allow_files` opens `file:` channels: both are for commands that a person runs on their own checkout, never for the
    App. `trusted` are origins (`http://127.0.0.1:8080`) that the operator configured, as mirrors are: they may be
    plain http and private. `named` are origins that the operator lets repositories call: they may be plain http, but
    private only within `networks`. `readable` are URLs below which the operator has somebody else read for a repository
    (`bot.egress.keeper`): those may be named, and are not called. `file_hosts` are where indexes that may be called
    keep their files: nobody can list them beforehand, so they are learned from the indexes' own pages
    (`allow_files_at`). Files are read there, and nothing else.

    A host is one host in every spelling: `Conda.Anaconda.Org.:443` is conda.anaconda.org.
    """

    hosts: frozenset[str] = CHANNEL_HOSTS
    allow_any_https: bool = False
    allow_files: bool = False
    trusted: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    readable: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    file_hosts: set[str] = field(default_factory=set, compare=False)

    def check_channel_url(self, url: str) -> None:
        """Pass if *url* may be read as a channel.

        Raises:
            EgressRefused: it may not; the message says why, without repeating credentials.

        """
        parts = split_url(url)
        if parts.scheme == "file" and self.allow_files:
            return
        if parts.scheme in _OTHERS and not self._reads(url):
            raise EgressRefused(_not_of_the_web(parts.scheme))
        self._check_web_url(parts)

    def check_index_url(self, url: str) -> None:
        """Pass if *url*, of a package index or of a file that it names, may be read; never a `file:` URL.

        Raises:
            EgressRefused: it may not; the message says why, without repeating credentials.

        """
        self._check_web_url(split_url(url))

    def allow_files_at(self, url: str) -> bool:
        """Let files be read at the host of *url*, which an index that may be called names on a page.

        Return whether that is a host where they could not be read before.

        Raises:
            EgressRefused: it is no https URL of a public host, and not one that the operator configured.

        """
        parts = split_url(url)
        if self._reads(url):
            return False
        host, port = _host(parts), _port(parts)
        if parts.scheme not in _PORTS or not self._trusts(parts.scheme, host, port):
            _check_scheme(parts.scheme, port, host)
            check_public_name(host)
            is_new = host not in self.file_hosts
            self.file_hosts.add(host)
            return is_new
        return False

    def check_file_url(self, url: str) -> None:
        """Pass if *url*, of a file that an index names, may be read.

        Raises:
            EgressRefused: it may not; the message says why, without repeating credentials.

        """
        parts = split_url(url)
        if parts.scheme != "https" or _port(parts) != HTTPS_PORT or _host(parts) not in self.file_hosts:
            self._check_web_url(parts)

    def _check_web_url(self, parts: SplitResult) -> None:
        if self._reads(parts.geturl()):
            return
        if parts.scheme not in _PORTS:
            raise EgressRefused(f"A channel or index must be an https URL, not {parts.scheme!r}: nothing else is read.")
        host, port = _host(parts), _port(parts)
        if not self._trusts(parts.scheme, host, port):
            _check_scheme(parts.scheme, port, host)
            self.check_host(host)

    def check_host(self, host: str) -> None:
        """Pass if *host* is a name that may be called over https.

        Raises:
            EgressRefused: it is an IP address in some notation, a private name, or not allowed.

        """
        check_public_name(host)
        if not self.allow_any_https and plain_host(host) not in map(plain_host, self.hosts):
            raise EgressRefused(f"The host {host} is not one that this bot may call; its operator can allow it.")

    def check_destination(self, host: str, port: int) -> None:
        """Pass if a connection to *host* at *port* may be tried; its addresses are still to be checked.

        Raises:
            EgressRefused: it may not.

        """
        if self.trusts_destination(host, port):
            return
        if port != HTTPS_PORT:
            raise EgressRefused(f"Only port {HTTPS_PORT} may be called, not {port}.")
        if host not in self.file_hosts:
            self.check_host(host)

    def check_address(self, text: str, *, host: str, port: int) -> None:
        """Pass if the address *text*, which *host* resolved to, may be connected to.

        Raises:
            EgressRefused: it is private, or not one host's address.

        """
        address = parse_address(text)
        if is_never_called(address) or not (is_public(address) or self._may_be_private(address, host, port)):
            raise EgressRefused(f"The host {host} resolves to {address}, which is not a public address.")

    def _may_be_private(self, address: Address, host: str, port: int) -> bool:
        is_within = any(address in network for network in self.networks)
        return _is_at(self.trusted, host, port) or (is_within and _is_at(self.named, host, port))

    def trusts_destination(self, host: str, port: int) -> bool:
        """Tell whether the operator configured *host* at *port* as an origin, of whatever scheme."""
        return _is_at(self.trusted | self.named, host, port)

    def _trusts(self, scheme: str, host: str, port: int) -> bool:
        return (scheme, host, port) in {origin(each) for each in self.trusted | self.named}

    def _reads(self, url: str) -> bool:
        return any(is_below(spelled(url), each) for each in self.readable)


def _is_at(origins: frozenset[str], host: str, port: int) -> bool:
    return (plain_host(host), port) in {origin(each)[1:] for each in origins}


def _not_of_the_web(scheme: str) -> str:
    key = "CONDABOT_CREDENTIALS_FILE has no key for it, and " if scheme == "s3" else ""
    setup = f"{key}CONDABOT_MIRRORS names no mirror of it on the web"
    return f"A channel of the kind {scheme}:// is read where the operator of this bot has set that up: {setup}."


def split_url(url: str) -> SplitResult:
    """Split *url*, which must not hold credentials, a query, or what clients read in different ways.

    Raises:
        EgressRefused: it does; the message does not repeat the URL.

    """
    parts = split_called_url(url)
    if _TOKEN.search(parts.path):
        raise EgressRefused("The URL of a channel or index holds a token (/t/…); none is taken from a file.")
    return parts


def split_called_url(url: str) -> SplitResult:
    """Split *url*, which is ours or an operator's, so that a token (`/t/…`) may be in it; else as `split_url`."""
    if len(url) > LONGEST_URL or _UNSAFE.search(url):
        raise EgressRefused("The URL of a channel or index is too long, or holds spaces, backslashes or dot segments.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise EgressRefused("The URL of a channel or index is not a URL.") from error
    if "@" in parts.netloc:
        raise EgressRefused("The URL of a channel or index holds a user name or password; none is taken from a file.")
    if "?" in url or "#" in url:
        raise EgressRefused("The URL of a channel or index must not have a query or a fragment.")
    return parts


def one_spelling(parts: SplitResult) -> str:
    """Return the URL of which *parts* are: without the root's dot, its usual port and slashes at its end.

    Raises:
        EgressRefused: its port is none.

    """
    try:
        return spelled(parts.geturl())
    except ValueError as error:
        raise EgressRefused("The URL of a channel or index has a port that is not one.") from error


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of *url*: what the operator trusts as a whole.

    Raises:
        EgressRefused: it is not an http(s) URL.

    """
    parts = split_called_url(url)
    if parts.scheme not in _PORTS:
        raise EgressRefused("A trusted origin must be an http(s) URL.")
    return parts.scheme, _host(parts), _port(parts)


def check_public_name(host: str) -> None:
    """Pass if *host* is written as a public host name; nothing is looked up.

    A host whose last label is a number is an IPv4 address to every client that follows the URL standard
    (https://url.spec.whatwg.org/#ends-in-a-number-checker): `127.1`, `2130706433`, `0x7f000001`.

    Raises:
        EgressRefused: it is an IP address in some notation, a private name, or not ASCII.

    """
    if ":" in host or _NUMBER.fullmatch(host.rsplit(".", 1)[-1]):
        raise EgressRefused("The host of a channel or index is an IP address; name it by its public host name.")
    if not _HOST.fullmatch(host) or host.endswith(_PRIVATE_SUFFIXES):
        raise EgressRefused(f"{_shown(host)} is not a public host name.")


def _check_scheme(scheme: str, port: int, host: str) -> None:
    if scheme != "https":
        raise EgressRefused(f"The channel or index at {_shown(host)} must be read over https, not {scheme}.")
    if port != HTTPS_PORT:
        raise EgressRefused(f"The channel or index at {_shown(host)} must be read at port {HTTPS_PORT}, not {port}.")


def _host(parts: SplitResult) -> str:
    host = plain_host(parts.hostname or "")
    if not host:
        raise EgressRefused("The URL of a channel or index names no host.")
    return host


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or _PORTS[parts.scheme]
    except ValueError as error:
        raise EgressRefused("The URL of a channel or index has a port that is not one.") from error


def _shown(host: str) -> str:
    """Quote a host that may hold anything, shortened."""
    return ascii(host[:80])
