"""Whether a worker lives: somebody else asks, so it is known without asking the database."""

from dataclasses import dataclass

from bot.jobs.lease import Lease


@dataclass(slots=True)
class Pulse:
    """The lease of this process's worker; another one each time that it begins again, None before the first."""

    lease: Lease | None = None

    @property
    def beats(self) -> bool:
        """Tell whether the worker can get jobs, and has none taken from it."""
        return self.lease is not None and self.lease.is_held
