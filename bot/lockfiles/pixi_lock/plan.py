"""What a rewrite will lock: the solver's records, made to fit the lock they go into.

Rule 1: a record that the lock already has stays as the lock has it, unless what it depends on was changed since in
the channel (a repodata patch): pixi checks an environment against the dependencies that the lock states.
Rule 2: one URL with two hashes is refused: either the lock or the channel was tampered with.
Rule 3: `purls` and `run_exports` are written where the lock's other records have them, for pixi writes the first only
for environments with PyPI dependencies and the second only since version 7.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.errors import LockError, RewriteRefused
from bot.lockfiles.base import Solutions
from bot.lockfiles.pixi_lock.document import ARCHIVE_SUFFIXES
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Lock, LockedEnvironment, Record

_RUN_EXPORTS_SINCE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RewritePlan:
    """What the lock will hold for each pair solved anew, and the records whose entries are new or replaced, by URL."""

    solutions: Solutions
    written: Mapping[str, Record]


def plan_rewrite(lock: Lock, known: Mapping[str, Record], solutions: Solutions) -> RewritePlan:
    """Return what *solutions* mean for *lock*; *known* are the records of all its entries by URL.

    Raises:
        LockError: the lock does not have one of the pairs, or it has packages there that are built from source.
        RewriteRefused: a URL has two hashes, or two solutions disagree about it.

    """
    for name, subdir in solutions:
        _check_pair(lock, name, subdir)
    written = _written(lock, known, solutions)
    merged = {**known, **written}
    return RewritePlan(
        solutions={pair: tuple(merged[record.url] for record in records) for pair, records in solutions.items()},
        written=written,
    )


def planned_lock(lock: Lock, plan: RewritePlan) -> Lock:
    """Return *lock* as *plan* wants it, the records of each pair sorted by URL."""
    environments = tuple(_planned_environment(each, plan) for each in lock.environments)
    return sorted_lock(replace(lock, environments=environments))


def sorted_lock(lock: Lock) -> Lock:
    """Return *lock* with the records of each pair sorted by URL: their order says nothing."""
    return replace(lock, environments=tuple(_sorted_environment(each) for each in lock.environments))


def _planned_environment(environment: LockedEnvironment, plan: RewritePlan) -> LockedEnvironment:
    conda = {
        subdir: plan.solutions.get((environment.name, subdir), _refreshed(records, plan.written))
        for subdir, records in environment.conda.items()
    }
    return replace(environment, conda=conda)


def _refreshed(records: tuple[Record, ...], written: Mapping[str, Record]) -> tuple[Record, ...]:
    return tuple(written.get(record.url, record) for record in records)


def _sorted_environment(environment: LockedEnvironment) -> LockedEnvironment:
    conda = {
        subdir: tuple(sorted(records, key=lambda record: record.url)) for subdir, records in environment.conda.items()
    }
    return replace(environment, conda=conda)


def _check_pair(lock: Lock, name: str, subdir: Subdir) -> None:
    environment = lock.environment(name)
    if environment is None or subdir not in environment.conda:
        raise LockError(f"the lock has no environment {name} for {subdir}: run `pixi lock` once", path=lock.path)
    if sources := environment.sources.get(subdir):
        raise LockError(
            f"on {subdir} the environment {name} has packages that are built from source ({', '.join(sources)}); "
            "condabot builds nothing and leaves it alone",
            path=lock.path,
            key=name,
        )


def _written(lock: Lock, known: Mapping[str, Record], solutions: Solutions) -> Mapping[str, Record]:
    with_purls = set(_urls_with_purls(lock, known, solutions))
    purls = {record.name: record.purls for record in known.values() if record.purls}
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


def _urls_with_purls(lock: Lock, known: Mapping[str, Record], solutions: Solutions) -> Iterator[str]:
    """Yield the URLs whose entry says what it is called on PyPI: one entry serves all environments that use it."""
    yield from (url for url, record in known.items() if record.purls is not None)
    for (name, subdir), records in solutions.items():
        environment = lock.environment(name)
        if environment is not None and _states_purls(environment, subdir):
            yield from (record.url for record in records)


def _states_purls(environment: LockedEnvironment, subdir: Subdir) -> bool:
    """Tell whether pixi looked up PyPI names here: then every record has them, or PyPI packages are locked beside."""
    records = environment.conda[subdir]
    stating = [record for record in records if record.purls is not None]
    return bool(stating) and (len(stating) == len(records) or bool(environment.pypi.get(subdir)))


def _purls(record: Record, by_name: Mapping[PackageName, tuple[str, ...]]) -> tuple[str, ...]:
    """A package keeps its PyPI name from version to version, so an older record of it can tell."""
    return by_name.get(record.name, ()) if record.purls is None else tuple(sorted(record.purls))


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
