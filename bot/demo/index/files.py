"""What a demo index holds: files of projects, as immutable values, and the pages that list them.

There are no archives behind the files, only their core metadata. Hashes follow from names.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """A file of a version of a project. `yanked` is None, or the reason, which may be empty."""

    project: str
    version: str
    name: str
    uploaded: datetime = JANUARY
    requires_python: str | None = None
    requires_dist: tuple[str, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    yanked: str | None = None

    @property
    def metadata(self) -> bytes:
        """The core metadata of the file."""
        lines = ["Metadata-Version: 2.1", f"Name: {self.project}", f"Version: {self.version}"]
        lines += [f"Requires-Python: {self.requires_python}"] if self.requires_python else []
        lines += [f"Requires-Dist: {each}" for each in self.requires_dist]
        lines += [f"Project-URL: {label}, {url}" for label, url in self.urls.items()]
        return "\n".join([*lines, "", ""]).encode()

    def entry(self, files_url: str) -> dict[str, Any]:
        """Return what a page of the index says of the file (PEP 691), which is below *files_url*."""
        entry = {
            "filename": self.name,
            "url": f"{files_url}/{self.name}",
            "hashes": {"sha256": hashlib.sha256(self.name.encode()).hexdigest()},
            "requires-python": self.requires_python,
            "core-metadata": {"sha256": hashlib.sha256(self.metadata).hexdigest()},
            "size": len(self.name),
            "upload-time": self.uploaded.isoformat().replace("+00:00", "Z"),
        }
        return entry if self.yanked is None else entry | {"yanked": self.yanked or True}


def wheel(project: str, version: str, *, tags: str = "py3-none-any", **fields: Any) -> IndexFile:
    """Return a wheel; *fields* are those of `IndexFile`."""
    name = f"{re.sub(r'[-_.]+', '_', project)}-{version}-{tags}.whl"
    return IndexFile(project=project, version=version, name=name, **fields)


def sdist(project: str, version: str, **fields: Any) -> IndexFile:
    """Return a source archive; *fields* are those of `IndexFile`."""
    name = f"{re.sub(r'[-_.]+', '_', project)}-{version}.tar.gz"
    return IndexFile(project=project, version=version, name=name, **fields)


def normalised(project: str) -> str:
    """Return the name of a project as its page has it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", project).lower()


def page(project: str, files: Iterable[IndexFile], files_url: str) -> dict[str, Any]:
    """Return the page of *project* in its JSON form (PEP 691, 700)."""
    listed = tuple(files)
    return {
        "meta": {"api-version": "1.1"},
        "name": normalised(project),
        "versions": sorted({file.version for file in listed}),
        "files": [file.entry(files_url) for file in listed],
    }
