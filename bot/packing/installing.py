"""Locked records, installed into a folder by py-rattler: each archive has the hash that is locked, or nothing is.

Archives come from where channels are read, mirrors and credentials included, and are kept unpacked in the cache. What
packages run when they are linked is run only if that is asked for: nobody bounds it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import rattler
from rattler.package_cache import PackageCache

from bot.datasources.mirrors import canonical_url
from bot.datasources.repodata import channel_client
from bot.errors import ChannelError
from bot.manifests.credentials import without_credentials
from bot.model.manifest import Subdir
from bot.model.package import Record
from bot.settings import ChannelSettings, Mirror
from bot.versioning.records import file_name

_FETCHED: Final = re.compile(r"failed to (?:fetch|link) (\S+)")
_STATUS: Final = re.compile(r"\((\d{3}) ")
_MISMATCH: Final = re.compile(r"hash mismatch .*expected (\w+), got (\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installer:
    """Installs into folders. *check_url* says of every URL in a lock whether it may be called.

    Archives that a lock names by their path lie below *folder*, where the lock is.
    """

    settings: ChannelSettings
    check_url: Callable[[str], None]
    folder: Path

    async def install(self, records: Sequence[Record], prefix: Path, subdir: Subdir, *, run_scripts: bool) -> None:
        """Install *records*, which are for *subdir*, into *prefix*, and run their link scripts if *run_scripts*.

        Raises:
            ChannelError: an archive is not to be had, or not the one that is locked, or no archive.
            EgressRefused: one may not be called.

        """
        found = [_to_rattler(each, self._location(each)) for each in records]
        for record in found:
            self.check_url(record.url)
        cache = PackageCache(self._cache_dir(records) / "packages")
        if self.settings.offline:
            await _require_cached(cache, found)
        try:
            await rattler.install(
                found,
                prefix,
                platform=rattler.Subdir(subdir),
                execute_link_scripts=run_scripts,
                show_progress=False,
                client=channel_client(self.settings.mirrors),
                package_cache=cache,
            )
        except Exception as error:  # on some archives py-rattler panics, with a class that cannot be imported
            raise _problem(str(error), records, self.settings.mirrors) from error

    def _location(self, record: Record) -> str:
        url = without_credentials(record.url)
        return url if "://" in url else (self.folder / url).resolve().as_uri()

    def _cache_dir(self, records: Iterable[Record]) -> Path:
        private = self.settings.private
        if private.cache_dir and any(private.covers(each.url) for each in records):
            return private.cache_dir
        return self.settings.cache_dir


def _to_rattler(record: Record, url: str) -> rattler.RepoDataRecord:
    package = rattler.PackageRecord(
        record.name,
        record.version,
        rattler.BuildString(record.build),
        record.build_number,
        record.subdir,
        noarch=_noarch(record),
        depends=list(record.depends),
        constrains=list(record.constrains),
        sha256=bytes.fromhex(record.sha256) if record.sha256 else None,
        md5=bytes.fromhex(record.md5) if record.md5 else None,
        license=record.license,
        python_site_packages_path=record.python_site_packages_path,
    )
    return rattler.RepoDataRecord(package, file_name(url), url, url.rsplit("/", 2)[0])


def _noarch(record: Record) -> rattler.NoArchType:
    return rattler.NoArchType("python" if record.noarch == "python" else "generic" if record.noarch else None)


async def _require_cached(cache: PackageCache, records: Iterable[rattler.RepoDataRecord]) -> None:
    index = await cache.index()
    for each in records:
        if not index.contains_record(each):
            raise ChannelError(f"{each.file_name} is not in the cache, and condabot is offline.", channel=each.url)


def _problem(text: str, records: Iterable[Record], mirrors: tuple[Mirror, ...]) -> ChannelError:
    """Return what *text*, of py-rattler, means, and for which of *records*; a mirror is not named."""
    named = _FETCHED.search(text)
    file = named[1] if named else ""
    url = next((each.url for each in records if file and file_name(each.url) == file), "")
    subject = f"The archive {without_credentials(url) or file}" if file else "The environment"
    return ChannelError(f"{subject} {_reason(text, mirrors)}.", channel=url)


def _reason(text: str, mirrors: tuple[Mirror, ...]) -> str:
    if found := _MISMATCH.search(text):
        return f"is not the one that is locked: its hash is {found[2]}, and {found[1]} is locked"
    if status := _STATUS.search(text):
        return f"is not to be had: its channel answered {status[1]}"
    if "error sending request" in text or "timed out" in text:
        return "cannot be reached"
    cause = text.splitlines()[-1].removeprefix("Caused by: ") if text else "py-rattler does not say why"
    return f"cannot be installed: {canonical_url(cause, mirrors).rstrip('.')}"
