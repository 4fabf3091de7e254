"""Package entries of a `conda-lock.yml` and the packages they stand for, in both directions.

conda-lock keeps of a dependency its version alone, without the build, and joins several on one package by a comma.
It prints with PyYAML's own ideas of quotes and widths, so PyYAML prints here too. Old releases sorted the keys.
Source: `conda_lock/conda_solver.py` and `conda_lock/lockfile` of conda-lock 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from bot.errors import LockError, SpecError
from bot.lockfiles.archives import read_archive_url
from bot.lockfiles.conda_lock.document import MAIN, Entry, EntryKey
from bot.lockfiles.conda_lock.requirements import read_requirement
from bot.model.manifest import PackageName
from bot.model.package import PypiPackage, Record
from bot.versioning.match_spec import normalise_conda_name, normalise_pypi_name, parse_match_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class PipPackage:
    """A pip package that is to be locked; `dependencies` are names and constraints, in conda-lock's words."""

    package: PypiPackage
    dependencies: Mapping[PackageName, str]

    @property
    def name(self) -> PackageName:
        """The package's name."""
        return self.package.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.package.version

    @property
    def url(self) -> str:
        """Where it is."""
        return self.package.url

    @property
    def md5(self) -> None:
        """Nothing: of pip packages conda-lock keeps the other hash."""

    @property
    def sha256(self) -> str | None:
        """Its hash."""
        return self.package.sha256


Planned: TypeAlias = Record | PipPackage
"""What an entry is to stand for."""


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
    return PypiPackage(
        name=name,
        version=entry.version,
        url=entry.url,
        sha256=entry.sha256,
        requires_dist=tuple(map(read_requirement, entry.depends)),
    )


def write_entry(planned: Planned, key: EntryKey, *, sorted_keys: bool) -> str:
    r"""Return the entry of *planned* as the item of a list that is not indented, lines ending in `\n`.

    Raises:
        SpecError: one of its dependencies is no match spec.

    """
    manager, _, subdir, category = key
    hashes = {"md5": planned.md5, "sha256": planned.sha256}
    entry = {
        "name": planned.name,
        "version": planned.version,
        "manager": manager,
        "platform": subdir,
        "dependencies": _dependencies(planned),
        "url": planned.url,
        "hash": {algorithm: digest for algorithm, digest in hashes.items() if digest},
        "category": category,
        "optional": category != MAIN,
    }
    return str(yaml.safe_dump([entry], sort_keys=sorted_keys))


def write_scalar(text: str) -> str:
    """Return *text* as conda-lock writes it: in quotes if YAML 1.1 would read something else."""
    return str(yaml.safe_dump([text])).removeprefix("- ").removesuffix("\n")


def _dependencies(planned: Planned) -> dict[str, str]:
    if isinstance(planned, PipPackage):
        return {str(name): planned.dependencies[name] for name in sorted(planned.dependencies)}
    versions: dict[PackageName, list[str]] = {}
    for text in planned.depends:
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
