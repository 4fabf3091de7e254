"""Files of a repository, read from git trees and blobs by their ids: no checkout, no path that is resolved by anybody.

What was read is remembered by id: the same content is never asked for twice.
https://docs.github.com/en/rest/git/trees https://docs.github.com/en/rest/git/blobs
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from bot.errors import BadInput, GitHubError
from bot.github.client import Client
from bot.github.model import FileMode, Oid, TreeEntry

BLOBS_PER_CALL = 100
BYTES_PER_CALL = 4_000_000
LARGEST_TEXT = 500_000
"""Bytes of a blob that is asked for by GraphQL, which cuts a text after 512,000."""
LARGEST_BLOB = 50_000_000
MEMORY = 64_000_000


class BlobCache:
    """Contents by repository and id, those used last, at most *limit* bytes of them."""

    def __init__(self, limit: int = MEMORY) -> None:
        self._limit = limit
        self._size = 0
        self._blobs: OrderedDict[tuple[int, Oid], bytes] = OrderedDict()

    def get(self, repository_id: int, oid: Oid) -> bytes | None:
        """Return the content, if it is remembered."""
        key = (repository_id, oid)
        if key in self._blobs:
            self._blobs.move_to_end(key)
        return self._blobs.get(key)

    def put(self, repository_id: int, oid: Oid, content: bytes) -> None:
        """Remember *content*, and forget what was not used for longest."""
        key = (repository_id, oid)
        self._size += len(content) - len(self._blobs.pop(key, b""))
        self._blobs[key] = content
        while self._size > self._limit:
            self._size -= len(self._blobs.popitem(last=False)[1])


class _Entry(msgspec.Struct):
    path: str
    mode: str
    sha: Oid
    size: int = 0


class _Tree(msgspec.Struct):
    tree: list[_Entry]
    truncated: bool


class _Text(msgspec.Struct):
    text: str | None = None


class _Texts(msgspec.Struct):
    node: dict[str, _Text | None]


async def tree(client: Client, oid: Oid) -> tuple[TreeEntry, ...]:
    """Return the files below the tree *oid*, sorted by path. Links, submodules and odd paths are not among them.

    Raises:
        GitHubError: the tree is too large for one answer (100,000 entries or 7 MB), or GitHub refused.

    """
    answer = await client.get(
        "/repos/{owner}/{repo}/git/trees/{tree_sha}{?recursive}", _Tree, tree_sha=oid, recursive="1"
    )
    if answer.truncated:
        raise GitHubError(
            f"{client.repository.owner}/{client.repository.name} has more files than GitHub lists in one answer "
            "(100,000 entries or 7 MB): condabot does not manage repositories of that size"
        )
    return tuple(sorted(map(_entry, filter(_is_file, answer.tree)), key=lambda entry: entry.path))


def _is_file(entry: _Entry) -> bool:
    return entry.mode in set(FileMode) and not any(sign in entry.path for sign in "\\\0") and _is_plain(entry.path)


def _is_plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return "/".join(parts) == path and ".." not in parts and ".git" not in {part.lower() for part in parts}


def _entry(entry: _Entry) -> TreeEntry:
    return TreeEntry(path=entry.path, mode=FileMode(entry.mode), oid=entry.sha, size=entry.size)


async def read(client: Client, entries: Iterable[TreeEntry], cache: BlobCache) -> Mapping[str, bytes]:
    """Return the contents of *entries* by path: one call for a hundred small blobs that are not remembered.

    Binary and large blobs, which GraphQL does not give, take one call each. Every content is checked by its id.

    Raises:
        BadInput: a file is larger than 50 MB.
        GitHubError: GitHub refused, or gave something else than was asked for.

    """
    wanted = tuple(entries)
    for entry in wanted:
        if entry.size > LARGEST_BLOB:
            raise BadInput(f"{entry.size} bytes; condabot reads files up to {LARGEST_BLOB}", path=entry.path)
    contents = {entry.oid: cache.get(client.repository.id, entry.oid) for entry in wanted}
    missing = {entry.oid: entry.size for entry in wanted if contents[entry.oid] is None}
    for oid, content in (await _fetched(client, missing)).items():
        cache.put(client.repository.id, oid, content)
        contents[oid] = content
    return {entry.path: contents[entry.oid] or b"" for entry in wanted}


async def _fetched(client: Client, sizes: Mapping[Oid, int]) -> dict[Oid, bytes]:
    fetched: dict[Oid, bytes] = {}
    for oids in _calls(sizes):
        fetched |= await _texts(client, oids)
    for oid in sizes:
        if oid not in fetched:
            fetched[oid] = await _blob(client, oid)
    return fetched


def _calls(sizes: Mapping[Oid, int]) -> Iterator[tuple[Oid, ...]]:
    """Yield the ids of small blobs, as many as one call asks for: an answer is decoded in one go."""
    call, total = list[Oid](), 0
    for oid, size in sizes.items():
        if size > LARGEST_TEXT:
            continue
        if call and (len(call) == BLOBS_PER_CALL or total + size > BYTES_PER_CALL):
            yield tuple(call)
            call, total = [], 0
        call.append(oid)
        total += size
    if call:
        yield tuple(call)


async def _texts(client: Client, oids: Sequence[Oid]) -> dict[Oid, bytes]:
    """Return those blobs that GraphQL gives whole; its text is cut for large ones and absent for binary ones."""
    declarations = " ".join(f"$o{index}: GitObjectID!" for index in range(len(oids)))
    objects = " ".join(f"b{index}: object(oid: $o{index}) {{ ... on Blob {{ text }} }}" for index in range(len(oids)))
    query = f"query($id: ID!, {declarations}) {{ node(id: $id) {{ ... on Repository {{ {objects} }} }} }}"
    variables = {f"o{index}": oid for index, oid in enumerate(oids)}
    answer = await client.query(query, _Texts, {"id": client.repository.node_id, **variables})
    texts = {oid: answer.node.get(f"b{index}") for index, oid in enumerate(oids)}
    contents = {oid: blob.text.encode() for oid, blob in texts.items() if blob and blob.text is not None}
    return {oid: content for oid, content in contents.items() if blob_id(content) == oid}


async def _blob(client: Client, oid: Oid) -> bytes:
    content = await client.content("/repos/{owner}/{repo}/git/blobs/{file_sha}", file_sha=oid)
    if await asyncio.to_thread(blob_id, content) != oid:
        raise GitHubError(f"the content of blob {oid} does not have that id")
    return content


def blob_id(content: bytes) -> Oid:
    """Return the id that git gives to *content*."""
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return Oid(digest.hexdigest())
