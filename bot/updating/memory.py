"""What scans came to, remembered by everything that they depend on: an unchanged repository costs no solve.

A report is remembered for the same files, the same offers of the channels for everything that the files name, the same
policy (a configuration may stand on those of other repositories), the same wishes, the same pull requests (of other
bots, and refreshes of locks) and the same day (ages count in days). What merely moved deeper in the channel is not
looked at again before something of that changes, or the next day comes: it would only push new locks into open pull
requests. Reports with problems are not remembered, since what could not be judged is to be tried again.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

import msgspec

from bot.model.report import ScanReport
from bot.planning.groups import Declined
from bot.planning.holds import RepositoryFacts
from bot.planning.offers import Lookups
from bot.updating.turns import Places

MOST_REPORTS = 200
SHELF = 32_000_000
"""Bytes. Reports hold the new texts of locks, which are large, and compress well."""


class Memory:
    """The latest reports of this process, at most `MOST_REPORTS`."""

    def __init__(self) -> None:
        self._reports: OrderedDict[bytes, ScanReport] = OrderedDict()

    async def recall(self, key: bytes) -> ScanReport | None:
        """Return the report remembered under *key*."""
        if key in self._reports:
            self._reports.move_to_end(key)
        return self._reports.get(key)

    async def remember(self, key: bytes, report: ScanReport) -> None:
        """Keep *report* under *key* if nothing went wrong, and forget what was not asked for longest."""
        if report.problems:
            return
        self._reports[key] = report
        while len(self._reports) > MOST_REPORTS:
            self._reports.popitem(last=False)


class Shelf:
    """Reports as others write them, by repository: nobody but the same one is given what was kept for it.

    The latest are kept, of one repository and of all: at most `MOST_REPORTS`, and *limit* bytes.
    """

    def __init__(self, limit: int = SHELF) -> None:
        self._limit = limit
        self._size = 0
        self._reports: OrderedDict[tuple[int, bytes], bytes] = OrderedDict()

    def take(self, repository_id: int, key: bytes) -> bytes | None:
        """Return what was put there under *key*."""
        name = (repository_id, key)
        if name in self._reports:
            self._reports.move_to_end(name)
        return self._reports.get(name)

    def put(self, repository_id: int, key: bytes, report: bytes) -> None:
        """Keep *report* under *key* if there is room for it, and drop what was not asked for longest."""
        if len(report) > self._limit:
            return
        name = (repository_id, key)
        self._size += len(report) - len(self._reports.pop(name, b""))
        self._reports[name] = report
        while self._size > self._limit or len(self._reports) > MOST_REPORTS:
            self._size -= len(self._reports.popitem(last=False)[1])


def key_of(  # noqa: PLR0913 -- everything that a report depends on
    files: Mapping[str, bytes],
    lookups: Lookups,
    declined: Declined,
    places: Places,
    facts: RepositoryFacts,
    now: datetime,
    *,
    configured: object = None,
) -> bytes:
    """Return a digest of everything that a report depends on; *configured* is what a configuration came to."""
    contents = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    offers = [(channels, lookups[channels]) for channels in sorted(lookups)]
    parts = (contents, offers, declined, sorted(places.taken), places.free, facts, now.date(), configured)
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).digest()
