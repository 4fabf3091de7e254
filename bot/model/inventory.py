"""What one environment of a lock consists of on one platform, as bills of materials have it."""

from dataclasses import dataclass

from bot.model.manifest import Datasource, PlatformName


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A package. `purl` is its package URL, `upstream` that of the PyPI project that a conda package is, or empty.

    `url` is where it comes from, hashes are in hex, `license` is as the package says it. `needs` are the package URLs
    of other components.
    """

    name: str
    version: str
    datasource: Datasource
    purl: str
    upstream: str = ""
    url: str = ""
    sha256: str = ""
    md5: str = ""
    license: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The components of the environment `environment` of the lock at `lock` on `platform`, sorted by package URL."""

    lock: str
    environment: str
    platform: PlatformName
    components: tuple[Component, ...]
