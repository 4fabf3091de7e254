"""Four weeks of the year that `python -m bench.year` plays: real releases, made-up people, the App's real rules."""

from pathlib import Path

import pytest

from bench.year import Habit, habit_of, open_year
from bot.demo.channel import ChannelData

WEEKS = 4


@pytest.mark.verify
@pytest.mark.timeout(900)  # a hundred scans
async def test_in_four_weeks_nobody_is_pushed_at_too_often_and_nothing_is_stuck(tmp_path: Path, database: str) -> None:
    async with open_year(database, tmp_path, ChannelData.demo(), repositories=5) as year:
        async for lived in year.live(WEEKS * 7):
            assert lived.days == WEEKS * 7

    assert lived.most_pushes <= 4
    assert lived.median_opened < 3
    assert max(lived.most_open.values()) <= 2
    assert (lived.stuck, lived.kept_waiting) == ([], [])
    assert {habit_of(number, 5) for number in range(5)} >= {Habit.MERGES, Habit.CLOSES, Habit.IGNORES}
    assert lived.merged >= 3
    assert year.stage.github.violations == []
