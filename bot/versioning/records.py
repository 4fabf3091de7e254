"""Whether a record is what a match spec asks for; py-rattler is the judge."""

from functools import lru_cache

import rattler
from rattler.exceptions import InvalidMatchSpecError, InvalidVersionError

from bot.errors import SpecError
from bot.model.manifest import MatchSpec, PackageName
from bot.model.package import Record
from bot.model.update import Build
from bot.versioning.match_spec import solver_spec

ANY_VERSION = "0"
ANY_SUBDIR = "noarch"
MOST_SPECS = 32_768
"""So many texts of specs are remembered: the locks of a workspace have thousands, and are gone through often."""


def matches(match_spec: str, record: Record) -> bool:
    """Tell whether *record* is what *match_spec* (any spelling, such as those in `depends`) asks for.

    Name, version, build, build number, license and tracked features are compared; the channel is not.

    Raises:
        SpecError: *match_spec* is not one, or the record's version is not one.

    """
    try:
        return bool(_match_spec(match_spec).matches(_package_record(record)))
    except InvalidVersionError as error:
        raise SpecError(f"{record.name} has the version `{record.version}`, which is none: {error}") from error


def admits(match_spec: str, version: str) -> bool:
    """Tell whether the version part of *match_spec* admits *version*; build and channel do not count.

    Raises:
        SpecError: one of them is not what it should be.

    """
    wanted = _match_spec(match_spec).version
    try:
        return wanted is None or rattler.VersionSpec(wanted).matches(rattler.Version(version))
    except InvalidVersionError as error:
        raise SpecError(f"`{version}` is not a version: {error}") from error


def admits_build(spec: MatchSpec, build: Build) -> bool:
    """Tell whether the build, and the build number, that *spec* asks for admit *build*; nothing else of it counts.

    Raises:
        SpecError: *spec* asks for a build that no match spec can ask for.

    """
    asked = MatchSpec(name=spec.name, build=spec.build, build_number=spec.build_number)
    text, number = build
    return bool(_match_spec(solver_spec(asked)).matches(_package(spec.name, ANY_VERSION, text, number, ANY_SUBDIR)))


def is_match_spec(text: str) -> bool:
    """Tell whether *text* is a match spec at all; channels have published entries that are none."""
    try:
        _match_spec(text)
    except SpecError:
        return False
    return True


@lru_cache(maxsize=MOST_SPECS)
def name_in(match_spec: str) -> PackageName:
    """Return the name of the package that a `depends` entry asks for; names in repodata are normalised already."""
    return PackageName(match_spec.split("[", 1)[0].split(" ", 1)[0].rpartition("::")[2])


def file_name(location: str) -> str:
    """Return the last part of *location*, the URL or path of a package file."""
    return location.partition("#")[0].rpartition("/")[2]


@lru_cache(maxsize=MOST_SPECS)
def _match_spec(text: str) -> rattler.MatchSpec:
    try:
        return rattler.MatchSpec(text)
    except InvalidMatchSpecError as error:
        raise SpecError(f"`{text}` is not a match spec: {error}") from error


def _package_record(record: Record) -> rattler.PackageRecord:
    identity = (record.name, record.version, record.build, record.build_number, record.subdir)
    return _licensed(identity, record.license, record.license_family, record.track_features)


@lru_cache(maxsize=16_384)
def _licensed(
    identity: tuple[PackageName, str, str, int, str],
    license_name: str | None,
    license_family: str | None,
    track_features: tuple[str, ...],
) -> rattler.PackageRecord:
    """Return the record as py-rattler knows it: a lock asks of the same one hundreds of times."""
    found = _package(*identity)
    found.license, found.license_family = license_name, license_family
    found.track_features = list(track_features)
    return found


def _package(name: PackageName, version: str, build: str, build_number: int, subdir: str) -> rattler.PackageRecord:
    return rattler.PackageRecord(name, version, rattler.BuildString(build), build_number, subdir)
