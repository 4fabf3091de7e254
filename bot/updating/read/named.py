"""Files that others name: they are read besides those that paths alone tell, wherever they lie."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from bot import lockfiles, manifests
from bot.errors import BadInput
from bot.lockfiles import or_problem
from bot.model.report import Problem
from bot.updating.read.purl_maps import named_maps
from bot.workspaces.requirements_files import requirements_files

_SOURCES: Final = re.compile(r"^ {2}sources:[ ]*\r?\n(?P<items>(?:[ ]+- [^\n]*(?:\n|\Z))+)", re.MULTILINE)
_ITEM: Final = re.compile(r"""^[ ]+- (?P<quote>["']?)(?P<path>[^\r\n]*?)(?P=quote)[ ]*\r?$""", re.MULTILINE)
_PIP_FILE: Final = re.compile(rb"""^[ \t]*-[ \t]+["']?(?:-r|-c|--requirement|--constraint)""", re.MULTILINE)


def named_paths(files: Mapping[str, bytes], sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the paths that *files* name: environment files of projects, sources of locks, maps, requirements files.

    What they name may name further ones: it is asked for again with them, `DEEPEST` times.
    *sizes* are the bytes of every file of the repository; one that is too large, or not there, is not among them.
    """
    named = {*_of_projects(files), *_of_locks(files), *_of_pip(files)}
    small = {path for path in named - files.keys() if sizes.get(path, manifests.MAX_BYTES + 1) <= manifests.MAX_BYTES}
    return tuple(sorted({*small, *named_maps(files, sizes)}))


def _of_projects(files: Mapping[str, bytes]) -> Iterator[str]:
    for path in filter(manifests.is_conda_project, files):
        try:
            yield from manifests.environment_files(path, files[path])
        except BadInput:
            continue  # the reading will say so


def _of_pip(files: Mapping[str, bytes]) -> Iterator[str]:
    for path in (each for each in files if each.endswith((".yml", ".yaml")) and _PIP_FILE.search(files[each])):
        manifest = or_problem(path, partial(manifests.extract, path, files[path]))
        if manifest is not None and not isinstance(manifest, Problem):
            yield from requirements_files(manifest, files)


def _of_locks(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the sources of locks, found by lines: locks are large, and are read in earnest once."""
    for path, content in files.items():
        if lockfiles.is_lock(path, content) and path.endswith((".yml", ".yaml")):
            sources = _SOURCES.search(content.decode(errors="replace"))
            for item in _ITEM.finditer(sources["items"] if sources else ""):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(path), item["path"]))
