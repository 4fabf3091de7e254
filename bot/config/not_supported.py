"""Keys of Renovate's that condabot does not have on purpose, each with the reason: who uses one is told it."""

from collections.abc import Mapping
from typing import Final

_ONE_LIMIT: Final = "`prConcurrentLimit` and `schedule` say how many pull requests there are, and when"

NOT_SUPPORTED: Final[Mapping[str, str]] = {
    "branchConcurrentLimit": _ONE_LIMIT,
    "commitHourlyLimit": _ONE_LIMIT,
    "draftPR": "what condabot proposes is solved before, so no draft waits to become ready",
    "prHourlyLimit": _ONE_LIMIT,
    "prPriority": "what mends comes first, then what waits for long",
}
