"""What of wanted PyPI updates can be had beside the conda packages that an environment will have.

Every unit that is touched is resolved as it will be committed. All candidates at their newest first; when that does not
resolve, one after the other, each as far as an open question reaches on every unit. Decision 14 holds as for conda
packages: what is locked is preferred, and no other direct requirement goes down.

A package that is asked for by path, repository or URL, or of an index of its own, or locked as a source archive, is
what it is: nothing is built here, and one order of indexes is asked for all, so it stays as it is locked, and what it
needs counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import TypeAlias

from bot.model.environment import SolveUnit
from bot.model.manifest import Datasource, PackageName, Role
from bot.model.package import PypiPackage, Record
from bot.model.pypi_solve import Provided, PypiRequest, PypiResult, PypiSolution
from bot.model.report import Problem
from bot.model.solve import Unsolvable
from bot.model.update import HeldBack, Release, Update
from bot.planning.age import WrittenLimit
from bot.planning.attempts import Attempt, Choice
from bot.planning.baseline import Baseline, Place, place
from bot.planning.candidates import Candidate, texts
from bot.planning.policy import PYTHON
from bot.planning.programs import PypiProgram
from bot.planning.provided import provided
from bot.planning.pypi_needs import Demand, Needs, Unmet, pypi_needs, requirement_text, with_indexes
from bot.versioning.pep440 import is_newer, public, sort_versions
from bot.versioning.wheels import is_wheel

MOST_QUOTED = 3
"""So many demands that are not met are named."""

ANY_VERSION = "0"
"""An exemption of a PyPI package is one of all its versions."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PypiBase:
    """A unit as it stands, the conda `records` that it will have, and where its PyPI packages come from.

    Demands on `tolerated` names need not be met: they are not in the lock as it is, which is up to date. Lines at
    `left_out` places are not asked for. `changed` are
    version specs that stand in the manifest once the conda packages have moved. A unit is resolved if it is `doubtful`
    whether what is locked fits, and `afresh` if the newest of everything is wanted. Where a lock `is_vague`, and tells
    not all that its packages need, none of them goes because nothing seems to need it. One that `says_indexes` says
    which index each is of.
    """

    baseline: Baseline
    records: tuple[Record, ...]
    indexes: tuple[str, ...]
    prereleases: str | None = None
    tolerated: frozenset[PackageName] = frozenset()
    left_out: frozenset[Place] = frozenset()
    changed: Mapping[Place, str] = field(default_factory=dict)
    doubtful: bool = False
    afresh: bool = False
    is_vague: bool = False
    says_indexes: bool = False

    @property
    def unit(self) -> SolveUnit:
        """The unit."""
        return self.baseline.unit

    @property
    def fits(self) -> bool:
        """Whether the locked packages may stay: they go with the records and the manifest."""
        return not (self.doubtful or self.afresh or self.unmet(self.needs))

    @property
    def fixed(self) -> tuple[PypiPackage, ...]:
        """The locked packages that are what they are."""
        stay = of_own_places(self.unit)
        return tuple(each for each in self.staying if each.name in stay or not is_wheel(each.url))

    @property
    def staying(self) -> tuple[PypiPackage, ...]:
        """The locked packages without those that nothing needs any more, or that conda brings by now."""
        return self.needed(self.baseline.packages, self.needs)

    def needed(self, packages: tuple[PypiPackage, ...], needs: Needs) -> tuple[PypiPackage, ...]:
        """Return *packages* without those that by *needs* are certainly of no use."""
        spare = () if self.is_vague else needs.spare(packages)
        return tuple(each for each in packages if each not in spare)

    @property
    def needs(self) -> Needs:
        """What the unit needs of the locked packages."""
        return self.needs_of(self.baseline.packages)

    def needs_of(self, packages: Iterable[PypiPackage], choice: Choice = MappingProxyType({})) -> Needs:
        """Return what the unit needs of *packages* once the manifest asks for *choice*."""
        changed = texts(change for each, release in choice.items() for change in each.changes_to(release))
        after = {**self.changed, **changed}
        environments, platform, locked = self.unit.environments, self.unit.platform, tuple(packages)
        needs = pypi_needs(environments, platform, self.records, locked, after)
        return with_indexes(needs, environments, platform, locked) if self.says_indexes else needs

    def unmet(self, needs: Needs) -> tuple[Unmet, ...]:
        """Return what of *needs* must be met and is not."""
        return tuple(each for each in needs.unmet if each.name not in self.tolerated)

    def part_of(self, choice: Choice) -> Choice:
        """Return what of *choice* is about this unit."""
        return {each: release for each, release in choice.items() if self.baseline in each.baselines}


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiFound:
    """What a search came to: the updates that can be had, and the packages of every unit where they change.

    `refused` says why the packages do not even go with the conda records when nothing else moves, empty if they do;
    `culprits` are the conda packages in the way, as far as that can be told, with the specifiers that they do not meet.
    Of a unit that `stands` nothing may move, whatever it is. `remarks` say of files what does not count.
    """

    updates: tuple[Update, ...] = ()
    packages: Mapping[SolveUnit, tuple[PypiPackage, ...]] = field(default_factory=dict)
    held_back: tuple[HeldBack, ...] = ()
    not_judged: tuple[str, ...] = ()
    remarks: tuple[Problem, ...] = ()
    refused: str = ""
    culprits: Mapping[PackageName, tuple[str, ...]] = field(default_factory=dict)
    stands: SolveUnit | None = None


_Attempt: TypeAlias = Attempt[PypiBase, PypiSolution]


def of_own_places(unit: SolveUnit) -> frozenset[PackageName]:
    """Return what *unit* asks for by path, repository or URL, or of an index of its own."""
    references = (each.dependency.name for environment in unit.environments for each in environment.references)
    lines = (each.dependency for each in unit.requires(Datasource.PYPI))
    return frozenset(chain(references, (each.name for each in lines if each.index)))


def pypi_search(candidates: Sequence[Candidate], bases: Sequence[PypiBase]) -> PypiProgram[PypiFound]:
    """Find what of *candidates* resolves on *bases*; with none, what must move for the conda records there."""
    attempt = yield from _attempt({each: each.wanted for each in candidates}, bases)
    if attempt.solved:
        return _found(attempt, bases, ())
    still = yield from _attempt({}, bases)
    if not still.solved:
        return _refused(still)
    taken, held_back, not_judged = still, [], list[str]()
    for candidate in candidates:
        reached, alone = yield from _reached(candidate, taken.choice, bases)
        taken = reached or taken
        if taken.choice.get(candidate) != candidate.wanted:
            held_back.append(_held_back(candidate, taken.choice.get(candidate), alone))
            not_judged += alone.not_judged
    return _found(taken, bases, tuple(held_back), tuple(dict.fromkeys(not_judged)))


def lowest_first(candidate: Candidate, bases: Sequence[PypiBase], most: int) -> PypiProgram[PypiFound]:
    """Find the lowest release of *candidate* that resolves on *bases*, else why the lowest does not.

    So many of them as *most* are tried.
    """
    failed: _Attempt | None = None
    for release in candidate.releases[:most]:
        attempt = yield from _attempt({candidate: release}, bases)
        if attempt.solved:
            return _found(attempt, bases, ())
        if attempt.failure is None:
            return PypiFound(not_judged=attempt.not_judged)
        failed = failed or attempt
    if failed is None or failed.failure is None:
        return PypiFound()
    lowest = replace(candidate, releases=candidate.releases[:1])
    held = _held_back(lowest, None, failed)
    why = yield from _in_the_way(lowest, failed.failure[0])
    return PypiFound(held_back=(replace(held, sentence=f"{held.sentence}: {why}") if why else held,))


def _in_the_way(candidate: Candidate, base: PypiBase) -> PypiProgram[str]:
    """Return what there does not go with *candidate* and what it needs, by resolving it alone; empty if nobody can say.

    What is locked is preferred, and what conda brings stays: so only what must move shows.
    """
    request = _request(base, base.part_of({candidate: candidate.wanted}), None)
    mine = (each.extras for each in base.needs.demands if each.name == candidate.name)
    extras = frozenset(chain.from_iterable(mine))
    asked = Demand(by="", name=candidate.name, extras=extras, specifier=f"=={candidate.wanted.version}").requirement
    (result,) = yield (replace(request, requirements=(asked,), provided=(), constraints=()),)
    if not isinstance(result, PypiSolution):
        return ""
    alone = {each.name: each for each in result.packages}
    rest = tuple(each for each in base.baseline.packages if each.name not in alone)
    unmet = base.unmet(base.needs_of((*alone.values(), *rest), {candidate: candidate.wanted}))
    return "; ".join(dict.fromkeys([*map(str, unmet), *_lowered(base, alone)][:MOST_QUOTED]))


def _lowered(base: PypiBase, alone: Mapping[PackageName, PypiPackage]) -> Iterable[str]:
    """Yield which neighbours that the manifest asks for would go down."""
    floors = {each.dependency.name for each in base.unit.requires(Datasource.PYPI)}
    for each in base.baseline.packages:
        new = alone.get(each.name)
        if new and each.name in floors and each.version and is_newer(each.version, new.version):
            yield f"it would lower {each.name} from {each.version} to {new.version}"


def _found(
    attempt: _Attempt, bases: Iterable[PypiBase], held_back: tuple[HeldBack, ...], not_judged: tuple[str, ...] = ()
) -> PypiFound:
    return PypiFound(
        updates=tuple(candidate.update_to(release) for candidate, release in attempt.choice.items()),
        packages={**_fewer(bases), **_packages(attempt)},
        held_back=held_back,
        not_judged=not_judged,
    )


def _refused(still: _Attempt) -> PypiFound:
    if still.failure is None:
        return PypiFound(not_judged=still.not_judged, refused=" ".join(still.not_judged))
    base, text = still.failure
    unmet = base.unmet(base.needs)
    why = "; ".join(map(str, unmet))
    place = f"{base.unit.name} on {base.unit.platform.name}"
    return PypiFound(
        refused=f"the PyPI packages of {place} would not go with it: {why or text}",
        culprits=_culprits(base.records, unmet),
    )


def _culprits(records: Iterable[Record], unmet: Sequence[Unmet]) -> Mapping[PackageName, tuple[str, ...]]:
    """Return the conda packages that bring what is not as it is asked for; python brings itself."""
    brought = {(each.name, record.name) for record in records for each in provided([record])} | {(PYTHON, PYTHON)}
    asked = {name: tuple(each.specifier for each in unmet if each.name == brings) for brings, name in brought}
    return {name: specifiers for name, specifiers in asked.items() if specifiers}


def _attempt(choice: Choice, bases: Iterable[PypiBase], opened: Candidate | None = None) -> PypiProgram[_Attempt]:
    """Resolve *choice*; a candidate that is *opened* may stop anywhere on its way."""
    touched = [base for base in bases if base.part_of(choice) or not base.fits]
    results = yield tuple(_request(base, base.part_of(choice), opened) for base in touched)
    return Attempt(
        choice=choice,
        results=tuple(
            (base, result if opened else _checked(base, base.part_of(choice), result))
            for base, result in zip(touched, results, strict=True)
        ),
    )


def _reached(
    candidate: Candidate, others: Choice, bases: Sequence[PypiBase]
) -> PypiProgram[tuple[_Attempt | None, _Attempt]]:
    """Return the attempt at the newest release of *candidate* that resolves beside *others*, and that at its wanted."""
    wanted = yield from _attempt({**others, candidate: candidate.wanted}, bases)
    if wanted.solved or wanted.not_judged:
        return (wanted if wanted.solved else None), wanted
    opened = yield from _attempt({**others, candidate: candidate.wanted}, bases, candidate)
    release = _newest_everywhere(candidate, opened) if opened.solved else None
    if release is None:
        return None, wanted
    lower = yield from _attempt({**others, candidate: release}, bases)
    return (lower if lower.solved else None), wanted


def _newest_everywhere(candidate: Candidate, opened: _Attempt) -> Release | None:
    """Return the newest release that is no newer than what any unit reached."""
    found = (each for packages in _packages(opened).values() for each in packages)
    lowest, *_ = sort_versions(each.version for each in found if each.name == candidate.name) or [candidate.current]
    return candidate.up_to(lowest)


def _request(base: PypiBase, choice: Choice, opened: Candidate | None) -> PypiRequest:
    moved = texts(change for each, release in choice.items() for change in each.changes_to(release))
    changed = {**base.changed, **moved}
    changed |= dict.fromkeys(opened.places, "") if opened else {}
    fixed, moving = base.fixed, {each.name for each in choice}
    names = moving | {each.name for each in fixed}
    kept = () if base.afresh else base.baseline.packages
    return PypiRequest(
        requirements=tuple(dict.fromkeys([*_lines(base, changed), *_requirements_of(base, fixed)])),
        python=next((record.version for record in base.records if record.name == PYTHON), ""),
        subdir=base.unit.subdir,
        virtual_packages=base.unit.platform.virtual_packages,
        indexes=base.indexes,
        provided=(*provided(base.records), *(Provided(name=each.name, version=each.version) for each in fixed)),
        locked=tuple(each for each in kept if each.name not in names),
        constraints=(*_pins(choice, opened), *_floors(base, names), *_limits(base)),
        exclude_newer=_newest(base, None),
        package_exclude_newer={name: _newest(base, name) for name in _with_own_limit(base)},
        prereleases=base.prereleases,
    )


def _with_own_limit(base: PypiBase) -> Iterable[PackageName]:
    """Return the packages of which `exclude-newer` says something of their own."""
    written = base.unit.environments[0].pypi_exclude_newer
    return dict.fromkeys([*written.packages, *(each.name for each in written.exemptions)])


def _newest(base: PypiBase, name: PackageName | None) -> datetime:
    """Return the moment after which no file counts, of *name* or of packages in general: the strictest limit."""
    written = base.unit.environments[0].pypi_exclude_newer
    limit = WrittenLimit(exclude_newer=written, path=base.unit.workspace)
    found = written.every if name is None else limit.cut_off(name, ANY_VERSION)
    return min(base.baseline.newest_record, found.moment) if found else base.baseline.newest_record


def _lines(base: PypiBase, changed: Mapping[Place, str]) -> Iterable[str]:
    for each in base.unit.requires(Datasource.PYPI):
        if place(each) not in base.left_out:
            yield requirement_text(each.dependency, changed.get(place(each)))


def _requirements_of(base: PypiBase, fixed: Iterable[PypiPackage]) -> Iterable[str]:
    """Return what the *fixed* packages need of others, where it counts."""
    names = {each.name for each in fixed}
    demands = base.needs.demands
    return (each.requirement for each in demands if each.package in names and each.name not in names)


def _pins(choice: Choice, opened: Candidate | None) -> Iterable[str]:
    for candidate, release in choice.items():
        reach = f">={public(candidate.current)},<={public(release.version)}"
        yield f"{candidate.name}{reach}" if candidate is opened else f"{candidate.name}=={release.version}"


def _floors(base: PypiBase, free: AbstractSet[PackageName]) -> Iterable[str]:
    """Yield what keeps the other packages that the manifest asks for from going down."""
    environments, platform = base.unit.environments, base.unit.platform.name
    direct = {each.dependency.name for env in environments for each in env.requires(platform, Datasource.PYPI)}
    for package in base.baseline.packages:
        if package.name in direct - free and package.version:
            yield f"{package.name}>={public(package.version)}"


def _limits(base: PypiBase) -> Iterable[str]:
    """Yield what files of constraints (`-c`) limit, whoever asks for it."""
    for each in (each for environment in base.unit.environments for each in environment.included):
        dependency = each.dependency
        is_limit = dependency.role is Role.CONSTRAINT and dependency.skip is None
        if is_limit and base.unit.platform.name in each.platforms and place(each) not in base.left_out:
            yield requirement_text(dependency)


def _checked(base: PypiBase, choice: Choice, result: PypiResult) -> PypiResult:
    """Return *result* with the packages that stay as they are, if it is all that the unit needs."""
    if not isinstance(result, PypiSolution):
        return result
    needs = base.needs_of((*result.packages, *base.fixed), choice)
    if unmet := base.unmet(needs):
        return Unsolvable(text="; ".join(map(str, unmet)))
    packages = (*result.packages, *base.needed(base.fixed, needs))
    return PypiSolution(packages=tuple(sorted(packages, key=lambda each: each.name)))


def _held_back(candidate: Candidate, reached: Release | None, wanted: _Attempt) -> HeldBack:
    name, version = candidate.name, candidate.wanted.version
    if wanted.failure is None:
        return candidate.held_back(wanted.without_verdict(candidate), stays=reached)
    base, text = wanted.failure
    demands = base.needs.demands
    against = [str(each) for each in demands if each.name == name and each.package and not each.admits(version)]
    why = f", because {'; '.join(against)}" if against else ""
    sentence = (
        f"{name} {version} does not resolve beside the other packages of {base.unit.name} on {base.unit.platform.name}"
    )
    return replace(candidate.held_back(f"{sentence}{why}", stays=reached), solver_text=text)


def _fewer(bases: Iterable[PypiBase]) -> Mapping[SolveUnit, tuple[PypiPackage, ...]]:
    """Return what stays where the locked packages fit, and not all of them are needed any more."""
    fitting = ((base.unit, base.staying, base.baseline.packages) for base in bases if base.fits)
    return {unit: staying for unit, staying, locked in fitting if staying != locked}


def _packages(attempt: _Attempt) -> Mapping[SolveUnit, tuple[PypiPackage, ...]]:
    return {base.unit: result.packages for base, result in attempt.results if isinstance(result, PypiSolution)}
