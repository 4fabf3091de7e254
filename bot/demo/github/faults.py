"""What goes wrong on purpose.

A fault applies to operations by the name GitHub gives them (`pulls/create`, `git/*`, `graphql`, `graphql:updateRefs`).
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
"""

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class FaultKind(StrEnum):
    """The ways in which GitHub and the network fail."""

    SECONDARY_LIMIT_403 = "secondary limit as 403"
    SECONDARY_LIMIT_429 = "secondary limit as 429"
    PRIMARY_LIMIT = "primary limit: 403 with nothing remaining; in GraphQL 200 with RATE_LIMITED"
    BAD_GATEWAY = "502 with an HTML page"
    SERVER_ERROR = "500"
    RESET_BEFORE = "the connection breaks before anything is done"
    RESET_AFTER = "all is done but the answer is lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: lets `skip` matching requests pass, then strikes `times` times. `retry_after` is in seconds."""

    kind: FaultKind
    operation: str = "*"
    times: int = 1
    skip: int = 0
    retry_after: int = 1


class Faults:
    """The faults that are still to strike."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Let *fault* strike from now on."""
        self._waiting.append((fault, [fault.skip, fault.times]))

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    @property
    def pending(self) -> bool:
        """Say whether a fault has not struck as often as it should."""
        return bool(self._waiting)

    def strike(self, operation: str) -> Fault | None:
        """Return the fault that a request for *operation* meets."""
        for entry in list(self._waiting):
            fault, left = entry
            if not fnmatchcase(operation, fault.operation):
                continue
            if left[0] > 0:
                left[0] -= 1
                continue
            left[1] -= 1
            if left[1] == 0:
                self._waiting.remove(entry)
            return fault
        return None
