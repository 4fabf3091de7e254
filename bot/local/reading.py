"""What a checkout asks for, those of its files that matter, and what could not be read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from bot.config import PATHS, Configuration, read_configuration
from bot.errors import BadInput
from bot.model.manifest import VirtualPackage
from bot.model.report import Problem
from bot.updating.read import Reader
from bot.updating.read.hashing import NoCondaLock
from bot.updating.read.named import named_paths
from bot.updating.read.relevance import DEFAULTS, orphan_paths, relevant_paths
from bot.workspaces import ResolveChannel
from bot.workspaces.requirements_files import DEEPEST


class Tree(Protocol):
    """A folder of files, on disk or of a commit."""

    def sizes(self) -> Mapping[str, int]:
        """Return the sizes in bytes of all regular files, by path."""
        ...

    def read(self, path: str) -> bytes:
        """Return the bytes of the file at *path*.

        Raises:
            BadInput: it cannot be read.

        """
        ...

    def closed_folders(self) -> tuple[BadInput, ...]:
        """Return what is wrong with each folder that may not be read."""
        ...


def configuration_of(tree: Tree) -> Configuration:
    """Return what the files of *tree* ask for.

    Raises:
        ConfigurationError: it is wrong.
        BadInput: it cannot be read.

    """
    there = tree.sizes().keys() & set(PATHS)
    return read_configuration({path: tree.read(path) for path in there})


def read_files(tree: Tree, configuration: Configuration = DEFAULTS) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the manifests and locks of *tree*, and what could not be read."""
    sizes = tree.sizes()
    files, problems = read_paths(tree, relevant_paths(sizes, configuration))
    for _ in range(DEEPEST):
        paths = named_paths(files, sizes)
        if not paths:
            break
        named, more_problems = read_paths(tree, paths)
        files, problems = {**files, **named}, (*problems, *more_problems)
    closed = tuple(Problem(path=each.path, sentence=each.message) for each in tree.closed_folders())
    return files, (*dict.fromkeys(problems), *closed)


def read_locks_too(tree: Tree, configuration: Configuration) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return what `read_files` does with every lockfile, also one whose manifest is gone."""
    files, problems = read_files(tree, configuration)
    orphans, more_problems = read_paths(tree, orphan_paths(tree.sizes(), configuration))
    return {**files, **orphans}, (*problems, *more_problems)


def local_reader(configuration: Configuration, resolve: ResolveChannel, now: datetime, stand_in: str | None) -> Reader:
    """Return a reader that asks nobody, for what *configuration* is that of.

    *resolve* turns channels into URLs, spans in manifests are counted from *now*, and *stand_in* is the package index
    in place of PyPI's own.
    """
    machines = configuration.virtual_packages.items()
    return Reader(
        resolve=resolve,
        hasher=NoCondaLock(),
        now=now,
        lock_sources=configuration.lock_sources,
        virtual_packages=tuple(VirtualPackage(name=name, version=version) for name, version in machines),
        exports=configuration.exports,
        stand_in=stand_in,
    )


def read_paths(tree: Tree, paths: Iterable[str]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the files of *tree* at *paths*, and what could not be read."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            files[path] = tree.read(path)
        except BadInput as error:
            problems.append(Problem(path=path, sentence=error.message))
    return files, tuple(problems)
