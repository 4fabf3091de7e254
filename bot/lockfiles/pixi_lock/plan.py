"""What a rewrite will lock of conda: the solver's records, made to fit the lock they go into.

Rule 1: a record that the lock already has stays as the lock has it, unless what it depends on was changed since in
the channel (a repodata patch): pixi checks an environment against the dependencies that the lock states.
Rule 2: one URL with two hashes is refused: either the lock or the channel was tampered with.
Rule 3: `purls` and `run_exports` are written where the lock's other records have them, for pixi writes the first only
for environments with PyPI dependencies and the second only since version 7. What a new record is called on PyPI it says
itself; if not, an older record of its name does; else nothing is stated of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.errors import LockError, RewriteRefused
from bot.lockfiles.base import Packages, Pair, Solutions
from bot.lockfiles.pixi_lock.document import ARCHIVE_SUFFIXES
from bot.lockfiles.pixi_lock.order import purl_place
from bot.lockfiles.pixi_lock.pypi_plan import PypiPlan, plan_packages
from bot.model.manifest import PackageName, PlatformName
from bot.model.package import Lock, LockedEnvironment, PypiPackage, Record

_RUN_EXPORTS_SINCE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RewritePlan:
    """What the lock will hold for each pair solved anew, and the records whose entries are new or replaced, by URL.

    `pypi` is the same for PyPI packages.
    """

    solutions: Solutions
    written: Mapping[str, Record]
    pypi: PypiPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What all entries of a lock stand for, by URL or path."""

    records: Mapping[str, Record]
    packages: Mapping[str, PypiPackage]


def plan_rewrite(lock: Lock, known: Known, solutions: Solutions, packages: Packages) -> RewritePlan:
    """Return what *solutions* and *packages* mean for *lock*, whose entries are *known*.

    Raises:
        LockError: the lock does not have one of the pairs, or it has other packages there that are built from source.
        RewriteRefused: a URL has two hashes, two solutions disagree about it, or it must not be locked.

    """
    for name, platform in (*solutions, *packages):
        _check_pair(lock, name, platform)
    for pair, records in solutions.items():
        _check_sources(lock, pair, records)
    solutions = {pair: tuple(each for each in of if not each.is_source) for pair, of in solutions.items()}
    written = _written(lock, known.records, solutions, packages)
    merged = {**known.records, **written}
    return RewritePlan(
        solutions={pair: tuple(merged[record.url] for record in records) for pair, records in solutions.items()},
        written=written,
        pypi=plan_packages(lock, known.packages, packages),
    )


def planned_lock(lock: Lock, plan: RewritePlan) -> Lock:
    """Return *lock* as *plan* wants it."""
    return replace(lock, environments=tuple(_planned_environment(each, plan) for each in lock.environments))


def sorted_lock(lock: Lock) -> Lock:
    """Return *lock* with environments sorted by name and packages by URL: their order says nothing."""
    environments = sorted(lock.environments, key=lambda environment: environment.name)
    return replace(lock, environments=tuple(map(_sorted_environment, environments)))


def _planned_environment(environment: LockedEnvironment, plan: RewritePlan) -> LockedEnvironment:
    conda = {
        platform: plan.solutions.get((environment.name, platform), _refreshed(records, plan.written))
        for platform, records in environment.conda.items()
    }
    pypi = {
        platform: plan.pypi.packages.get((environment.name, platform), packages)
        for platform, packages in environment.pypi.items()
    }
    return replace(environment, conda=conda, pypi=pypi)


def _refreshed(records: tuple[Record, ...], written: Mapping[str, Record]) -> tuple[Record, ...]:
    return tuple(written.get(record.url, record) for record in records)


def _sorted_environment(environment: LockedEnvironment) -> LockedEnvironment:
    conda = {
        platform: tuple(sorted(records, key=lambda record: record.url))
        for platform, records in environment.conda.items()
    }
    pypi = {
        platform: tuple(sorted(packages, key=lambda package: package.url))
        for platform, packages in environment.pypi.items()
    }
    return replace(environment, conda=conda, pypi=pypi)


def _check_pair(lock: Lock, name: str, platform: PlatformName) -> None:
    environment = lock.environment(name)
    if environment is None or platform not in environment.conda:
        raise LockError(f"the lock has no environment {name} for {platform}: run `pixi lock` once", path=lock.path)


def _check_sources(lock: Lock, pair: Pair, records: Iterable[Record]) -> None:
    """Refuse what would add or remove a package that is built from source: what is built only a build can tell."""
    name, platform = pair
    environment = lock.environment(name)
    locked = environment.sources.get(platform, ()) if environment else ()
    planned = {(each.name, each.url) for each in records if each.is_source}
    if differing := sorted(planned ^ {(each.name, each.url) for each in locked}):
        raise LockError(
            f"on {platform} the environment {name} would have other packages that are built from source "
            f"({', '.join(url for _, url in differing)}); condabot builds nothing and leaves it alone",
            path=lock.path,
            key=name,
        )


def _written(lock: Lock, known: Mapping[str, Record], solutions: Solutions, packages: Packages) -> Mapping[str, Record]:
    with_purls = set(_urls_with_purls(lock, known, solutions, packages))
    purls = {record.name: record.purls for record in known.values() if record.purls is not None}
    purls |= {record.name: record.purls for record in known.values() if record.purls}
    written: dict[str, Record] = {}
    for record in (record for records in solutions.values() for record in records):
        if not record.url.endswith(ARCHIVE_SUFFIXES):
            raise RewriteRefused(f"{record.url} is no conda package: it should end in {' or '.join(ARCHIVE_SUFFIXES)}")
        old = known.get(record.url)
        if old is not None and _is_unchanged(old, record):
            continue
        fitted = _with_known_run_exports(lock, known, _without_empty(record), old)
        fitted = replace(fitted, purls=_purls(record, purls) if record.url in with_purls else None)
        if written.setdefault(record.url, fitted) != fitted:
            raise RewriteRefused(f"two solutions disagree about {record.url}")
    return written


def _is_unchanged(old: Record, new: Record) -> bool:
    for before, after in ((old.sha256, new.sha256), (old.md5, new.md5)):
        if before and after and before != after:
            raise RewriteRefused(
                f"{new.url} has the hash {before} in the lock and {after} in the channel: find out which is right"
            )
    return (old.depends, old.constrains, old.extra_depends) == (new.depends, new.constrains, new.extra_depends)


def _urls_with_purls(
    lock: Lock, known: Mapping[str, Record], solutions: Solutions, packages: Packages
) -> Iterator[str]:
    """Yield the URLs whose entry says what it is called on PyPI: one entry serves all environments that use it."""
    yield from (url for url, record in known.items() if record.purls is not None)
    for (name, platform), records in solutions.items():
        environment = lock.environment(name)
        if environment is None:
            continue
        every = (name, platform) in packages or _states_purls(environment, platform)
        stating = {record.name for record in environment.conda[platform] if record.purls is not None}
        yield from (record.url for record in records if every or record.name in stating)


def _states_purls(environment: LockedEnvironment, platform: PlatformName) -> bool:
    """Tell whether pixi looked up PyPI names here: then every record has them, or PyPI packages are locked beside."""
    records = environment.conda[platform]
    stating = [record for record in records if record.purls is not None]
    return bool(stating) and (len(stating) == len(records) or bool(environment.pypi.get(platform)))


def _purls(record: Record, by_name: Mapping[PackageName, tuple[str, ...]]) -> tuple[str, ...] | None:
    """A package keeps its PyPI name from version to version, so an older record of it can tell."""
    return by_name.get(record.name) if record.purls is None else tuple(sorted(record.purls, key=purl_place))


def _without_empty(record: Record) -> Record:
    return replace(
        record,
        features=record.features or None,
        license=record.license or None,
        license_family=record.license_family or None,
        python_site_packages_path=record.python_site_packages_path or None,
    )


def _with_known_run_exports(lock: Lock, known: Mapping[str, Record], record: Record, old: Record | None) -> Record:
    if lock.version < _RUN_EXPORTS_SINCE or all(each.run_exports is None for each in known.values()):
        return replace(record, run_exports=None)
    run_exports = record.run_exports
    if run_exports is None:
        return replace(record, run_exports=None if old is None else old.run_exports)
    return replace(record, run_exports={kind: specs for kind, specs in run_exports.items() if specs})
