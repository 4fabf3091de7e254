"""Which PyPI packages the conda packages of an environment bring: by their `purls`, as pixi sees it.

A record that states `purls` brings those and nothing else. One that says nothing brings the project of its own name if
it is of conda-forge and has a version that PyPI could have, and nothing if it is of another channel
(https://github.com/prefix-dev/pixi/blob/main/crates/pixi_core/src/lock_file/package_identifier.rs).
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from bot.model.package import Record
from bot.model.pypi_solve import Provided
from bot.versioning.purls import is_of_conda_forge, read_pypi_purl, same_name_purls


def provided(records: Iterable[Record]) -> tuple[Provided, ...]:
    """Return the PyPI packages that *records* bring, each name once, sorted by name.

    The version is that of the conda package, in conda's spelling, unless the package URL names another.
    """
    found = {each.name: each for record in records for each in _provided_by(record)}
    return tuple(found[name] for name in sorted(found))


def brings(record: Record, names: Container[str]) -> bool:
    """Tell whether *record* brings a PyPI package of one of *names*."""
    return any(each.name in names for each in _provided_by(record))


def with_purls(records: Iterable[Record], found: Mapping[str, tuple[str, ...]]) -> tuple[Record, ...]:
    """Return *records* with the package URLs *found* for them by URL; what a record states itself stays."""
    return tuple(
        replace(record, purls=found[record.url]) if record.purls is None and record.url in found else record
        for record in records
    )


def named_like(records: Iterable[Record], before: Iterable[Record]) -> tuple[Record, ...]:
    """Return *records*, those that state no package URLs with the ones that *before* has for the same package.

    A package keeps its PyPI name from version to version.
    """
    known = {record.name: record.purls for record in before if record.purls is not None}
    return tuple(
        replace(record, purls=known.get(record.name)) if record.purls is None else record for record in records
    )


def _provided_by(record: Record) -> Iterable[Provided]:
    named = filter(None, map(read_pypi_purl, _purls(record)))
    return (Provided(name=each.name, version=each.version or record.version) for each in named)


def _purls(record: Record) -> tuple[str, ...]:
    if record.purls is not None:
        return record.purls
    return same_name_purls(record) if is_of_conda_forge(record.url) else ()
