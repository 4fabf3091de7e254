"""The machine's clock keeps the promises that manual ones imitate."""

from datetime import UTC

from bot.clock import SystemClock


async def test_time_is_utc_and_passes_while_one_sleeps() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() >= before
