"""Which addresses are one host on the public internet, and which are never called."""

import pytest

from bot.egress.addresses import is_never_called, is_public, parse_address

NEVER = """
169.254.169.254 169.254.0.1 fe80::1 fe80::1%eth0 fd00:ec2::254 100.100.100.200 168.63.129.16
::ffff:169.254.169.254 ::ffff:168.63.129.16
"""
PRIVATE = """
127.0.0.1 10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 0.0.0.0 192.0.2.1 198.18.0.1 224.0.0.1 239.1.1.1 240.0.0.1
255.255.255.255 ::1 :: ::ffff:127.0.0.1 ::7f00:1 fc00::1 ff02::1 ff0e::1 64:ff9b::7f00:1 64:ff9b::101:101
64:ff9b:1::1 2002:7f00:1:: 2002:101:101:: 2001::1 2606:4700::1111%eth0
"""
PUBLIC = ("1.1.1.1", "168.63.129.17", "::ffff:1.1.1.1", "2606:4700::1111", "2600::")


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text: str) -> None:
    assert is_public(parse_address(text))
    assert not is_never_called(parse_address(text))


@pytest.mark.parametrize("text", [*NEVER.split(), *PRIVATE.split()])
def test_not_public(text: str) -> None:
    assert not is_public(parse_address(text))
    assert is_never_called(parse_address(text)) == (text in NEVER.split())


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "1.1.1.1.", "[::1]"])
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        parse_address(text)
