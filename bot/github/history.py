"""How a file was before: its versions in the history of a commit, by one call."""

from dataclasses import dataclass

import msgspec

from bot.github.client import Client
from bot.github.model import FileMode, Oid, TreeEntry

VERSIONS = """
query($id: ID!, $commit: GitObjectID!, $path: String!) {
  node(id: $id) {
    ... on Repository {
      object(oid: $commit) {
        ... on Commit {
          history(first: 20, path: $path) {
            nodes { oid file(path: $path) { mode oid object { ... on Blob { byteSize } } } }
          }
        }
      }
    }
  }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A file as a commit left it."""

    commit: Oid
    entry: TreeEntry


class _Blob(msgspec.Struct, rename="camel"):
    byte_size: int = -1


class _File(msgspec.Struct):
    mode: int
    oid: Oid
    object: _Blob | None = None


class _Commit(msgspec.Struct):
    oid: Oid
    file: _File | None = None


class _History(msgspec.Struct):
    nodes: list[_Commit] = msgspec.field(default_factory=list)


class _Object(msgspec.Struct):
    history: _History = msgspec.field(default_factory=_History)


class _Repository(msgspec.Struct):
    object: _Object | None = None


class _Answer(msgspec.Struct):
    node: _Repository | None = None


async def versions(client: Client, commit: Oid, path: str) -> tuple[Version, ...]:
    """Return what the file at *path* was at *commit* and before, the latest first: at most 20, each content once.

    Raises:
        GitHubError: GitHub refused.

    """
    variables = {"id": client.repository.node_id, "commit": commit, "path": path}
    node = (await client.query(VERSIONS, _Answer, variables)).node
    found = node.object.history.nodes if node and node.object else []
    contents: dict[Oid, Version] = {}
    for each in found:
        mode = f"{each.file.mode:o}" if each.file else ""
        if each.file and each.file.object and mode in set(FileMode) and each.file.object.byte_size >= 0:
            size = each.file.object.byte_size
            entry = TreeEntry(path=path, mode=FileMode(mode), oid=each.file.oid, size=size)
            contents.setdefault(entry.oid, Version(commit=each.oid, entry=entry))
    return tuple(contents.values())
