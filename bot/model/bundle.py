"""What of a repository is handed over to a place that serves environments, and how that went."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TargetKind(StrEnum):
    """What serves environments, by the form in which it takes them."""

    CONDA_STORE = "conda-store"
    OCI = "oci"
    NEBI = "nebi"

    @property
    def takes_all(self) -> bool:
        """Whether it takes a manifest of pixi with its lock, and not one environment."""
        return self is not TargetKind.CONDA_STORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What is handed over to `target`: an environment of a lock, or all of it, in files that are called `files`.

    In its repository it is called `name`; empty for the default environment at the top, and for all of a lock there. It
    is another one than before if `digest` is. `without` are the packages that it has no place for.
    """

    target: str
    name: str
    digest: str
    files: tuple[str, ...]
    without: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What it is told from others of its repository by."""
        return f"{self.target} {self.name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """How far a bundle is: the `digest` of what was sent last, and when that was taken, at which `place`.

    Was it not taken, so many `failures` came in a row, the last for the reason `sentence`; it is tried again at
    `next_try`, as is what had to wait for others. What was taken before stays where it is.
    """

    digest: str = ""
    at: datetime | None = None
    place: str = ""
    failures: int = 0
    sentence: str = ""
    next_try: datetime | None = None

    def is_due(self, digest: str, now: datetime) -> bool:
        """Tell whether what has *digest* is to be sent *now*."""
        return self.digest != digest or (self.next_try is not None and self.next_try <= now)
