"""What a scan is, to the queue: a function of two ids that ends with a report."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a scan did, in lines for operators: `outcomes` are its results, `log` how it came to them."""

    outcomes: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


Scan: TypeAlias = Callable[[int, int], Awaitable[RunReport]]
"""Look at a repository, given the ids of its installation and of itself, and make right what is not.

It may be called again at any time, also after it died halfway. It raises `GitHubUnavailable` to be called later and
any other `CondabotError` for what trying again would not change.
"""
