"""Which candidates go into one pull request, and the key by which it is known between scans.

Non-major updates of one lock are one pull request; a major, a minor of the scientific stack, and what changes a line
with a comment stand alone; packages that are released together move together; without a lock every package and version
line stands alone, across all files. A minor of python is always alone, and never moves along with anything.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.model.manifest import PackageName
from bot.model.update import BranchPlan, Purpose
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate, is_migration
from bot.planning.policy import Policy
from bot.planning.remarks import carries_a_remark
from bot.versioning.conda import is_newer, minor_spec, update_kind, version_line

NON_MAJOR = "non-major"
FAMILIES = (
    ("cuda", re.compile(r"cuda(-.+)?|lib(cu|nv).+-dev")),
    ("pytorch", re.compile(r"pytorch(-.+)?|libtorch|torchvision|torchaudio")),
    ("compilers", re.compile(r"(c|cxx|fortran)-compiler|compilers|(gcc|gxx|gfortran|clang|clangxx)_.+")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one pull request would do if everything solved.

    `others` could move too, and are taken in where a candidate cannot move without them.
    """

    key: str
    candidates: tuple[Candidate, ...]
    others: tuple[Candidate, ...] = ()


Declined: TypeAlias = Mapping[str, Mapping[PackageName, str]]
"""Pull requests that were closed unmerged: by key, the versions that they proposed."""


def group(candidates: Iterable[Candidate], policy: Policy, declined: Declined) -> tuple[Wanted, ...]:
    """Return the pull requests that are wanted, sorted by key. What was declined is not wanted until it is outdated."""
    groups: dict[str, list[Candidate]] = {}
    every = tuple(candidates)
    for candidate in every:
        key = _key(candidate, policy)
        if open_to := _beyond(candidate, declined.get(key, {}).get(candidate.name)):
            groups.setdefault(key, []).append(open_to)
    return tuple(
        Wanted(key=key, candidates=tuple(groups[key]), others=_farthest(every, groups[key])) for key in sorted(groups)
    )


def _farthest(every: Iterable[Candidate], members: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the other packages of the workspaces that *members* are in, each as one candidate for all directions."""
    names, workspaces = {each.name for each in members}, {b.unit.workspace for each in members for b in each.baselines}
    others = (each for each in every if each.name not in names and each.workspace in workspaces)
    along = (each for each in others if not is_migration(each.name, each.current, each.wanted.version))
    return everything_at_once(along, "").candidates


def _beyond(candidate: Candidate, declined: str | None) -> Candidate | None:
    """Return *candidate* with the releases newer than the one declined, or None if there are none."""
    if declined is None:
        return candidate
    newer = tuple(release for release in candidate.releases if is_newer(release.version, declined))
    return replace(candidate, releases=newer) if newer else None


def distinct(plans: Iterable[BranchPlan], declined: Declined) -> tuple[str, ...]:
    """Return the keys of *plans* but those that want nothing, repeat another, or of which people declined every part.

    Packages that only move together are found from each of them.
    """
    seen: dict[frozenset[tuple[PackageName, str, tuple[str, ...]]], str] = {}
    refused = {(name, version) for versions in declined.values() for name, version in versions.items()}
    locks: list[str] = []
    for plan in plans:
        if plan.purpose is not Purpose.UPDATE:
            locks.append(plan.key)
        parts = frozenset((each.name, each.target.version, each.workspaces) for each in plan.updates)
        if not all((name, version) in refused for name, version, _ in parts):
            seen.setdefault(parts, plan.key)
    return (*locks, *seen.values())


def everything_at_once(candidates: Iterable[Candidate], key: str) -> Wanted:
    """Return one plan for all *candidates*: each package reaches for its newest release, through every line."""
    together: dict[tuple[tuple[Baseline, ...], PackageName], Candidate] = {}
    for candidate in candidates:
        known = together.get((candidate.baselines, candidate.name))
        together[candidate.baselines, candidate.name] = _joined(known, candidate) if known else candidate
    return Wanted(key=key, candidates=tuple(together.values()))


def _key(candidate: Candidate, policy: Policy) -> str:
    name = candidate.name
    if is_migration(name, candidate.current, candidate.wanted.version):
        return f"{name}-{minor_spec(candidate.wanted.version).removesuffix('.*')}"
    kind = update_kind(candidate.current, candidate.wanted.version)
    alone = policy.stands_alone(name, kind) or carries_a_remark(candidate.changes_to(candidate.wanted))
    if _family(name) == name and candidate.locked and not alone:
        return posixpath.join(posixpath.dirname(candidate.baselines[0].unit.workspace), NON_MAJOR)
    return line_key(name, candidate.wanted.version)


def line_key(name: PackageName, version: str) -> str:
    """Return the key of the pull request that moves *name*, with its family, within the version line of *version*."""
    return f"{_family(name)}-{version_line(version)}.x"


def _family(name: PackageName) -> str:
    return next((family for family, pattern in FAMILIES if pattern.fullmatch(name)), name)


def _joined(one: Candidate, other: Candidate) -> Candidate:
    """Both directions of one package as one candidate; the releases stay ascending."""
    ascending = (other, one) if is_newer(one.wanted.version, other.wanted.version) else (one, other)
    return replace(one, releases=tuple(release for each in ascending for release in each.releases))
