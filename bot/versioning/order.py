"""The order of versions, told by whatever a version parses to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.errors import SpecError


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionOrder:
    """Compares versions as written by what `parse` makes of them, which raises SpecError for what is none."""

    parse: Callable[[str], Any]

    def newest(self, versions: Iterable[str]) -> str:
        """Return the newest of *versions*, as written.

        Raises:
            SpecError: one of them is not a version, or there is none.

        """
        ordered = self.sort_versions(versions)
        if not ordered:
            raise SpecError("there is no version to choose from")
        return ordered[-1]

    def sort_versions(self, versions: Iterable[str]) -> list[str]:
        """Return *versions* from oldest to newest; equal ones (`1.0`, `1.0.0`) keep their order.

        Raises:
            SpecError: one of them is not a version.

        """
        return sorted(versions, key=self.parse)

    def is_newer(self, left: str, right: str) -> bool:
        """Tell whether *left* comes after *right*.

        Raises:
            SpecError: one of them is not a version.

        """
        return bool(self.parse(left) > self.parse(right))

    def same_version(self, left: str, right: str) -> bool:
        """Tell whether both are the same version, as `1.0` and `1.0.0` are.

        Raises:
            SpecError: one of them is not a version.

        """
        return bool(self.parse(left) == self.parse(right))
