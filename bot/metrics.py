"""What this process counts, for Prometheus: counted where it happens, by the functions below and nothing else.

No label names a repository or an account: their number is not bounded, and neither is who reads metrics. What stands in
the database is not counted here but read when somebody asks (`bot.web.metrics`): so it is true whoever is asked.
https://prometheus.io/docs/practices/naming/
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client import generate_latest as _written

PREFIX = "condabot"
SECONDS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900)
FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]  # times of start are of no use for rates
REGISTRY = CollectorRegistry()

LABELS: dict[str, tuple[str, ...]] = {}
"""The labels of each metric, by its name in the registry: for docs/metrics.md."""


def _counter(name: str, words: str, *labels: str) -> Counter:
    LABELS[f"{PREFIX}_{name}"] = labels
    return Counter(name, words, labels, namespace=PREFIX, registry=REGISTRY)


def _seconds(name: str, words: str, *labels: str, buckets: tuple[float, ...] = SECONDS) -> Histogram:
    LABELS[f"{PREFIX}_{name}"] = labels
    return Histogram(name, words, labels, namespace=PREFIX, buckets=buckets, registry=REGISTRY)


_job_seconds = _seconds("job_seconds", "How long jobs took, by what for and how they ended.", "kind", "outcome")
_delivery_ack_seconds = _seconds(
    "delivery_ack_seconds", "How long a delivery of GitHub waited for its answer.", buckets=FAST
)
_deliveries = _counter("deliveries", "Deliveries of webhooks, by what became of them.", "result")
_github_requests = _counter(
    "github_requests",
    "Requests to GitHub, by the limit that they count against and the status of the answer.",
    "class",
    "status",
)
_solve_seconds = _seconds("solve_seconds", "How long solver processes took.")
_solver_killed = _counter("solver_killed", "Solver processes that crashed or met a bound.")
_pushes = _counter("pushes", "Commits put on branches, by what the scan was wanted for.", "reason")
_pulls = _counter("pulls", "What became of pull requests of the bot.", "state")
_locks_rejected = _counter(
    "locks_rejected", "Locks of ours that hold what their channel does not offer: none of them is published."
)


class DeliveryResult(StrEnum):
    """What became of a delivery: `STORED` and `REFUSED` by the intake, `EXPANDED` and `UNREADABLE` later on."""

    STORED = "stored"
    REFUSED = "refused"
    EXPANDED = "expanded"
    UNREADABLE = "unreadable"


class PullState(StrEnum):
    """What became of a pull request of the bot. `CLOSED` is by a person, and unmerged."""

    OPENED = "opened"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(slots=True)
class Requests:
    """How many requests to GitHub were answered since somebody began to count: of one task and those that it starts."""

    number: int = 0


_requests: ContextVar[Requests | None] = ContextVar("requests", default=None)


@contextmanager
def requests_counted() -> Iterator[Requests]:
    """Count the answered requests of what is done within."""
    counted = Requests()
    before = _requests.set(counted)
    try:
        yield counted
    finally:
        _requests.reset(before)


def job_ended(kind: str, outcome: str, seconds: float) -> None:
    """Count a job. *kind* and *outcome* are of few words: a priority or a duty, a state of runs."""
    _job_seconds.labels(kind, outcome).observe(seconds)


def delivery_answered(result: DeliveryResult, seconds: float) -> None:
    """Count a delivery that has its answer."""
    _delivery_ack_seconds.observe(seconds)
    _deliveries.labels(result).inc()


def deliveries_worked_off(result: DeliveryResult, number: int = 1) -> None:
    """Count deliveries that were taken out of the inbox."""
    _deliveries.labels(result).inc(number)


def github_answered(limit: str, status: int) -> None:
    """Count a request that counts against *limit* (`core`, `graphql`) and was answered with *status*."""
    _github_requests.labels(limit, str(status)).inc()
    if counted := _requests.get():
        counted.number += 1


@contextmanager
def solving() -> Iterator[None]:
    """Measure a solve; an exception within is a solver process that crashed or met a bound."""
    began = time.monotonic()
    try:
        yield
    except Exception:
        _solver_killed.inc()
        raise
    finally:
        _solve_seconds.observe(time.monotonic() - began)


def pushed(reason: str, number: int = 1) -> None:
    """Count commits on branches; *reason* is the name of a priority."""
    _pushes.labels(reason).inc(number)


def pull_became(state: PullState) -> None:
    """Count what became of a pull request."""
    _pulls.labels(state).inc()


def lock_rejected() -> None:
    """Count a lock of ours that is not what it should be."""
    _locks_rejected.inc()


def written() -> bytes:
    """Return everything counted so far in Prometheus's text format."""
    return _written(REGISTRY)
