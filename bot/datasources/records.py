"""A record of py-rattler -> `bot.model.package.Record`, with every field that a lock keeps.

`purls` and `run_exports` have no attribute in py-rattler 0.28, so the record is read through its JSON.
"""

from collections.abc import Iterable

import msgspec
import rattler

from bot.datasources.mirrors import canonical_url
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.settings import Mirror


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A record as py-rattler writes it: repodata's fields, and where it is."""

    version: str
    build: str
    build_number: int
    subdir: str
    url: str
    sha256: str | None = None
    md5: str | None = None
    legacy_bz2_md5: str | None = None
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    extra_depends: dict[str, tuple[str, ...]] = {}
    features: str | None = None
    flags: tuple[str, ...] = ()
    track_features: str = ""
    noarch: str | bool | None = None
    license: str | None = None
    license_family: str | None = None
    purls: tuple[str, ...] | None = None
    run_exports: dict[str, tuple[str, ...]] | None = None
    size: int | None = None
    legacy_bz2_size: int | None = None
    python_site_packages_path: str | None = None


def to_record(found: rattler.RepoDataRecord, mirrors: Iterable[Mirror]) -> Record:
    """Return *found* as plain data; its URL is the canonical one."""
    entry = msgspec.json.decode(found.to_json(), type=_Entry)
    fields = msgspec.structs.asdict(entry) | {
        "name": PackageName(found.name.normalized),
        "url": canonical_url(entry.url, mirrors),
        "track_features": tuple(entry.track_features.split()),
        "noarch": _noarch(entry.noarch),
        "timestamp": _milliseconds(found),
    }
    return Record(**fields)


def _noarch(value: str | bool | None) -> str | None:  # noqa: FBT001 -- old repodata says `noarch: true`
    """Return the kind of noarch; the bare `true` of old repodata means generic."""
    if isinstance(value, bool):
        return "generic" if value else None
    return value


def _milliseconds(found: rattler.RepoDataRecord) -> int | None:
    """Return the build time; py-rattler has told seconds from milliseconds, which its JSON has not."""
    return None if found.timestamp is None else round(found.timestamp.timestamp() * 1000)
