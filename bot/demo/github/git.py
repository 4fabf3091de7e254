"""A bare git repository, read and written with libgit2.

Nothing here knows of GitHub. Objects are named by their full hexadecimal ids; references by their full names.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2.enums import DeltaStatus, FileMode, SortMode

from bot.demo.github.model import GitIdentity

FULL_OID = re.compile(r"[0-9a-f]{40}")
STATUSES = {
    DeltaStatus.ADDED: "added",
    DeltaStatus.DELETED: "removed",
    DeltaStatus.RENAMED: "renamed",
}
SUBMODULE = FileMode.COMMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeChange:
    """One path of a tree to be written; no `oid` removes the path."""

    path: str
    mode: int
    oid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeItem:
    """One entry of a tree as it is; `size` is that of a blob, in bytes."""

    path: str
    mode: int
    kind: str
    oid: str
    size: int | None

    @property
    def octal_mode(self) -> str:
        """Return the mode as git writes it, e.g. `100644`."""
        return f"{self.mode:06o}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """What happened to one file between two commits."""

    path: str
    previous_path: str | None
    status: str
    oid: str
    additions: int
    deletions: int
    patch: str


class MissingObjectError(LookupError):
    """The repository has no such object, or it is of another kind."""


class Git:
    """One bare repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._git = pygit2.Repository(str(path))

    @classmethod
    def create(cls, path: Path, *, default_branch: str) -> "Git":
        """Make an empty bare repository at *path*."""
        pygit2.init_repository(str(path), bare=True, initial_head=default_branch)
        return cls(path)

    # -- references

    def references(self, prefix: str = "refs/") -> dict[str, str]:
        """Return the full names below *prefix*, sorted, and what they point to."""
        names = sorted(name for name in self._git.references if name.startswith(prefix))
        return {name: str(self._git.references[name].resolve().target) for name in names}

    def target(self, name: str) -> str | None:
        """Return what the reference points to, None when it does not exist."""
        reference = self._git.references.get(name)
        return str(reference.resolve().target) if reference else None

    def point(self, name: str, oid: str | None) -> None:
        """Make the reference point to *oid*; None removes it."""
        if oid is None:
            self._git.references.delete(name)
        else:
            self._git.references.create(name, oid, force=True)

    def point_head(self, branch: str) -> None:
        """Let `HEAD`, which clones follow, stand for *branch*."""
        self._git.set_head(f"refs/heads/{branch}")

    def fetch(self, source: Path, refspecs: Sequence[str]) -> None:
        """Copy references, with the objects behind them, from the repository at *source*."""
        self._git.remotes.create_anonymous(str(source)).fetch(list(refspecs))

    def valid_name(self, name: str) -> bool:
        """Say whether git allows *name* for a reference."""
        return name.startswith("refs/") and bool(pygit2.reference_is_valid_name(name))

    def resolve(self, expression: str) -> str:
        """Return the commit that a branch, tag, full reference name or full id stands for.

        Raises MissingObjectError.
        """
        for name in (expression, f"refs/{expression}", f"refs/heads/{expression}", f"refs/tags/{expression}"):
            if name.startswith("refs/") and (oid := self.target(name)):
                return str(self.commit(oid).id)
        return str(self.commit(expression).id)

    # -- objects

    def exists(self, oid: str) -> bool:
        """Say whether the repository holds the object."""
        return bool(FULL_OID.fullmatch(oid)) and oid in self._git

    def kind(self, oid: str) -> str:
        """Return `blob`, `tree`, `commit` or `tag`. Raises MissingObjectError."""
        return str(self._object(oid).type_str)

    def is_a(self, kind: str, oid: str) -> bool:
        """Say whether the repository holds the object and it is of *kind*."""
        return self.exists(oid) and self.kind(oid) == kind

    def commit(self, oid: str) -> pygit2.Commit:
        """Return a commit. Raises MissingObjectError."""
        try:
            return self._object(oid).peel(pygit2.Commit)
        except (pygit2.GitError, ValueError):
            raise MissingObjectError(oid) from None

    def blob(self, oid: str) -> bytes:
        """Return the content of a blob. Raises MissingObjectError."""
        found = self._object(oid)
        if not isinstance(found, pygit2.Blob):
            raise MissingObjectError(oid)
        return bytes(found.data)

    def tree_of(self, oid: str) -> str:
        """Return the tree of a commit, or the tree itself. Raises MissingObjectError."""
        return str(self._tree(oid).id)

    def entry(self, treeish: str, path: str) -> TreeItem:
        """Return what stands at *path*. Raises MissingObjectError."""
        try:
            return _item(self._tree(treeish)[path], path)
        except KeyError:
            raise MissingObjectError(path) from None

    def items(self, treeish: str, path: str = "") -> list[TreeItem]:
        """Return the entries of one directory, in git's order. Raises MissingObjectError."""
        tree = self._tree(self.entry(treeish, path).oid if path else treeish)
        return [_item(child, f"{path}/{child.name}".lstrip("/")) for child in tree]

    def walk(self, treeish: str) -> Iterator[TreeItem]:
        """Return all entries below *treeish*, directories before their content."""
        return self._walk(self._tree(treeish), "")

    def files(self, treeish: str) -> list[TreeItem]:
        """Return all entries below *treeish* that are no directories."""
        return [item for item in self.walk(treeish) if item.kind != "tree"]

    def _walk(self, tree: pygit2.Tree, prefix: str) -> Iterator[TreeItem]:
        for child in tree:
            yield _item(child, prefix + str(child.name))
            if isinstance(child, pygit2.Tree):
                yield from self._walk(child, f"{prefix}{child.name}/")

    def write_blob(self, content: bytes) -> str:
        """Store *content* and return its id."""
        return str(self._git.create_blob(content))

    def write_tree(self, base: str | None, changes: Iterable[TreeChange]) -> str:
        """Store *base* with *changes* applied and return its id. Raises MissingObjectError for a path to remove."""
        index = pygit2.Index()
        if base is not None:
            index.read_tree(self._tree(base))
        for change in changes:
            self._apply(index, change)
        return str(index.write_tree(self._git))

    def _apply(self, index: pygit2.Index, change: TreeChange) -> None:
        if change.oid is None:
            _remove(index, change.path)
        elif change.mode == FileMode.TREE:
            for item in self.files(change.oid):
                _add(index, f"{change.path}/{item.path}", item.mode, item.oid)
        else:
            _add(index, change.path, change.mode, change.oid)

    def write_commit(
        self, *, tree: str, parents: Sequence[str], message: str, author: GitIdentity, committer: GitIdentity
    ) -> str:
        """Store a commit and return its id; no reference moves."""
        oid = self._git.create_commit(
            None,
            _signature(author),
            _signature(committer),
            message,
            pygit2.Oid(hex=tree),
            [pygit2.Oid(hex=p) for p in parents],
        )
        return str(oid)

    # -- history

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Say whether *descendant* contains *ancestor*; a commit contains itself."""
        return ancestor == descendant or bool(self._git.descendant_of(descendant, ancestor))

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor; None for unrelated histories."""
        base = self._git.merge_base(one, other)
        return str(base) if base else None

    def commits(self, tip: str, *, without: Iterable[str]) -> list[str]:
        """Return the commits of *tip* that are in none of *without*, oldest first."""
        walker = self._git.walk(tip, SortMode.TOPOLOGICAL | SortMode.REVERSE)
        for oid in without:
            walker.hide(oid)
        return [str(commit.id) for commit in walker]

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """Return the tree of the merge of two commits; None when they conflict."""
        index = self._git.merge_commits(ours, theirs)
        return None if index.conflicts else str(index.write_tree(self._git))

    def picked_tree(self, commit: str, onto: str) -> str | None:
        """Return the tree of *onto* with the change of *commit*; None when they conflict."""
        picked = self.commit(commit)
        index = self._git.merge_trees(picked.parents[0].tree, self.commit(onto).tree, picked.tree)
        return None if index.conflicts else str(index.write_tree(self._git))

    def changed(self, old: str | None, new: str) -> list[FileDiff]:
        """Return the files that differ between two commits; *old* None stands for the empty tree."""
        tree = self._tree(new)
        if old is None:
            diff = tree.diff_to_tree(swap=True)
        else:
            diff = self._tree(old).diff_to_tree(tree)
            diff.find_similar()
        return [_file_diff(patch) for patch in diff if patch is not None]

    def _object(self, expression: str) -> pygit2.Object:
        found = self._git.get(expression) if FULL_OID.fullmatch(expression) else None
        if found is None:
            raise MissingObjectError(expression)
        return found

    def _tree(self, expression: str) -> pygit2.Tree:
        try:
            return self._object(expression).peel(pygit2.Tree)
        except (pygit2.GitError, ValueError):
            raise MissingObjectError(expression) from None


def _item(child: pygit2.Object, path: str) -> TreeItem:
    size = child.size if isinstance(child, pygit2.Blob) else None
    mode = int(child.filemode or 0)
    kind = "commit" if mode == SUBMODULE else str(child.type_str)
    return TreeItem(path=path, mode=mode, kind=kind, oid=str(child.id), size=size)


def _add(index: pygit2.Index, path: str, mode: int, oid: str) -> None:
    index.add(pygit2.IndexEntry(path, pygit2.Oid(hex=oid), FileMode(mode)))


def _remove(index: pygit2.Index, path: str) -> None:
    gone = [entry.path for entry in index if entry.path == path or entry.path.startswith(f"{path}/")]
    if not gone:
        raise MissingObjectError(path)
    for each in gone:
        index.remove(each)


def _signature(identity: GitIdentity) -> pygit2.Signature:
    return pygit2.Signature(identity.name, identity.email, int(identity.when.timestamp()), 0)


def _file_diff(patch: pygit2.Patch) -> FileDiff:
    delta = patch.delta
    status = STATUSES.get(delta.status, "modified")
    _, additions, deletions = patch.line_stats
    return FileDiff(
        path=delta.new_file.path,
        previous_path=delta.old_file.path if status == "renamed" else None,
        status=status,
        oid=str(delta.old_file.id if status == "removed" else delta.new_file.id),
        additions=additions,
        deletions=deletions,
        patch="" if delta.is_binary else _hunks(patch.text or ""),
    )


def _hunks(text: str) -> str:
    """Return a patch without the lines above its first hunk, as GitHub shows it."""
    start = text.find("@@ ")
    return text[start:].rstrip("\n") if start >= 0 else ""
