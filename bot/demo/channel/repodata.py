"""The bytes of one subdir in the three forms in which channels publish repodata.

Sharded (CEP 16): an index of shard hashes by package name, and one shard per name, all msgpack in zstd, with hashes as
bytes. The URLs inside are relative, so a mirror's clients keep the channel's own URL in their records. Whole:
repodata.json, plain or in zstd. Each form is rendered when it is first asked for.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property

import msgspec
import zstandard

from bot.demo.channel.records import Record, RepodataDocument

SHARDS = "shards/"
_LEVEL = 3


class Mode(StrEnum):
    """A form in which a channel may publish the repodata of a subdir."""

    SHARDED = "sharded"
    ZST = "zst"
    JSON = "json"


class Subdir:
    """A subdir as files: name below the subdir -> bytes. Immutable: a changed subdir is another one."""

    def __init__(self, name: str, records: Iterable[Record]) -> None:
        self._name = name
        self._records = tuple(records)

    def file(self, path: str) -> tuple[Mode, bytes] | None:
        """Return the mode that *path* belongs to and its content, or None if there is no such file."""
        match path:
            case "repodata_shards.msgpack.zst":
                return Mode.SHARDED, self._sharded[0]
            case "repodata.json.zst":
                return Mode.ZST, self._compressed
            case "repodata.json":
                return Mode.JSON, self._document
        shard = self._sharded[1].get(path) if path.startswith(SHARDS) else None
        return None if shard is None else (Mode.SHARDED, shard)

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(RepodataDocument.of(self._name, self._records))

    @cached_property
    def _compressed(self) -> bytes:
        return zstandard.ZstdCompressor(level=_LEVEL).compress(self._document)

    @cached_property
    def _sharded(self) -> tuple[bytes, dict[str, bytes]]:
        """Return the index and the shards by path."""
        compressor = zstandard.ZstdCompressor(level=_LEVEL)
        hashes: dict[str, bytes] = {}
        shards: dict[str, bytes] = {}
        for name, records in _by_name(self._records).items():
            content = compressor.compress(shard(records))
            digest = hashlib.sha256(content)
            hashes[name] = digest.digest()
            shards[f"{SHARDS}{digest.hexdigest()}.msgpack.zst"] = content
        index = {
            "info": {"subdir": self._name, "base_url": "./", "shards_base_url": f"./{SHARDS}"},
            "version": 1,
            "shards": hashes,
        }
        return compressor.compress(msgspec.msgpack.encode(index)), shards


def shard(records: Iterable[Record]) -> bytes:
    """Return the shard (CEP 16, not yet compressed) of one package name."""
    archives: dict[str, dict[str, dict[str, object]]] = {"packages": {}, "packages.conda": {}}
    for each in sorted(records, key=lambda each: each.fn):
        entry = msgspec.to_builtins(msgspec.structs.replace(each, fn=""))
        entry |= {"sha256": bytes.fromhex(each.sha256), "md5": bytes.fromhex(each.md5)}
        if each.attestations_sha256:
            entry["attestations_sha256"] = bytes.fromhex(each.attestations_sha256)
        archives["packages.conda" if each.fn.endswith(".conda") else "packages"][each.fn] = entry
    return msgspec.msgpack.encode(archives | {"removed": []})


def _by_name(records: Iterable[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for each in records:
        groups[each.name].append(each)
    return groups
