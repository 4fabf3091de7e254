"""What a packed environment says of itself beside it: what it was made from, by hash, and what is not in it (pure)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.manifests.credentials import without_credentials
from bot.model.package import PypiPackage, Record
from bot.packing.plan import PackPlan

VERSION: Final = 1
_LINK_SCRIPT: Final = re.compile(r"(?:bin|Scripts)/\.(.+)-post-link\.(?:sh|bat)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """A file in an archive: its SHA-256 in hex and its size in bytes; or a link, and where it leads."""

    path: str
    sha256: str = ""
    size: int = 0
    link: str = ""


def link_scripts(files: Iterable[PackedFile]) -> tuple[str, ...]:
    """Return the packages whose post-link script is among *files*, sorted."""
    found = (_LINK_SCRIPT.fullmatch(each.path) for each in files)
    return tuple(sorted(each[1] for each in found if each))


def manifest(
    plan: PackPlan, files: Sequence[PackedFile], archive: PackedFile, *, created: datetime, ran_scripts: bool
) -> Mapping[str, Any]:
    """Return the document about *archive*, in which *files* are (docs/commands.md names its fields)."""
    return {
        "version": VERSION,
        "archive": {"name": archive.path, "sha256": archive.sha256, "size": archive.size},
        "lock": {"path": plan.lock.path, "sha256": plan.sha256},
        "environment": plan.environment.name,
        "platform": plan.platform,
        "created": created.isoformat(timespec="seconds"),
        "link_scripts": {"ran": ran_scripts, "of": list(link_scripts(files))},
        "packages": [_package(each) for each in sorted(plan.records, key=lambda each: each.name)],
        "not_packed": [
            *(_left_out(each, "pypi", each.url) for each in plan.pypi),
            *(_left_out(each, "source", each.location) for each in plan.sources),
        ],
        "files": [
            {"path": each.path, "link": each.link} if each.link else {"path": each.path, "sha256": each.sha256}
            for each in files
        ],
    }


def _package(record: Record) -> Mapping[str, Any]:
    return {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "subdir": record.subdir,
        "url": without_credentials(record.url),
        "sha256": record.sha256,
        "md5": record.md5,
    }


def _left_out(package: Record | PypiPackage, kind: str, url: str) -> Mapping[str, Any]:
    return {"name": package.name, "version": package.version, "kind": kind, "url": without_credentials(url)}
