"""The forms of repodata, as an independent reader sees them."""

import hashlib
from typing import Any

import msgspec
import pytest
import zstandard

from bot.demo.channel import Mode, record
from bot.demo.channel.repodata import Subdir

RECORDS = (
    record("a", "1", subdir="linux-64"),
    record("a", "2", subdir="linux-64", extension=".tar.bz2"),
    record("b", "1", subdir="linux-64", depends=["a >=1"]),
)


def unpacked(subdir: Subdir, path: str) -> Any:
    file = subdir.file(path)
    assert file is not None
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompressobj().decompress(file[1]))


def test_every_shard_is_found_by_the_hash_of_its_bytes() -> None:
    subdir = Subdir("linux-64", RECORDS)
    index = unpacked(subdir, "repodata_shards.msgpack.zst")
    assert set(index["shards"]) == {"a", "b"}
    for digest in index["shards"].values():
        file = subdir.file(f"shards/{digest.hex()}.msgpack.zst")
        assert file is not None
        assert hashlib.sha256(file[1]).digest() == digest


def test_the_urls_in_the_index_are_relative_so_that_a_mirror_does_not_show_in_records() -> None:
    index = unpacked(Subdir("linux-64", RECORDS), "repodata_shards.msgpack.zst")
    assert index["info"] == {"subdir": "linux-64", "base_url": "./", "shards_base_url": "./shards/"}


def test_a_shard_holds_hashes_as_bytes_and_the_two_archive_formats_apart() -> None:
    subdir = Subdir("linux-64", RECORDS)
    digest = unpacked(subdir, "repodata_shards.msgpack.zst")["shards"]["a"]
    shard = unpacked(subdir, f"shards/{digest.hex()}.msgpack.zst")
    assert (list(shard["packages"]), list(shard["packages.conda"])) == (
        ["a-2-h0000000_0.tar.bz2"],
        ["a-1-h0000000_0.conda"],
    )
    entry = shard["packages.conda"]["a-1-h0000000_0.conda"]
    assert entry["sha256"] == bytes.fromhex(RECORDS[0].sha256)
    assert entry["md5"] == bytes.fromhex(RECORDS[0].md5)
    assert "fn" not in entry


def test_the_compressed_document_is_the_plain_one() -> None:
    subdir = Subdir("linux-64", RECORDS)
    plain, compressed = subdir.file("repodata.json"), subdir.file("repodata.json.zst")
    assert plain is not None
    assert compressed is not None
    assert (plain[0], compressed[0]) == (Mode.JSON, Mode.ZST)
    assert zstandard.ZstdDecompressor().decompress(compressed[1]) == plain[1]


@pytest.mark.parametrize("path", ["a-1-h0000000_0.conda", "shards/00.msgpack.zst", "repodata.json.bz2", ""])
def test_there_is_no_other_file(path: str) -> None:
    assert Subdir("linux-64", RECORDS).file(path) is None
