"""The package indexes that a `pixi.lock` says its environments were solved with, and those that manifests name.

Of an environment that asks PyPI for anything both must be the same, in their order: the main index, then the extra ones
(`verify_pypi_indexes` in `pixi_core/src/lock_file/satisfiability` of prefix-dev/pixi). Which package is of which index
version 7 says too (`pypi_satisfies_requirement` there).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from bot.model.environment import Environment, Workspace
from bot.model.manifest import Datasource, PypiOptions
from bot.model.package import Lock, LockedEnvironment, LockedPypi
from bot.model.pypi_index import default_index_url

_SAID_SINCE: Final = 7


def default_index() -> str:
    """Return the URL of PyPI's own index as pixi writes it."""
    return default_index_url().rstrip("/")


def declared_indexes(environment: Environment) -> tuple[str, ...]:
    """Return the URLs of the indexes that *environment* names, as its lock lists them."""
    return next(_declared(environment))


def indexes_allowed(environment: Environment) -> frozenset[str]:
    """Return the URLs of all indexes that packages of *environment* may be of, as its lock lists them."""
    return frozenset(url for each in _declared(environment) for url in each)


def _declared(environment: Environment) -> Iterator[tuple[str, ...]]:
    """Yield the indexes that *environment* names; where that is none, what stands in for PyPI's own, then that."""
    options = environment.pypi_options or PypiOptions()
    mains = (options.index_url,) if options.index_url else (options.stand_in, default_index())
    return (tuple(map(as_locked, (main, *options.extra_index_urls))) for main in mains if main)


def index_differences(workspace: Workspace) -> Mapping[str, str]:
    """Return in a sentence by environment how the indexes in the lock of *workspace* are not those that are declared.

    What is declared beyond indexes (`find-links`) is not read: there is a difference if only one side has any.
    """
    locked = {each.name: each for each in workspace.lock.environments} if workspace.lock else {}
    there = ((each, locked[each.name]) for each in workspace.environments if each.name in locked)
    found = {each.name: _difference(each, its) for each, its in there if each.pypi_options and asks_pypi(each)}
    return {name: sentence for name, sentence in found.items() if sentence}


def asks_pypi(environment: Environment) -> bool:
    """Tell whether *environment* asks PyPI for anything on any platform."""
    lines = (*environment.requirements, *environment.references)
    return any(each.dependency.datasource is Datasource.PYPI for each in lines)


def says_indexes(lock: Lock | None) -> bool:
    """Tell whether *lock* says of each PyPI package which index it is of."""
    return lock is not None and lock.format.pypi is LockedPypi.IN_FULL and lock.version >= _SAID_SINCE


def as_locked(url: str) -> str:
    """Return *url* as a lock writes it: scheme and host in lower case, and a path."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, ""))


def is_among(index: str | None, indexes: Iterable[str]) -> bool:
    """Tell whether *index*, None for the default one, is one of *indexes*, a slash at the end aside."""
    return _bare(index or default_index()) in set(map(_bare, indexes))


def _difference(environment: Environment, locked: LockedEnvironment) -> str:
    declared = declared_indexes(environment)
    if not locked.indexes:
        has_packages = any(locked.pypi.values())
        return f"it is locked without its indexes {_listed(declared)}" if has_packages else ""
    if tuple(map(_without_user, locked.indexes)) not in set(_declared(environment)):
        return f"it is locked with the indexes {_listed(locked.indexes)}, not {_listed(declared)}"
    options = environment.pypi_options
    if options and options.has_find_links != bool(locked.find_links):
        return "it is locked with other find-links"
    return ""


def _listed(urls: Iterable[str]) -> str:
    return ", ".join(map(_without_user, urls))


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return as_locked(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))


def _bare(url: str) -> str:
    return _without_user(url).rstrip("/")
