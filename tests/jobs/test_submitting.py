"""What of a repository's snapshots is due, and what stays told when GitHub refuses on the way."""

import pytest

from bot.jobs.submitting import due_snapshots
from bot.updating.inspection import Submission

A, B = Submission(key="a", digest="1"), Submission(key="b", digest="1")


@pytest.mark.parametrize(
    ("before", "forgets", "due"),
    [
        ({}, True, (A, B)),
        ({"a": "1"}, True, (B,)),
        ({"a": "0", "b": "1"}, True, (A,)),
        ({"a": "1", "b": "1"}, True, ()),
        ({"a": "1", "b": "1", "c": "1"}, True, (Submission(key="c", digest=""),)),
        ({"a": "1", "b": "1", "c": "1"}, False, ()),
    ],
)
def test_only_what_is_other_than_before_is_due(
    before: dict[str, str], due: tuple[Submission, ...], *, forgets: bool
) -> None:
    assert due_snapshots((A, B), before, forgets=forgets) == due
