"""A clock that only moves when somebody sleeps or says so."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class ManualClock:
    """Sleeping takes no time but the clock's own; `sleeps` are the seconds slept, in order."""

    elapsed: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.elapsed += seconds

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds
