"""Who locks a package, by version or by file: asked when it turns out to be bad."""

from collections.abc import AsyncIterator

import pytest

from bot.errors import SpecError
from bot.store.database import Connection, Pool
from bot.store.locked import (
    Holders,
    LockedRecord,
    forget_unused_packages,
    remember_locked,
    who_locks,
    who_locks_file,
)
from bot.store.repositories import InstalledRepository, forget_repositories, know_repositories

A, B = "aa" * 32, "bb" * 32
OLD = LockedRecord(name="xz", version="5.4.6", sha256=A)
BAD = LockedRecord(name="xz", version="5.6.1", sha256=B)
NO_HASH = LockedRecord(name="xz", version="5.6.1")
OTHER = LockedRecord(name="numpy", version="2.3.5")


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """A connection to a database in which repository 1 locks the old xz, 2 and 3 the bad one, and 4 none."""
    async with pool.connection() as connection:
        await know_repositories(
            connection, [InstalledRepository(installation_id=7, repository_id=n) for n in range(1, 5)]
        )
        for repository_id, records in ((1, [OLD, OTHER]), (2, [BAD, OTHER]), (3, [NO_HASH]), (4, [OTHER])):
            await remember_locked(connection, repository_id, records)
        yield connection


@pytest.mark.parametrize(
    ("spec", "holders"),
    [
        ("*", (1, 2, 3)),
        (">=5.6,<5.6.2", (2, 3)),
        ("5.6.*", (2, 3)),
        ("<5.6", (1,)),
        (">=6", ()),
    ],
)
async def test_by_version(spec: str, holders: tuple[int, ...], connection: Connection) -> None:
    assert await who_locks(connection, "xz", spec) == Holders(count=len(holders), first=holders)


async def test_by_file(connection: Connection) -> None:
    assert await who_locks_file(connection, B) == Holders(count=1, first=(2,))
    assert await who_locks_file(connection, "cc" * 32) == Holders()


async def test_all_are_counted_and_the_first_are_named(connection: Connection) -> None:
    assert await who_locks(connection, "xz", limit=2) == Holders(count=3, first=(1, 2))
    assert await who_locks(connection, "nothing") == Holders()


async def test_the_last_locks_count(connection: Connection) -> None:
    await remember_locked(connection, 2, [OLD])
    assert await who_locks(connection, "xz", ">=5.6") == Holders(count=1, first=(3,))
    await forget_repositories(connection, [3])
    assert await who_locks(connection, "xz", ">=5.6") == Holders()


async def test_what_is_known_already_is_not_written(connection: Connection) -> None:
    stands = "SELECT string_agg(concat(ctid, xmax), ' ') FROM locked"
    before = await (await connection.execute(stands)).fetchall()
    await remember_locked(connection, 1, [OTHER, OLD, OLD])
    assert await (await connection.execute(stands)).fetchall() == before


@pytest.mark.parametrize(
    "record",
    [
        LockedRecord(name="a\x00b", version="1"),
        LockedRecord(name="xz", version="\x00"),
        LockedRecord(name="xz", version="1" * 129),
        LockedRecord(name="xz", version="1", sha256="no hash"),
    ],
)
async def test_what_cannot_be_a_package_is_left_out(record: LockedRecord, connection: Connection) -> None:
    await remember_locked(connection, 4, [record, BAD])
    assert (await who_locks(connection, "xz", ">=5.6")).first == (2, 3, 4)


async def test_a_version_that_is_none_hides_no_other(connection: Connection) -> None:
    await remember_locked(connection, 4, [LockedRecord(name="xz", version="!!")])
    assert (await who_locks(connection, "xz", ">=5.6")).first == (2, 3)
    assert (await who_locks(connection, "xz")).count == 4
    with pytest.raises(SpecError):
        await who_locks(connection, "xz", ">=!!")


async def test_records_that_nobody_holds_are_forgotten_after_a_day(connection: Connection) -> None:
    await remember_locked(connection, 1, [OTHER])
    await connection.execute("UPDATE locked_package SET known_at = known_at - interval '2 days'")
    await forget_unused_packages(connection)
    rows = await (await connection.execute("SELECT name, version FROM locked_package ORDER BY 1, 2")).fetchall()
    assert rows == [("numpy", "2.3.5"), ("xz", "5.6.1"), ("xz", "5.6.1")]
    assert (await who_locks(connection, "xz")).first == (2, 3)
