"""Which IP addresses are public, and which are never called, whatever an operator configures.

`ipaddress.is_global` alone is not enough: it is True for multicast and for IPv6 networks that carry an IPv4 address
inside (NAT64, 6to4, Teredo), so that `64:ff9b::7f00:1` would reach 127.0.0.1 through a translator.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_CARRIES_IPV4 = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
_NEVER = tuple(
    ip_network(each)
    for each in (
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "fe80::/10",
        "fd00:ec2::254/128",  # metadata of AWS over IPv6
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "168.63.129.16/32",  # the host of an Azure machine: a public address
    )
)


def parse_address(text: str) -> Address:
    """Read an IP address, an IPv4 one that is mapped into IPv6 as what it is (RFC 4291, 2.5.5.2).

    Raises:
        ValueError: it is not an IP address.

    """
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_never_called(address: Address) -> bool:
    """Tell whether *address* is link-local or of a metadata service: no setting opens those."""
    return _within(address, _NEVER)


def is_public(address: Address) -> bool:
    """Tell whether *address* is one host on the public internet."""
    if is_never_called(address) or _within(address, _CARRIES_IPV4):
        return False
    if isinstance(address, IPv6Address) and address.scope_id:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
