"""Where one package stands in a repository, and why it is not newer: for a comment."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from bot.model.manifest import PackageName
from bot.model.package import Lock, LockedEnvironment
from bot.model.report import DependencyStatus, ScanReport, Standing
from bot.rendering.markdown import code, plain, table

HEADER: Final = ("line", "asks for", "in use", "newest", "solves with", "why not newer")
LOCKED: Final = ("lock", "version", "environments and platforms")
MOST_ROWS: Final = 40
NOWHERE: Final = "No line of a manifest asks for {}, and no lock holds it."
BY_ITSELF: Final = "No line of a manifest asks for {}: it is locked because other packages need it."
UNSTATED: Final = "a version that the lock does not state"
WITHOUT_REASON: Final = {Standing.UP_TO_DATE: "it is the newest", Standing.UPDATE: "it can be moved"}


def explanation(name: str, report: ScanReport, locks: Sequence[Lock]) -> str:
    """Return in Markdown where the package *name* stands by *report*, and what the *locks* hold of it."""
    names = spellings(name)
    rows = [_row(each) for each in report.statuses if each.name in names]
    held = [*_held(names, locks)]
    told = [f"- {plain(each.sentence)}" for each in report.migrations if each.name in names]
    parts = [
        _cut(HEADER, rows) if rows else (BY_ITSELF if held else NOWHERE).format(code(name)),
        "\n".join(told),
        _cut(LOCKED, held) if held else "",
        _problems(report),
    ]
    return "\n\n".join(each for each in parts if each)


def spellings(name: str) -> frozenset[PackageName]:
    """Return what a package may be called that people call *name*: on PyPI `_` and `.` are spelled `-`."""
    return frozenset({PackageName(name.lower()), PackageName(re.sub(r"[-_.]+", "-", name.lower()))})


def _row(status: DependencyStatus) -> tuple[str, ...]:
    environments = f" ({', '.join(map(plain, status.environments))})" if status.environments else ""
    said = plain(status.reason) or WITHOUT_REASON.get(status.standing, "")
    return (
        f"{code(f'{status.manifest}:{status.line}')}{environments}",
        code(status.spec or "*"),
        *(code(each) if each else "unknown" for each in (status.current, status.newest, status.reachable)),
        said,
    )


def _held(names: AbstractSet[str], locks: Iterable[Lock]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each version that a lock holds, with the places where it does."""
    for lock in locks:
        places: dict[str, list[str]] = {}
        for environment in lock.environments:
            for platform, version in _versions(names, environment):
                places.setdefault(version, []).append(f"{environment.name} {platform}")
        for version, where in places.items():
            yield code(lock.path), code(version), plain(", ".join(where))


def _versions(names: AbstractSet[str], environment: LockedEnvironment) -> Iterator[tuple[str, str]]:
    """Yield the platforms of *environment* with the versions of what is called so there."""
    for found in (environment.conda, environment.sources, environment.pypi):
        for platform, packages in found.items():
            yield from ((platform, each.version or UNSTATED) for each in packages if each.name in names)


def _cut(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    more = len(rows) - MOST_ROWS
    return table(header, rows[:MOST_ROWS]) + (f"\n\nand {more} more" if more > 0 else "")


def _problems(report: ScanReport) -> str:
    lines = [f"- {plain(str(each))}" for each in report.problems[:MOST_ROWS]]
    return "Not judged:\n\n" + "\n".join(lines) if lines else ""
