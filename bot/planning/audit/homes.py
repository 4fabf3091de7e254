"""Where a record says that it lies: `<channel>/<subdir>/<file name>` (CEP 26), told by its URL alone."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import SpecError
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.versioning.match_spec import normalise_conda_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The place of a package file; parts that its URL lacks are empty."""

    channel: str
    subdir: str
    file_name: str


def home_of(url: str) -> Home:
    """Return the place that *url* names, whatever it looks like."""
    folder, _, file_name = url.rpartition("/")
    channel, _, subdir = folder.rpartition("/")
    return Home(channel=channel, subdir=subdir, file_name=file_name)


def names_of(record: Record) -> frozenset[PackageName]:
    """Return the names to look *record* up by: its own, and that of its file, which may be another in a forged lock."""
    return frozenset(filter(None, (record.name, _name_of_file(home_of(record.url).file_name))))


def host_of(url: str) -> str:
    """Return the host of *url* without user and password; empty if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _name_of_file(file_name: str) -> PackageName | None:
    try:
        return normalise_conda_name(file_name.rsplit("-", 2)[0])
    except SpecError:
        return None
