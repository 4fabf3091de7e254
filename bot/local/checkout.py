"""A checkout on disk: which of its files matter, and writing them back whole or not at all."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BadInput

UNVISITED = frozenset({".git", ".hg", ".svn", ".pixi", ".venv", "node_modules", "__pycache__"})
LARGEST_FILE = 50_000_000
CLOSED = os.strerror(errno.EACCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A directory of files. Symbolic links in it are never followed."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "Checkout":
        """Return the checkout at *path*.

        Raises:
            BadInput: *path* is not a directory, or may not be read.

        """
        if not path.is_dir():
            raise BadInput("is not a directory: name the folder of a checkout", path=str(path))
        if not _may_be_read(path):
            raise BadInput(f"cannot be read: {CLOSED}", path=str(path))
        return cls(root=path)

    def paths(self) -> tuple[str, ...]:
        """Return the paths of all regular files, relative and with slashes, sorted."""
        return tuple(sorted(self._walk()))

    def links(self) -> Mapping[str, str]:
        """Return the paths of all symbolic links to files, or to nothing, with what each names: none is followed."""
        found = (Path(directory, name) for directory, _, names in self._folders() for name in names)
        links = sorted(each for each in found if each.is_symlink())
        return {each.relative_to(self.root).as_posix(): each.readlink().as_posix() for each in links}

    def sizes(self) -> Mapping[str, int]:
        """Return the sizes in bytes of the files at `paths`; a file that vanished meanwhile is not among them."""
        found: dict[str, int] = {}
        for path in self.paths():
            with contextlib.suppress(FileNotFoundError):
                found[path] = (self.root / path).stat().st_size
        return found

    def read(self, path: str) -> bytes:
        """Return the bytes of the file at *path*; a file over `LARGEST_FILE` bytes is refused as `BadInput`."""
        try:
            size = (self.root / path).stat().st_size
            if size > LARGEST_FILE:
                raise BadInput(f"has {size} bytes, more than the {LARGEST_FILE} that are read", path=path)
            return (self.root / path).read_bytes()
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", path=path) from error

    def write(self, files: Mapping[str, str], *, before: Mapping[str, bytes]) -> None:
        """Write every file of *files*, or none; *before* is what was read of each.

        All are written beside their places first, then moved there.

        Raises:
            BadInput: a file cannot be written, or is not as it was read.

        """
        with contextlib.ExitStack() as cleanup:
            written = {path: self._write_beside(path, text, cleanup) for path, text in files.items()}
            for path in files:
                if self.read(path) != before[path]:
                    raise BadInput("was changed while condabot worked, so nothing was written: run it again", path=path)
            self._move(written, before)

    def _move(self, written: Mapping[str, Path], before: Mapping[str, bytes]) -> None:
        """Move every file of *written* to its place; if one cannot be, those moved before it are put back."""
        moved: list[str] = []
        for path, temporary in written.items():
            try:
                temporary.replace(self.root / path)
            except OSError as error:
                for each in moved:
                    (self.root / each).write_bytes(before[each])
                raise BadInput(f"cannot be written: {error.strerror}", path=path) from error
            moved.append(path)

    def closed_folders(self) -> tuple[BadInput, ...]:
        """Return what is wrong with each folder that may not be read: what is in it, nobody knows."""
        return tuple(
            BadInput(f"cannot be read: {CLOSED}", path=path.relative_to(self.root).as_posix())
            for directory, folders, _ in self._folders()
            for path in (Path(directory, name) for name in folders)
            if not (path.is_symlink() or _may_be_read(path))
        )

    def _folders(self) -> Iterator[tuple[str, list[str], list[str]]]:
        for directory, folders, names in os.walk(self.root):
            folders[:] = sorted(set(folders) - UNVISITED)
            yield directory, folders, names
            folders[:] = [name for name in folders if _may_be_read(Path(directory, name))]

    def _walk(self) -> Iterator[str]:
        for directory, _, names in self._folders():
            for name in names:
                path = Path(directory, name)
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(self.root).as_posix()

    def _write_beside(self, path: str, text: str, cleanup: contextlib.ExitStack) -> Path:
        target = self.root / path
        try:
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".condabot-")
            temporary = Path(name)
            cleanup.callback(temporary.unlink, missing_ok=True)
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
            temporary.chmod(target.stat().st_mode & 0o777)
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", path=path) from error
        return temporary


def _may_be_read(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)
