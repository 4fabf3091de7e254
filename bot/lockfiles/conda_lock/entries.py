"""Package entries of a `conda-lock.yml` and the records they stand for, in both directions.

conda-lock keeps of a dependency its version alone, without the build, and joins several on one package by a comma.
It prints with PyYAML's own ideas of quotes and widths, so PyYAML prints here too. Old releases sorted the keys.
Source: `conda_lock/conda_solver.py` and `conda_lock/lockfile` of conda-lock 4.
"""

from typing import Final

import yaml

from bot.errors import LockError, SpecError
from bot.lockfiles.archives import read_archive_url
from bot.lockfiles.conda_lock.document import CONDA, Entry, EntryKey
from bot.model.manifest import PackageName
from bot.model.package import PypiPackage, Record
from bot.versioning.match_spec import normalise_conda_name, normalise_pypi_name, parse_match_spec

MAIN: Final = "main"


def read_record(entry: Entry) -> Record:
    """Return the record that the entry of a conda package stands for; it keeps neither size nor build time.

    Raises:
        LockError: its URL is not that of a conda package, or of another one than the entry says.

    """
    archive = read_archive_url(entry.url, path=entry.node.path, line=entry.node.line)
    if _conda_name(entry) != archive.name:
        message = f"the entry says {entry.name}, its URL {archive.name}"
        raise LockError(message, path=entry.node.path, line=entry.node.line, key="url")
    return Record(
        name=archive.name,
        version=entry.version,
        build=archive.build,
        build_number=archive.build_number,
        subdir=archive.subdir,
        url=entry.url,
        sha256=entry.sha256,
        md5=entry.md5,
        depends=entry.depends,
    )


def read_pypi_package(entry: Entry) -> PypiPackage:
    """Return the PyPI package that the entry of a pip package stands for.

    Raises:
        LockError: its name is none.

    """
    try:
        name = normalise_pypi_name(entry.name)
    except SpecError as error:
        raise LockError(error.message, path=entry.node.path, line=entry.node.line, key="name") from error
    return PypiPackage(name=name, version=entry.version, url=entry.url, sha256=entry.sha256)


def write_entry(record: Record, key: EntryKey, *, sorted_keys: bool) -> str:
    r"""Return the entry of *record* as the item of a list that is not indented, lines ending in `\n`.

    Raises:
        SpecError: one of its dependencies is no match spec.

    """
    _, _, subdir, category = key
    hashes = {"md5": record.md5, "sha256": record.sha256}
    entry = {
        "name": record.name,
        "version": record.version,
        "manager": CONDA,
        "platform": subdir,
        "dependencies": _dependencies(record),
        "url": record.url,
        "hash": {algorithm: digest for algorithm, digest in hashes.items() if digest},
        "category": category,
        "optional": category != MAIN,
    }
    return str(yaml.safe_dump([entry], sort_keys=sorted_keys))


def write_scalar(text: str) -> str:
    """Return *text* as conda-lock writes it: in quotes if YAML 1.1 would read something else."""
    return str(yaml.safe_dump([text])).removeprefix("- ").removesuffix("\n")


def _dependencies(record: Record) -> dict[str, str]:
    versions: dict[PackageName, list[str]] = {}
    for text in record.depends:
        spec = parse_match_spec(text).spec
        versions.setdefault(spec.name, []).append(_version(spec.version))
    return {name: ",".join(sorted(filter(None, each))) for name, each in sorted(versions.items())}


def _version(version: str) -> str:
    """conda reads `=1.2` as `1.2.*`."""
    if version.startswith("=") and not version.startswith("=="):
        return version.removeprefix("=").removesuffix(".*") + ".*"
    return version


def _conda_name(entry: Entry) -> PackageName:
    try:
        return normalise_conda_name(entry.name)
    except SpecError as error:
        raise LockError(error.message, path=entry.node.path, line=entry.node.line, key="name") from error
