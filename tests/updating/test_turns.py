"""What has no place is not solved for: the most useful wishes have the places that are free, the rest is named."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from bot.model.package import Record
from bot.model.report import Asked, Held, ScanReport
from bot.updating.turns import Places
from tests.planning.toy import FORGE, record
from tests.updating.test_scan import encoded, keys
from tests.updating.toy import Toy, scanner


def of_age(name: str, days: int, *depends: str) -> tuple[Record, Record]:
    """Return a release that is in use, and a major that is *days* old."""
    return record(name, "1.0"), record(name, "2.0", *depends, age=timedelta(days=days))


OLD, MIDDLE, NEW = of_age("old", 300), of_age("middle", 90), of_age("new", 10)
EVERY = (*OLD, *MIDDLE, *NEW)
FILES = {
    "environment.yml": (
        "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - new=1.0\n  - middle=1.0\n  - old=1.0\n"
    )
}


async def scanned(*records: Record, free: int | None, taken: Collection[str] = ()) -> tuple[ScanReport, Toy]:
    toy = Toy(*records)
    return await scanner(toy).scan(encoded(FILES), {}, Places(free=free, taken=frozenset(taken))), toy


@pytest.mark.parametrize(
    ("free", "taken", "proposed", "waiting"),
    [
        pytest.param(None, (), ["middle-2.x", "new-2.x", "old-2.x"], (), id="there is room for all"),
        pytest.param(2, (), ["middle-2.x", "old-2.x"], ("new 2.0",), id="what waits for longest is first"),
        pytest.param(0, (), [], ("old 2.0", "middle 2.0", "new 2.0"), id="there is none"),
        pytest.param(1, ("new-2.x",), ["new-2.x", "old-2.x"], ("middle 2.0",), id="what is open has its place"),
        pytest.param(0, ("gone-1.x",), [], ("old 2.0", "middle 2.0", "new 2.0"), id="another's place is none"),
        pytest.param(9, (), ["middle-2.x", "new-2.x", "old-2.x"], (), id="there is more than enough"),
    ],
)
async def test_places_go_to_what_is_most_useful(
    free: int | None, taken: tuple[str, ...], proposed: list[str], waiting: tuple[str, ...]
) -> None:
    report, _ = await scanned(*EVERY, free=free, taken=taken)

    assert (sorted(keys(report)), words(report)) == (proposed, waiting)


def words(report: ScanReport) -> tuple[str, ...]:
    return tuple(each.words for each in report.waiting)


async def test_what_waits_is_not_solved_for() -> None:
    _, none = await scanned(*EVERY, free=0)
    _, one = await scanned(*EVERY, free=1)
    _, every = await scanned(*EVERY, free=None)

    assert len(none.solved) < len(one.solved) < len(every.solved)


async def test_a_wish_that_comes_to_nothing_gives_its_place_to_the_next() -> None:
    impossible = of_age("old", 300, "nowhere")

    report, _ = await scanned(*impossible, *MIDDLE, *NEW, free=1)

    assert (keys(report), words(report)) == (["middle-2.x"], ("new 2.0",))
    assert [each.name for each in report.held_back] == ["old"]


async def test_a_report_says_what_was_asked_for_and_what_locks_hold() -> None:
    report, _ = await scanned(*EVERY, free=0)

    assert report.asked == (Asked(channels=(FORGE.url,), subdirs=("linux-64",), names=("middle", "new", "old")),)
    assert report.held == ()
    assert Held(name="a", version="1").sha256 is None
