"""The hourly budget of requests and points, and the secondary limits on what is done in a minute.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PRIMARY_LIMIT = 5_000
WRITE_POINTS = 5


@dataclass(slots=True, kw_only=True)
class Budget:
    """What one caller has used of one resource since the hour began."""

    resets_at: datetime
    used: int = 0


@dataclass(slots=True, kw_only=True)
class SecondaryLimits:
    """What one installation may do in a minute and in an hour, judged by this GitHub's clock.

    A read is worth one point and a write five; what is written is content.
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
    """

    points_per_minute: int = 900
    content_per_minute: int = 80
    content_per_hour: int = 500
    _spent: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)

    def wait(self, caller: str, now: datetime, *, write: bool) -> int:
        """Count one more request; return for how many seconds it must not be done, 0 when it may."""
        spent = [each for each in self._spent.get(caller, []) if each[0] > now - WINDOW]
        minute = [each for each in spent if each[0] > now - MINUTE]
        content = sum(points == WRITE_POINTS for _, points in minute)
        over_minute = sum(points for _, points in minute) >= self.points_per_minute or (
            write and content >= self.content_per_minute
        )
        hourly = [moment for moment, points in spent if points == WRITE_POINTS]
        if write and len(hourly) >= self.content_per_hour:
            return max(int((min(hourly) + WINDOW - now).total_seconds()), 1)
        if over_minute:
            return int(MINUTE.total_seconds())
        self._spent[caller] = [*spent, (now, WRITE_POINTS if write else 1)]
        return 0


@dataclass(slots=True, kw_only=True)
class RateLimits:
    """The budgets of all callers."""

    limit: int = PRIMARY_LIMIT
    _budgets: dict[tuple[str, str], Budget] = field(default_factory=dict)

    def budget(self, caller: str, resource: str, now: datetime) -> Budget:
        """Return the running budget, a fresh one when the hour is over."""
        budget = self._budgets.get((caller, resource))
        if budget is None or budget.resets_at <= now:
            budget = self._budgets[caller, resource] = Budget(resets_at=now + WINDOW)
        return budget

    def remaining(self, budget: Budget) -> int:
        """Return how many requests are left."""
        return max(self.limit - budget.used, 0)

    def headers(self, budget: Budget, resource: str) -> dict[str, str]:
        """Return the headers with which GitHub tells."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining(budget)),
            "x-ratelimit-used": str(budget.used),
            "x-ratelimit-reset": str(int(budget.resets_at.timestamp())),
            "x-ratelimit-resource": resource,
        }
