"""Bytes that are not a manifest's are refused with the name of their encoding."""

import pytest

from bot.errors import ManifestError
from bot.manifests.decoding import MAX_BYTES, decode

TEXT = "name: größer\r\ndependencies: []\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_decoded_and_encodes_to_the_same_bytes(encoding: str) -> None:
    content = TEXT.encode(encoding)

    assert decode("environment.yml", content).encode() == content


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32")],
)
def test_utf_16_and_utf_32_are_refused_by_name(encoding: str, name: str) -> None:
    with pytest.raises(ManifestError, match=f"environment.yml: is encoded as {name}; save it as UTF-8"):
        decode("environment.yml", TEXT.encode(encoding))


def test_another_encoding_is_refused_with_its_first_byte_and_line() -> None:
    with pytest.raises(ManifestError, match=r"environment.yml:2: is not UTF-8 \(byte 0xf6\)"):
        decode("environment.yml", b"name: x\ndescription: gr\xf6\xdfer\n")


def test_a_file_beyond_the_limit_is_refused_with_its_size() -> None:
    with pytest.raises(ManifestError, match=f"has {MAX_BYTES + 1} bytes"):
        decode("environment.yml", b" " * (MAX_BYTES + 1))
