"""Of which pull requests of people what is said is renewed, since they can be merged no more, or again."""

import pytest

from bot.github.model import ForeignPull, MergeableState, Oid
from bot.github.overview import MOST_FILES
from bot.jobs.contested import compared, informed, is_unknown, touching_locks

CONFLICTING, MERGEABLE, UNKNOWN = MergeableState.CONFLICTING, MergeableState.MERGEABLE, MergeableState.UNKNOWN
HEAD = Oid("a" * 40)
KEY = f"7:{HEAD}"


def pull(merges: MergeableState = CONFLICTING, *paths: str) -> ForeignPull:
    return ForeignPull(number=7, head=HEAD, paths=paths or ("pixi.lock",), merges=merges)


def test_those_that_change_no_lock_are_of_no_interest() -> None:
    many = pull(CONFLICTING, *(f"{number}.py" for number in range(MOST_FILES)))

    assert touching_locks([pull(), pull(CONFLICTING, "README.md"), many]) == (pull(), many)


@pytest.mark.parametrize(
    ("merges", "was", "looked", "is_"),
    [
        (CONFLICTING, False, True, True),
        (CONFLICTING, True, False, True),
        (MERGEABLE, True, True, False),
        (MERGEABLE, False, False, False),
        (UNKNOWN, True, False, True),
        (UNKNOWN, False, False, False),
    ],
)
def test_what_changed_is_looked_at_once(merges: MergeableState, *, was: bool, looked: bool, is_: bool) -> None:
    found = compared([pull(merges)], {KEY} if was else set())

    assert (bool(found.looks), KEY in found.conflicting) == (looked, is_)


def test_what_is_closed_or_pushed_to_is_forgotten() -> None:
    assert compared([], {KEY}).conflicting == frozenset()
    assert compared([pull(MERGEABLE)], {f"7:{'b' * 40}"}).looks == ()


def test_what_github_knows_by_now_is_taken_for_the_same_head_alone() -> None:
    unknown = pull(UNKNOWN)

    assert is_unknown([unknown])
    assert informed([unknown], {(7, HEAD): CONFLICTING}) == (pull(CONFLICTING),)
    assert informed([unknown], {(7, Oid("b" * 40)): CONFLICTING}) == (unknown,)
