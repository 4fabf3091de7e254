"""Files of a repository, read from git trees and blobs by their ids: no checkout, no path that is resolved by anybody.

What was read is remembered by id: the same content is never asked for twice.
https://docs.github.com/en/rest/git/trees https://docs.github.com/en/rest/git/blobs
"""

import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from bot.errors import BadInput, GitHubError
from bot.github.client import Client
from bot.github.model import FileMode, Oid, TreeEntry

BLOBS_PER_CALL = 100
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


class _Blob(msgspec.Struct):
    content: str


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
    """Return the contents of *entries* by path: one call for a hundred blobs that are not remembered.

    Binary and very large blobs, which GraphQL does not give, take one call each. Every content is checked by its id.

    Raises:
        BadInput: a file is larger than 50 MB.
        GitHubError: GitHub refused, or gave something else than was asked for.

    """
    wanted = tuple(entries)
    for entry in wanted:
        if entry.size > LARGEST_BLOB:
            raise BadInput(f"{entry.size} bytes; condabot reads files up to {LARGEST_BLOB}", path=entry.path)
    contents = {entry.oid: cache.get(client.repository.id, entry.oid) for entry in wanted}
    for oid, content in (await _fetched(client, [oid for oid, known in contents.items() if known is None])).items():
        cache.put(client.repository.id, oid, content)
        contents[oid] = content
    return {entry.path: contents[entry.oid] or b"" for entry in wanted}


async def _fetched(client: Client, oids: Sequence[Oid]) -> dict[Oid, bytes]:
    fetched: dict[Oid, bytes] = {}
    for start in range(0, len(oids), BLOBS_PER_CALL):
        fetched |= await _texts(client, oids[start : start + BLOBS_PER_CALL])
    for oid in oids:
        if oid not in fetched:
            fetched[oid] = await _blob(client, oid)
    return fetched


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
    blob = await client.get("/repos/{owner}/{repo}/git/blobs/{file_sha}", _Blob, file_sha=oid)
    try:
        content = base64.b64decode(blob.content)
    except binascii.Error as error:
        raise GitHubError(f"the content of blob {oid} is not base64") from error
    if blob_id(content) != oid:
        raise GitHubError(f"the content of blob {oid} does not have that id")
    return content


def blob_id(content: bytes) -> Oid:
    """Return the id that git gives to *content*."""
    return Oid(hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest())
