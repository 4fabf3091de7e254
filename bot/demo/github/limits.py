"""The hourly budget of requests and points.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
PRIMARY_LIMIT = 5_000


@dataclass(slots=True, kw_only=True)
class Budget:
    """What one caller has used of one resource since the hour began."""

    resets_at: datetime
    used: int = 0


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
