"""What of a lock is packed, and what is not (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import BadInput
from bot.lockfiles.inventory import inventory_of
from bot.model.inventory import Inventory
from bot.model.manifest import PlatformName, Subdir
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPlan:
    """An environment of a lock on a platform: its conda packages are packed. `sha256` is that of the lock, in hex."""

    lock: Lock
    sha256: str
    environment: LockedEnvironment
    platform: PlatformName

    @property
    def subdir(self) -> Subdir:
        """What its platform is called by conda."""
        return self.lock.subdir(self.platform)

    @property
    def records(self) -> tuple[Record, ...]:
        """What is packed."""
        return self.environment.conda.get(self.platform, ())

    @property
    def sources(self) -> tuple[Record, ...]:
        """What is not, because it would have to be built."""
        return self.environment.sources.get(self.platform, ())

    @property
    def pypi(self) -> tuple[PypiPackage, ...]:
        """What is not, because it is no conda package."""
        return self.environment.pypi.get(self.platform, ())

    @property
    def unhashed(self) -> tuple[Record, ...]:
        """The records of which the lock states no hash: whatever the channel has is packed."""
        return tuple(each for each in self.records if not (each.sha256 or each.md5))

    @property
    def newest(self) -> datetime | None:
        """When the last of the records was built; None if none of them says so."""
        return max((each.built for each in self.records if each.built), default=None)

    @property
    def left_out(self) -> Sequence[str]:
        """A sentence for each kind of packages that are not packed."""
        pypi, sources = [each.name for each in self.pypi], [each.name for each in self.sources]
        kinds = ((pypi, "of PyPI"), (sources, "built from source"))
        return [f"not packed: {len(names)} {words}: {', '.join(names)}" for names, words in kinds if names]

    @property
    def inventory(self) -> Inventory:
        """What is packed, for its bill of materials."""
        only = replace(self.environment, conda={self.platform: self.records}, sources={}, pypi={})
        return inventory_of(self.lock, only, self.platform)

    def require_packable(self, here: str) -> None:
        """Pass if a machine whose subdir is *here* can pack it.

        Raises:
            BadInput: it is for another kind of system, or has no conda package.

        """
        if self.subdir.partition("-")[0] != here.partition("-")[0]:
            words = f"{self.environment.name} on {self.platform} is for {self.subdir}, and this machine is {here}"
            raise BadInput(f"{words}: pack it on a system of its own kind", path=self.lock.path)
        if not self.records:
            words = f"{self.environment.name} has no conda package on {self.platform}: there is nothing to pack"
            raise BadInput(words, path=self.lock.path)
