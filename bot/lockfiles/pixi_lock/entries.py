"""Entries of conda packages in a `pixi.lock` and the records they stand for, in both directions.

An entry leaves out what follows from its URL. Rules, as `rattler_lock` has them (`src/utils/derived_fields.rs`):
name, version and build are the parts of the file name, unless it holds a percent sign (an escaped epoch);
the subdir is the folder, for `https`, `http` and `file` URLs;
the build number is the digits at the end of the build, else 0;
what lies in `noarch` is `noarch: python` if its build contains `py`, else `noarch: generic`.
Empty lists and texts are left out; `purls: []` and `run_exports: {}` are not, for they say that something is known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.errors import LockError, SpecError
from bot.lockfiles.pixi_lock.document import ARCHIVE_SUFFIXES, Item, PackageKind
from bot.lockfiles.pixi_lock.scalars import Value, entry_text
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.versioning.match_spec import normalise_conda_name
from bot.yaml.nodes import MappingNode, as_mapping

_FILE_NAME_PARTS: Final = 3
_SCHEMES_WITH_SUBDIR: Final = ("https://", "http://", "file://")
_RUN_EXPORTS: Final = ("weak", "strong", "noarch", "weak_constrains", "strong_constrains")
_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999 in seconds: a greater timestamp is in milliseconds, a smaller one in seconds."""

_MAX_BUILD_NUMBER_DIGITS: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """What follows from the location of a package; None where nothing does."""

    name: str | None
    version: str | None
    build: str | None
    subdir: str | None


def _derive(location: str) -> _Derived:
    folder, _, file_name = location.rpartition("/")
    suffix = next(suffix for suffix in ARCHIVE_SUFFIXES if file_name.endswith(suffix))
    parts = file_name.removesuffix(suffix).rsplit("-", _FILE_NAME_PARTS - 1)
    known = len(parts) == _FILE_NAME_PARTS and "%" not in file_name
    name, version, build = parts if known else (None, None, None)
    subdir = folder.rpartition("/")[2] if location.startswith(_SCHEMES_WITH_SUBDIR) else None
    return _Derived(name=name, version=version, build=build, subdir=subdir)


def _derived_build_number(build: str) -> int:
    digits = re.search(r"[0-9]*\Z", build)
    number = digits[0] if digits else ""
    return int(number) if 0 < len(number) <= _MAX_BUILD_NUMBER_DIGITS else 0


def _derived_noarch(subdir: str, build: str) -> str | None:
    if subdir != "noarch":
        return None
    return "python" if "py" in build else "generic"


def read_record(item: Item) -> Record:
    """Return the record that *item*, the entry of a built conda package, stands for.

    Raises:
        LockError: a field is missing that its URL does not give, or has another type.

    """
    node, derived = item.node, _derive(item.location)
    build = _field(node, "build", derived.build)
    subdir = _field(node, "subdir", derived.subdir)
    build_number = node.optional_integer("build_number")
    return Record(
        name=_conda_name(node, _field(node, "name", derived.name)),
        version=_field(node, "version", derived.version),
        build=build,
        build_number=_derived_build_number(build) if build_number is None else build_number,
        subdir=subdir,
        url=item.location,
        sha256=node.optional_text("sha256"),
        md5=node.optional_text("md5"),
        legacy_bz2_md5=node.optional_text("legacy_bz2_md5"),
        depends=node.texts("depends"),
        constrains=node.texts("constrains"),
        extra_depends=_lists(node, "extra_depends") or {},
        features=node.optional_text("features"),
        flags=node.texts("flags"),
        track_features=node.texts("track_features"),
        noarch=_noarch(node, subdir, build),
        license=node.optional_text("license"),
        license_family=node.optional_text("license_family"),
        purls=node.texts("purls") if "purls" in node.entries else None,
        run_exports=_lists(node, "run_exports"),
        size=node.optional_integer("size"),
        legacy_bz2_size=node.optional_integer("legacy_bz2_size"),
        timestamp=_timestamp(node),
        python_site_packages_path=node.optional_text("python_site_packages_path"),
    )


def read_source(item: Item) -> Record:
    """Return what *item*, the entry of a conda package that is built from source, says that it needs.

    Version 7 names it `NAME[HASH] @ LOCATION`, and states a version only where a build was asked for it.

    Raises:
        LockError: its name is missing, or a field has another type.

    """
    node = item.node
    name = item.location.partition("[")[0] if item.kind is PackageKind.CONDA_SOURCE else None
    return Record(
        name=_conda_name(node, _field(node, "name", name)),
        version=node.optional_text("version") or "",
        build=node.optional_text("build") or "",
        build_number=node.optional_integer("build_number") or 0,
        subdir=node.optional_text("subdir") or "noarch",
        url=item.location,
        depends=node.texts("depends"),
        constrains=node.texts("constrains"),
        extra_depends=_lists(node, "extra_depends") or {},
        purls=node.texts("purls") if "purls" in node.entries else None,
        is_source=True,
    )


def _field(node: MappingNode, key: str, derived: str | None) -> str:
    written = node.optional_text(key)
    if written is None and derived is None:
        raise LockError(
            "this key is missing, and it does not follow from the URL", path=node.path, line=node.line, key=key
        )
    return written if written is not None else derived or ""


def _conda_name(node: MappingNode, name: str) -> PackageName:
    try:
        return normalise_conda_name(name)
    except SpecError as error:
        raise LockError(error.message, path=node.path, line=node.line, key="conda") from error


def _noarch(node: MappingNode, subdir: str, build: str) -> str | None:
    written = node.optional_text("noarch")
    if written is None:
        return _derived_noarch(subdir, build)
    return {"false": None, "true": "generic"}.get(written, written)


def _timestamp(node: MappingNode) -> int | None:
    written = node.optional_integer("timestamp")
    if written is None:
        return None
    milliseconds = written if written > _LAST_SECOND else written * 1000
    if not 0 <= milliseconds <= _LAST_SECOND * 1000:
        raise LockError("this is no time before the year 10000", path=node.path, line=node.line, key="timestamp")
    return milliseconds


def _lists(node: MappingNode, key: str) -> Mapping[str, tuple[str, ...]] | None:
    if key not in node.entries:
        return None
    lists = as_mapping(node.entries[key], key)
    return {name: lists.texts(name) for name in lists.entries}


def write_entry(record: Record) -> str:
    r"""Return the entry of *record* as `rattler_lock` writes it, lines ending in `\n`."""
    return entry_text(entry_fields(record))


def entry_fields(record: Record) -> Mapping[str, Value]:
    """Return the fields of the entry of *record* in the order of `rattler_lock`.

    Every field that *record* has is written: what a lock leaves out (`run_exports` in version 6) must not be in it.
    """
    derived = _derive(record.url)
    number_follows = record.build_number == _derived_build_number(record.build)
    fields: dict[str, Value | None] = {
        "name": None if record.name == (derived.name or "").lower() else record.name,
        "version": None if record.version == derived.version else record.version,
        "build": None if record.build == derived.build else record.build,
        "build_number": None if number_follows else record.build_number,
        "subdir": None if record.subdir == derived.subdir else record.subdir,
        "noarch": _written_noarch(record),
        "sha256": record.sha256,
        "md5": record.md5,
        "legacy_bz2_md5": record.legacy_bz2_md5,
        "depends": record.depends or None,
        "constrains": record.constrains or None,
        "extra_depends": dict(sorted(record.extra_depends.items())) or None,
        "features": record.features or None,
        "flags": record.flags or None,
        "track_features": record.track_features or None,
        "license": record.license or None,
        "license_family": record.license_family or None,
        "purls": record.purls,
        "run_exports": None if record.run_exports is None else _written_run_exports(record.run_exports),
        "size": record.size,
        "legacy_bz2_size": record.legacy_bz2_size,
        "timestamp": record.timestamp,
        "python_site_packages_path": record.python_site_packages_path or None,
    }
    written = {key: value for key, value in fields.items() if value is not None}
    return {"conda": record.url, **written}


def _written_noarch(record: Record) -> str | bool | None:
    if record.noarch == _derived_noarch(record.subdir, record.build):
        return None
    return record.noarch or False


def _written_run_exports(run_exports: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return {kind: run_exports[kind] for kind in _RUN_EXPORTS if run_exports.get(kind)}
