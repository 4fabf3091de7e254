"""Which blobs are asked for together."""

import pytest

from bot.github.contents import BLOBS_PER_CALL, BYTES_PER_CALL, LARGEST_TEXT, _calls
from bot.github.model import Oid


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [
        pytest.param([], [], id="nothing is no call"),
        pytest.param([10] * (BLOBS_PER_CALL + 1), [BLOBS_PER_CALL, 1], id="so many are a call"),
        pytest.param([LARGEST_TEXT] * (BYTES_PER_CALL // LARGEST_TEXT + 1), [8, 1], id="so many bytes are a call"),
        pytest.param([10, LARGEST_TEXT + 1, 10], [2], id="a large one is none of them"),
    ],
)
def test_small_blobs_are_asked_for_together(sizes: list[int], counts: list[int]) -> None:
    calls = list(_calls({Oid(f"{number:040}"): size for number, size in enumerate(sizes)}))

    assert [len(each) for each in calls] == counts
