"""Whether a record is what a match spec asks for; py-rattler is the judge."""

from functools import lru_cache

import rattler
from rattler.exceptions import InvalidMatchSpecError, InvalidVersionError

from bot.errors import SpecError
from bot.model.manifest import PackageName
from bot.model.package import Record


def matches(match_spec: str, record: Record) -> bool:
    """Tell whether *record* is what *match_spec* (any spelling, such as those in `depends`) asks for.

    Name, version, build and build number are compared; the channel is not.

    Raises:
        SpecError: *match_spec* is not one, or the record's version is not one.

    """
    try:
        return bool(_match_spec(match_spec).matches(_package_record(record)))
    except InvalidVersionError as error:
        raise SpecError(f"{record.name} has the version `{record.version}`, which is none: {error}") from error


def name_in(match_spec: str) -> PackageName:
    """Return the name of the package that a `depends` entry asks for; names in repodata are normalised already."""
    return PackageName(match_spec.split("[", 1)[0].split(" ", 1)[0].rpartition("::")[2])


@lru_cache(maxsize=4096)
def _match_spec(text: str) -> rattler.MatchSpec:
    try:
        return rattler.MatchSpec(text)
    except InvalidMatchSpecError as error:
        raise SpecError(f"`{text}` is not a match spec: {error}") from error


def _package_record(record: Record) -> rattler.PackageRecord:
    build = rattler.BuildString(record.build)
    return rattler.PackageRecord(record.name, record.version, build, record.build_number, record.subdir)
