"""What is sent to a target."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A bundle called `name` of the repository `owner`/`repository`, as it is at `commit`, with its files."""

    owner: str
    repository: str
    commit: str
    name: str
    digest: str
    files: Mapping[str, bytes]

    @property
    def title(self) -> str:
        """What it is called at a target, among all that comes from the same owner: letters, digits, `.`, `_`, `-`."""
        return "-".join(filter(None, (self.repository, self.name)))

    @property
    def origin(self) -> str:
        """What people are told of where it comes from."""
        return f"{self.owner}/{self.repository} at {self.commit}"
