"""What a rewrite will lock of PyPI: the resolver's wheels, beside what no resolver chose.

Rule 1: a package that the lock already has stays as the lock has it: what a wheel says of itself never changes.
Rule 2: one URL with two hashes is refused: either the lock or the index was tampered with.
Rule 3: source trees, source archives, git URLs and files that a manifest names may stay or go. Only wheels of an index
come: nothing is ever built.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.errors import RewriteRefused
from bot.lockfiles.base import Packages
from bot.lockfiles.pixi_lock.document import is_wheel
from bot.lockfiles.pixi_lock.pypi_entries import fitted
from bot.model.package import Lock, PypiPackage


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiPlan:
    """What the lock will hold for each pair resolved anew, and the packages whose entries are new, by URL."""

    packages: Packages
    written: Mapping[str, PypiPackage]


def plan_packages(lock: Lock, known: Mapping[str, PypiPackage], packages: Packages) -> PypiPlan:
    """Return what *packages* mean for *lock*, which has all their pairs; *known* are the packages of its entries.

    Raises:
        RewriteRefused: a new package is no wheel of an index, or says of itself what is not valid; a package comes
            twice, a URL has two hashes, or two pairs disagree about it.

    """
    written: dict[str, PypiPackage] = {}
    for package in (package for several in packages.values() for package in several):
        if _is_new(package, known):
            fitting = fitted(package, lock.version)
            if written.setdefault(package.url, fitting) != fitting:
                raise RewriteRefused(f"two solutions disagree about {package.url}")
    merged = {**written, **known}
    planned = {pair: tuple(merged[each.url] for each in several) for pair, several in packages.items()}
    for (name, platform), several in planned.items():
        _refuse_repetition(several, f"{name} on {platform}")
    return PypiPlan(packages=planned, written=written)


def _is_new(package: PypiPackage, known: Mapping[str, PypiPackage]) -> bool:
    locked = known.get(package.url)
    if locked is None and not is_wheel(package.url):
        raise RewriteRefused(f"{package.url} is no wheel of an index, and condabot builds nothing")
    if locked and locked.sha256 and package.sha256 and locked.sha256 != package.sha256:
        raise RewriteRefused(
            f"{package.url} has the hash {locked.sha256} in the lock and {package.sha256} in the index: "
            "find out which is right"
        )
    return locked is None


def _refuse_repetition(packages: Iterable[PypiPackage], place: str) -> None:
    counted = Counter(package.name for package in packages)
    for name, number in counted.items():
        if number > 1:
            raise RewriteRefused(f"{name} of PyPI would be locked {number} times for {place}")
