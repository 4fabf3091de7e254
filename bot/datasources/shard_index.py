"""The index of a subdir's shards (CEP 16): the hash of each package name's records, in some hundred kilobytes.

https://conda.org/learn/ceps/cep-0016: msgpack in zstd, a map whose `shards` are SHA-256 hashes by package name. A name
has another hash when, and only when, its records are others.

Whoever serves a channel may serve anything: nothing here is believed before it is parsed, and no more than
`LARGEST_INDEX` bytes ever come out of the compression.
"""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, TypeAlias

import msgspec

from bot.datasources.zstd import BAD_ZSTD, opened

FILE = "repodata_shards.msgpack.zst"
LARGEST_INDEX = 16_000_000
"""Of bytes, after decompression. The largest public channels have some 20,000 names in a subdir, which are 1 MB."""

MOST_NAMES = 100_000
LONGEST_NAME = 128
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*", re.ASCII)

NameHashes: TypeAlias = Mapping[str, bytes]
"""Package name -> a hash of its records in a subdir."""


class _Index(msgspec.Struct, frozen=True):
    """The index, as far as it is read here."""

    shards: dict[str, Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]]


class NotAnIndex(ValueError):
    """What was read is not what it should be; the message ends a sentence about who said it."""


def is_package_name(text: str) -> bool:
    """Tell whether a conda package can be called *text* (CEP 26), in at most `LONGEST_NAME` characters."""
    return len(text) <= LONGEST_NAME and _NAME.fullmatch(text) is not None


def read_index(content: bytes) -> NameHashes:
    """Return the hashes that the compressed index *content* has by name.

    Raises:
        NotAnIndex: it is none, or larger than it may be.

    """
    try:
        with opened(io.BytesIO(content)) as reader:
            document = reader.read(LARGEST_INDEX + 1)
        if len(document) > LARGEST_INDEX:
            raise NotAnIndex(f"has an index of shards of more than {LARGEST_INDEX // 1_000_000} MB")
        return named(msgspec.msgpack.decode(document, type=_Index).shards.items())
    except (*BAD_ZSTD, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotAnIndex("answered with something that is not an index of shards (CEP 16)") from error


def named(hashes: Iterable[tuple[str, bytes]]) -> NameHashes:
    """Return *hashes* by name, without what no package can be called, which nothing can ask for.

    Raises:
        NotAnIndex: they are more than any channel has.

    """
    found = {name: digest for name, digest in hashes if is_package_name(name)}
    if len(found) > MOST_NAMES:
        raise NotAnIndex(f"lists more than {MOST_NAMES:,} packages")
    return found
