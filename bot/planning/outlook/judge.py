"""The one judge of releases: which of them a package may move to now, and what is said of every other.

A hold comes first, then what keeps a release out for now, in a fixed order; the first sentence counts.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import combinations
from typing import Final, TypeAlias

from bot.model.manifest import Subdir
from bot.model.update import Release
from bot.planning.age import AgeLimit
from bot.planning.candidates import Candidate, is_migration
from bot.planning.holds import Hold, HoldScope, missing_flavour
from bot.planning.manifest_lines import UNTOUCHED, admits
from bot.planning.policy import Policy
from bot.planning.rules import not_allowed
from bot.versioning.conda import minor_spec, sort_versions
from bot.versioning.flavour import words
from bot.versioning.pep440 import satisfies

FEW: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBuild:
    """The build that a line asks for, as written, and the versions that have it on every platform of the line."""

    text: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A package where it moves together, and everything that its releases are judged by.

    `candidate` has no releases yet. A release must be there for the platforms in `needed`, with a wheel for those in
    `wheels`; its files must run on `pythons`; `flavours` are what the builds in use are made for, `own_builds` what the
    lines ask for. `hold` is the strictest one on the lines, `kept` why they are not rewritten apart from that; `shared`
    is where else one of them is held. Rules may ask for another age than `limit`, within the `policy`.
    """

    candidate: Candidate
    limit: AgeLimit
    now: datetime
    needed: frozenset[str]
    wheels: frozenset[str] = frozenset()
    pythons: tuple[str, ...] = ()
    flavours: AbstractSet[tuple[Subdir, tuple[str, ...]]] = frozenset()
    own_builds: tuple[OwnBuild, ...] = ()
    hold: Hold | None = None
    kept: str = ""
    shared: str = ""
    policy: Policy = Policy()

    @property
    def stays(self) -> bool:
        """Whether nothing of it moves."""
        return self.hold is not None and self.hold.scope is HoldScope.ALL


class Ground(Enum):
    """Why a release is not taken, if it is not."""

    FREE = "free"
    HELD = "held"
    NOT_NOW = "not now"
    UNWRITABLE = "unwritable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of one release; `sentence` is empty for one that is free."""

    release: Release
    ground: Ground
    sentence: str = ""


def judge(case: Case, releases: Iterable[Release]) -> tuple[Verdict, ...]:
    """Return the verdict on each of *releases*, in their order.

    Raises:
        SpecError: a version, or what a file says of its python, cannot be read.

    """
    return tuple(_verdict(case, each) for each in releases)


def is_there(release: Release, subdir: str) -> bool:
    """Tell whether *release* can be installed on *subdir*; a source archive is for all of them."""
    return subdir in release.subdirs or any(not file.is_wheel for file in release.files)


def not_there(case: Case, release: Release) -> str:
    """Return why *release* cannot be installed where *case* needs it, as a sentence; empty if it can."""
    return _missing(case, release) or _python(case, release)


def refused_python(release: Release, pythons: Iterable[str]) -> str:
    """Return the first of *pythons* that no file of *release* admits, empty if there is none."""
    admitted = [file.requires_python for file in release.files]
    return next((python for python in pythons if not any(satisfies(each, python) for each in admitted)), "")


def _verdict(case: Case, release: Release) -> Verdict:
    if held := _held(case, release):
        return Verdict(release=release, ground=Ground.HELD, sentence=held)
    found = ((ground, sentence) for ground, rule in _RULES if (sentence := rule(case, release)))
    ground, sentence = next(found, (Ground.FREE, ""))
    return Verdict(release=release, ground=ground, sentence=sentence)


def _held(case: Case, release: Release) -> str:
    if case.stays:
        return str(case.hold)
    reason = str(case.hold) if case.hold else case.kept
    return "" if case.candidate.can_be_written(release) or _is_let_in(case.candidate, release) else reason


def _missing(case: Case, release: Release) -> str:
    gone = {subdir for subdir in case.needed if not is_there(release, subdir)}
    missing = sorted(gone | (case.wheels - release.subdirs))
    return f"{_named(case, release)} {case.candidate.ecosystem.missing} {', '.join(missing)}" if missing else ""


def _own_build(case: Case, release: Release) -> str:
    """A rewrite moves versions; the build stays as the line has it."""
    found = next((each for each in case.own_builds if release.version not in each.versions), None)
    if found is None:
        return ""
    own = f"the line's own build {found.text}"
    if 0 < len(found.versions) <= FEW:
        return f"{own} exists only for {' and '.join(found.versions)}"
    return f"{own} does not exist for {release.version}"


def _python(case: Case, release: Release) -> str:
    python = refused_python(release, case.pythons)
    if not python:
        return ""
    needs = release.files[0].requires_python if release.files else ""
    return f"{_named(case, release)} needs python {needs}, and the environment has {python}"


def _undated(case: Case, release: Release) -> str:
    if release.built is not None:
        return ""
    return f"{_named(case, release)} {case.candidate.ecosystem.undated}, so its age cannot be judged"


def _young(case: Case, release: Release) -> str:
    limit = case.limit.for_rules(case.candidate.effect_of(release.version), case.policy, case.now)
    return limit.obstacle(release.version, release.built, case.now) if release.built else ""


def _ruled_out(case: Case, release: Release) -> str:
    effect = case.candidate.effect_of(release.version)
    if effect.disabled_by:
        return f"{effect.disabled_by} says `enabled: false` of {_named(case, release)}"
    return not_allowed(effect, case.candidate.name, release.version, case.candidate.ecosystem.datasource)


def _ends_a_matrix(case: Case, release: Release) -> str:
    """Moving minors that are in use side by side all to one would end a matrix.

    Environments make a matrix; that one of them comes to several minors on its platforms does not.
    """
    if not is_migration(case.candidate, release.version):
        return ""
    name = case.candidate.name
    minors: dict[str, set[str]] = {}
    versions = sort_versions(version for each in case.candidate.baselines if (version := each.version(name)))
    for each in case.candidate.baselines:
        if version := each.version(name):
            minors.setdefault(each.unit.name, set()).add(_minor(version))
    if not any(one.isdisjoint(other) for one, other in combinations(minors.values(), 2)):
        return ""
    in_use = ", ".join(dict.fromkeys(map(_minor, versions)))
    return f"{_named(case, release)} is a new minor, and several ({in_use}) are in use: a matrix is yours to extend"


def _minor(version: str) -> str:
    return minor_spec(version).removesuffix(".*")


def _is_let_in(candidate: Candidate, release: Release) -> bool:
    """Tell whether the lines of *candidate* ask for *release* as well: no hold on them is what keeps it out."""
    lines = candidate.requirements
    return bool(lines) and all(admits(each, each.dependency.version_spec, release.version) for each in lines)


def _unwritable(case: Case, release: Release) -> str:
    candidate = case.candidate
    if candidate.can_be_written(release):
        return ""
    if _is_let_in(candidate, release):
        others = f"what else is asked for keeps {candidate.name} at {candidate.current}"
        return f"its lines let {_named(case, release)} in as they are, and {others}"
    strategy = candidate.effect_of(release.version).strategy
    if strategy in UNTOUCHED:
        return f"`rangeStrategy: {strategy}` touches no manifest, and none asks for {_named(case, release)}"
    if candidate.frozen and case.shared:
        return case.shared
    why = "without the environments that keep it" if candidate.frozen else "in its own form"
    return f"no line that asks for {candidate.name} can be changed to {release.version} {why}"


def _lost_flavour(case: Case, release: Release) -> str:
    lost = missing_flavour(case.candidate.name, release.version, case.flavours, release.flavours)
    return f"{lost}{_of_that_flavour(case, release)}" if lost else ""


def _of_that_flavour(case: Case, release: Release) -> str:
    """Name the environments that are of the flavour that *release* has lost, where others beside them are not."""
    name, concerned, others = case.candidate.name, dict[str, None](), dict[str, None]()
    for each in case.candidate.baselines:
        record = each.records.get(name)
        in_use = {(each.unit.subdir, words(record.build, record.depends))} if record else set()
        is_lost = missing_flavour(name, release.version, in_use, release.flavours) is not None
        (concerned if is_lost else others)[each.unit.name] = None
    names = [repr(each) for each in concerned]
    if not names or not others.keys() - concerned.keys():
        return ""
    verb = "is" if len(names) == 1 else "are"
    return f", and {' and '.join(names[:FEW])}{' and others' if len(names) > FEW else ''} {verb} of that flavour"


def _named(case: Case, release: Release) -> str:
    return f"{case.candidate.name} {release.version}"


_Rule: TypeAlias = Callable[[Case, Release], str]

_RULES: Final[Sequence[tuple[Ground, _Rule]]] = (
    (Ground.NOT_NOW, _ruled_out),
    (Ground.NOT_NOW, _missing),
    (Ground.NOT_NOW, _own_build),
    (Ground.NOT_NOW, _python),
    (Ground.NOT_NOW, _undated),
    (Ground.NOT_NOW, _young),
    (Ground.NOT_NOW, _ends_a_matrix),
    (Ground.UNWRITABLE, _unwritable),
    (Ground.NOT_NOW, _lost_flavour),
)
