"""Which candidates go into one pull request, and the key by which it is known between scans.

Non-major updates of one lock are one pull request, of conda and of PyPI, and so are those of a folder's manifests that
have no lock. A major, a minor of the scientific stack, and what changes a line with a comment stand alone, across all
files; packages that are released together move together. A minor of python, and a release for which a cap is lifted,
are always alone, and never move along with anything. A rule with a `groupName` goes before the rest of this; a major is
still apart there, unless it says otherwise.

What is solved is wanted; what needs no solution (PyPI packages that no lock holds, what a library asks of its users) is
planned as it is.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeAlias

from packaging.utils import canonicalize_name

from bot.model.manifest import Datasource, PackageName
from bot.model.update import BranchPlan, HeldBack, Purpose, Update, UpdateKind
from bot.planning.candidates import Candidate, joined
from bot.planning.policy import Policy
from bot.planning.remarks import carries_a_remark
from bot.versioning.conda import minor_spec
from bot.versioning.ecosystem import CONDA

DECLINED = "{name} {release} was declined by closing its pull request, and reopening that takes it back"
NON_MAJOR = "non-major"
NON_MAJOR_UNLOCKED = "non-major-without-lock"
CAP = "cap"
FAMILIES = {
    Datasource.CONDA: (
        ("cuda", re.compile(r"cuda(-.+)?|lib(cu|nv).+-dev")),
        ("pytorch", re.compile(r"pytorch(-.+)?|libtorch|torchvision|torchaudio")),
        ("compilers", re.compile(r"(c|cxx|fortran)-compiler|compilers|(gcc|gxx|gfortran|clang|clangxx)_.+")),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one pull request would do if everything solved: conda's `candidates`, and PyPI's `packages` beside them.

    `others` could move too, and are taken in where a candidate cannot move without them. `is_told` says that people
    read what the solver said of what stays behind.
    """

    key: str
    candidates: tuple[Candidate, ...]
    others: tuple[Candidate, ...] = ()
    packages: tuple[Candidate, ...] = ()
    is_told: bool = True


Declined: TypeAlias = Mapping[str, Mapping[PackageName, str]]
"""Pull requests that were closed unmerged: by key, the versions that they proposed."""


def group(candidates: Iterable[Candidate], policy: Policy, declined: Declined) -> tuple[Wanted, ...]:
    """Return the pull requests that are wanted, sorted by key. What was declined is not wanted until it is outdated."""
    every = [each for each in candidates if each.is_solved]
    groups: dict[str, list[Candidate]] = {}
    for key, candidate in _not_declined(every, policy, declined):
        groups.setdefault(key, []).append(candidate)
    return tuple(
        replace(_wanted(key, groups[key]), others=_farthest(_of_conda(every), _of_conda(groups[key])))
        for key in sorted(groups)
    )


def plans(candidates: Iterable[Candidate], policy: Policy, declined: Declined) -> tuple[BranchPlan, ...]:
    """Return the pull requests for those of *candidates* that need no solution, sorted by key, as `group` does."""
    found: dict[str, list[Candidate]] = {}
    for key, candidate in _not_declined((each for each in candidates if not each.is_solved), policy, declined):
        found.setdefault(key, []).append(candidate)
    return tuple(BranchPlan(key=key, updates=_updates(found[key])) for key in sorted(found))


def held_by_decline(candidates: Iterable[Candidate], policy: Policy, declined: Declined) -> tuple[HeldBack, ...]:
    """Return what of *candidates* would be wanted, and is not since people declined all that is newer."""
    return tuple(
        each.held_back(DECLINED.format(name=each.name, release=each.wanted.version))
        for each in candidates
        if each.beyond(declined.get(_key(each, policy), {}).get(each.name)) is None
    )


def at_once(candidates: Iterable[Candidate], key: str) -> Wanted:
    """Return one wish for all *candidates*: each package reaches for its newest release, through every line."""
    return replace(_wanted(key, both_ways(each for each in candidates if each.is_solved)), is_told=False)


def plan_at_once(candidates: Iterable[Candidate], key: str) -> BranchPlan:
    """Return one plan for those of *candidates* that need no solution, each to its newest release."""
    return BranchPlan(key=key, updates=_updates(both_ways(each for each in candidates if not each.is_solved)))


def only(candidates: Iterable[Candidate], names: AbstractSet[PackageName]) -> tuple[Candidate, ...]:
    """Return those of *candidates* that have one of *names*, in any spelling; all of them for no names."""
    every = {*names, *(PackageName(canonicalize_name(name)) for name in names)}
    return tuple(each for each in candidates if not names or each.name in every)


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


def both_ways(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return *candidates*, those of one package in the same units and lines as one, for all its directions."""
    together: dict[object, Candidate] = {}
    for each in candidates:
        key = (each.ecosystem.datasource, each.workspace, each.name, each.baselines, each.places)
        together[key] = joined(together[key], each) if key in together else each
    return tuple(together.values())


def _not_declined(
    candidates: Iterable[Candidate], policy: Policy, declined: Declined
) -> Iterator[tuple[str, Candidate]]:
    """Yield *candidates* by the key of their pull request, with the releases newer than one that people declined."""
    for each in candidates:
        key = _key(each, policy)
        if open_to := each.beyond(declined.get(key, {}).get(each.name)):
            yield key, open_to


def _wanted(key: str, candidates: Iterable[Candidate]) -> Wanted:
    every = tuple(candidates)
    packages = tuple(each for each in every if each.ecosystem is not CONDA)
    return Wanted(key=key, candidates=both_ways(_of_conda(every)), packages=both_ways(packages))


def _of_conda(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(each for each in candidates if each.ecosystem is CONDA)


def _farthest(every: Iterable[Candidate], members: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the other packages of the workspaces that *members* are in, each as one candidate for all directions.

    What is a decision of its own moves along with nothing, and nothing moves along with a cap.
    """
    moving = [each for each in members if not each.lifts_cap]
    names, workspaces = {each.name for each in moving}, {each.workspace for each in moving}
    others = (each for each in every if each.name not in names and each.workspace in workspaces)
    return both_ways(each for each in others if not (each.is_migration or each.lifts_cap))


def _updates(candidates: Iterable[Candidate]) -> tuple[Update, ...]:
    """Return one update for each package of a workspace: its lines move together, to the newest of their releases."""
    found: dict[tuple[str, PackageName], Update] = {}
    for each in candidates:
        update, known = each.update_to(each.wanted), found.get((each.workspace, each.name))
        if known is not None:
            is_newest = each.ecosystem.is_newer(update.target.version, known.target.version)
            update = replace(update if is_newest else known, changes=(*known.changes, *update.changes))
        found[each.workspace, each.name] = update
    return tuple(found.values())


def _key(candidate: Candidate, policy: Policy) -> str:
    name, wanted = candidate.name, candidate.wanted
    if candidate.is_migration:
        return f"{name}-{minor_spec(wanted.version).removesuffix('.*')}"
    family, ecosystem = _family(candidate), candidate.ecosystem
    if candidate.lifts_cap:
        return f"{ecosystem.key_prefix}{name}-{CAP}"
    effect, kind = candidate.effect_of(wanted.version), candidate.kind_of(wanted)
    if effect.group_name:
        apart = "major-" if kind is UpdateKind.MAJOR and effect.separates_majors else ""
        return f"{apart}{_slug(effect.group_name)}"
    alone = policy.stands_alone(name, kind, effect) or carries_a_remark(candidate.changes_to(wanted))
    if family == name and not alone:
        rest = NON_MAJOR if candidate.locked else NON_MAJOR_UNLOCKED
        return posixpath.join(posixpath.dirname(candidate.workspace), rest)
    return f"{ecosystem.key_prefix}{family}-{ecosystem.version_line(wanted.version)}.x"


def _slug(group_name: str) -> str:
    """Return the key of a group that people named: what is no letter or digit becomes a dash, as Renovate has it."""
    return re.sub(r"[^a-z0-9]+", "-", group_name.lower()).strip("-") or "group"


def _family(candidate: Candidate) -> str:
    families = FAMILIES.get(candidate.ecosystem.datasource, ())
    return next((family for family, pattern in families if pattern.fullmatch(candidate.name)), candidate.name)
