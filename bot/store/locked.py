"""What the locks of repositories hold, so that "who locks this?" has an answer when a package turns out to be bad.

A package is a name and a version with the files that a repository has of it, on all platforms. A repository is one row
with the set of its packages' numbers, and a GIN index finds it by any of them (docs/decisions/0025).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.datasources.shard_index import is_package_name
from bot.errors import SpecError
from bot.store.database import Connection
from bot.versioning.conda import satisfies, validate_version_spec

MOST_RECORDS = 20_000
"""Of one repository. What its locks hold beyond that is not found."""
_SHA256 = re.compile("[0-9a-f]{64}")
_VERSION = re.compile(r"[\w.!+-]{1,128}", re.ASCII)

INTERN = """
INSERT INTO locked_package (name, version, digest, files)
SELECT held.name, held.version, held.digest,
    ARRAY(SELECT substr(held.files, 1 + 32 * i, 32) FROM generate_series(0, octet_length(held.files) / 32 - 1) AS i)
FROM unnest(%(names)s::text[], %(versions)s::text[], %(digests)s::bytea[], %(files)s::bytea[])
    AS held (name, version, digest, files)
LEFT JOIN locked_package AS known USING (name, version, digest)
WHERE known.package_id IS NULL ORDER BY 1, 2, 3 ON CONFLICT (name, version, digest) DO NOTHING
"""
REMEMBER = """
WITH now_held AS (
    SELECT coalesce(array_agg(package_id ORDER BY package_id), '{}') AS packages
    FROM unnest(%(names)s::text[], %(versions)s::text[], %(digests)s::bytea[]) AS held (name, version, digest)
    JOIN locked_package USING (name, version, digest)
)
INSERT INTO locked (repository_id, packages)
SELECT repository.repository_id, now_held.packages
FROM repository CROSS JOIN now_held LEFT JOIN locked USING (repository_id)
WHERE repository.repository_id = %(id)s AND locked.packages IS DISTINCT FROM now_held.packages
ON CONFLICT (repository_id) DO UPDATE SET packages = excluded.packages
"""
OF_NAME = "SELECT version, array_agg(package_id) FROM locked_package WHERE name = %s GROUP BY version"
OF_FILE = "SELECT package_id FROM locked_package WHERE files @> ARRAY[%s::bytea]"
HOLDERS = "SELECT holders, first_ones FROM condabot_holders(%s::integer[], %s)"
FORGET = """
DELETE FROM locked_package WHERE known_at < now() - interval '1 day'
AND package_id NOT IN (SELECT DISTINCT unnest(packages) FROM locked)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedRecord:
    """A package in a lock: its name, its version and, where the lock says so, the SHA-256 of its file in hex."""

    name: str
    version: str
    sha256: str | None = None

    @property
    def can_be(self) -> bool:
        """Whether there can be such a package at all: locks are text that anybody may write."""
        hashed = self.sha256 is None or _SHA256.fullmatch(self.sha256) is not None
        return hashed and is_package_name(self.name) and _VERSION.fullmatch(self.version) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """How many repositories lock something, and the first of them by their ids."""

    count: int = 0
    first: tuple[int, ...] = ()


async def remember_locked(connection: Connection, repository_id: int, records: Collection[LockedRecord]) -> None:
    """Know the *records* of all locks of a repository. Nothing is written where they are known already."""
    held = _packages([each for each in records if each.can_be][:MOST_RECORDS])
    files = [b"".join(sorted(map(bytes.fromhex, hashes))) for hashes in held.values()]
    values = {
        "id": repository_id,
        "names": [name for name, _ in held],
        "versions": [version for _, version in held],
        "digests": [hashlib.sha256(each).digest() for each in files],
        "files": files,
    }
    await connection.execute(INTERN, values)
    await connection.execute(REMEMBER, values)


def _packages(records: Iterable[LockedRecord]) -> Mapping[tuple[str, str], set[str]]:
    """Return the hashes of files by name and version."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in records:
        found[each.name, each.version].update([each.sha256] if each.sha256 else [])
    return found


async def who_locks(connection: Connection, name: str, version_spec: str = "*", *, limit: int = 100) -> Holders:
    """Return who locks a version of *name* that *version_spec* admits, as `>=1,<1.4.2`.

    Raises:
        SpecError: it is no version spec.

    """
    validate_version_spec(version_spec)
    versions = await (await connection.execute(OF_NAME, (name,))).fetchall()
    admitted = [each for version, ids in versions if _admits(version_spec, version) for each in ids]
    return await _holders(connection, admitted, limit)


async def who_locks_file(connection: Connection, sha256: str, *, limit: int = 100) -> Holders:
    """Return who locks the file whose SHA-256 is *sha256*, in hex."""
    rows = await (await connection.execute(OF_FILE, (bytes.fromhex(sha256),))).fetchall()
    return await _holders(connection, [package_id for (package_id,) in rows], limit)


async def forget_unused_packages(connection: Connection) -> None:
    """Forget packages that no lock holds any more. It reads all of `locked`: once a week is enough."""
    await connection.execute(FORGET)


def _admits(version_spec: str, version: str) -> bool:
    """Tell whether the spec admits the version; one that is none, in somebody's lock, is admitted by `*` alone."""
    try:
        return version_spec == "*" or satisfies(version_spec, version)
    except SpecError:
        return False


async def _holders(connection: Connection, package_ids: Sequence[int], limit: int) -> Holders:
    row = await (await connection.execute(HOLDERS, (list(package_ids), limit))).fetchone()
    return Holders(count=row[0], first=tuple(row[1])) if row else Holders()
