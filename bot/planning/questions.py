"""What a search asks about a unit: whether it solves with these releases, and how far they could go.

In every question the other direct dependencies are kept from being lowered below what the baseline has, and from
versions that it bars; locked packages keep their flavour, and a locked python its minor.
"""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache

from bot.model.manifest import PackageName
from bot.model.solve import SolveRequest
from bot.model.update import Release
from bot.planning.attempts import Choice
from bot.planning.baseline import Baseline, Place, files_of, limits, place, question_about, specs
from bot.planning.candidates import Candidate, texts
from bot.planning.flavours import flavour_limits
from bot.planning.policy import PYTHON
from bot.versioning.conda import minor_spec

NOTHING: AbstractSet[PackageName] = frozenset()


def exact(
    baseline: Baseline,
    choice: Choice,
    without: AbstractSet[PackageName] = NOTHING,
    leading: Iterable[Candidate] = (),
) -> SolveRequest:
    """Ask for *choice* as it will be committed; the lines of the packages in *without* are left out.

    The very releases are asked for, also where no lock holds them: a manifest that admits them all may solve although
    no environment contains them all. Where one of the *leading* candidates moves, the others are asked for at least.
    """
    moving = _moving(baseline, choice)
    led = {each.name for each in leading if baseline in each.baselines}
    asked = [
        _floor(baseline, name, release.version) if led and name not in led else f"{name} =={release.version}"
        for name, release in moving.items()
    ]
    request = _ask(baseline, moving, _changes(choice), [*asked, *_floors(baseline, {*moving, *without})], without)
    return request if baseline.locked or without else _from_what_is_there(baseline, request, moving)


def exact_beside_any(baseline: Baseline, choice: Choice, names: AbstractSet[PackageName]) -> SolveRequest:
    """Ask as `exact` does, with the lines of the packages *names* asking for any version from the one in use on."""
    moving = _moving(baseline, choice)
    lines = (*baseline.unit.requirements, *baseline.unit.constraints)
    lifted_lines = {place(each): "" for each in lines if each.dependency.name in names}
    asked = [*_pins(moving), *_floors(baseline, moving.keys())]
    return _ask(baseline, {*moving, *names}, {**_changes(choice), **lifted_lines}, asked)


def exact_at_any_price(baseline: Baseline, choice: Choice) -> SolveRequest:
    """Ask as `exact` does, but let neighbours go down, and python move to another minor."""
    moving = _moving(baseline, choice)
    asked = _ask(baseline, moving, _changes(choice), _pins(moving))
    constraints = (*limits(baseline.unit, _changes(choice)), *_flavours(baseline))
    return replace(asked, constraints=constraints, is_doubtful=True)


def exact_in_any_flavour(baseline: Baseline, choice: Choice) -> SolveRequest:
    """Ask as `exact` does, but let builds for something else in."""
    kept = _minor(baseline, _moving(baseline, choice))
    constraints = (*limits(baseline.unit, _changes(choice)), *kept)
    return replace(exact(baseline, choice), constraints=constraints, is_doubtful=True)


def open_to(baseline: Baseline, ceilings: Choice) -> SolveRequest:
    """Ask how far the candidates get: their lines are lifted, any version from the current to the ceiling will do."""
    moving = {each: release for each, release in ceilings.items() if baseline in each.baselines}
    lifted = {place(requirement): "" for each in moving for requirement in each.requirements}
    ranges = [f"{each.name} >={each.current},<={release.version}" for each, release in moving.items()]
    names = {each.name for each in moving}
    return _ask(baseline, names, lifted, [*ranges, *_floors(baseline, names)])


def lifted(baseline: Baseline, candidate: Candidate, others: Iterable[Candidate]) -> SolveRequest:
    """Ask for *candidate* at its wanted release while *others* may go anywhere, up to what they want.

    The records in use are preferred, also where no lock holds them: what moves is what must.
    """
    choice = {candidate: candidate.wanted}
    free = [each for each in others if baseline in each.baselines]
    texts_now = {**_changes(choice), **{place(line): "" for each in free for line in each.requirements}}
    ranges = [f"{each.name} >={each.current},<={each.wanted.version}" for each in free]
    pin = f"{candidate.name} =={candidate.wanted.version}"
    names = {candidate.name, *(each.name for each in free)}
    asked = question_about(
        baseline,
        specs=(*specs(baseline.unit, texts_now), pin, *ranges, *_floors(baseline, names)),
        files=files_of(baseline.unit, baseline.records.values()),
        locked=[record for record in baseline.records.values() if record.name != candidate.name],
        constraints=(*limits(baseline.unit, texts_now), *_minor(baseline, names)),
    )
    return replace(asked, is_doubtful=True)


def afresh(baseline: Baseline, gone: AbstractSet[PackageName] = NOTHING) -> SolveRequest:
    """Ask for everything anew, within what the lines say: where nothing is better, the answer is what there is.

    Locked records are not preferred, except those too young to be let in again. Of what is *gone*, whose record cannot
    be had any more, an older version will do.
    """
    names = sorted(gone & {each.dependency.name for each in baseline.unit.asked})
    older = [f"{name} {','.join(barred)}" for name in names if (barred := _barred(baseline, name))]
    return question_about(
        baseline,
        specs=(*specs(baseline.unit), *_floors(baseline, gone), *older),
        files=files_of(baseline.unit, baseline.records.values()),
        locked=[each for each in baseline.young_records if each.name not in gone],
        constraints=(*limits(baseline.unit), *_flavours(baseline), *_minor(baseline, gone)),
    )


def opened(baseline: Baseline, kept: AbstractSet[Place], changed: Mapping[Place, str], *further: str) -> SolveRequest:
    """Ask how far everything gets that has a line: lines are lifted but for those in *kept*; *changed* are new texts.

    *further* match specs are asked for as well. Nothing that is in use is preferred.
    """
    lines = (each for each in baseline.unit.requirements if place(each) not in kept)
    return _ask_afresh(baseline, {**{place(each): "" for each in lines}, **changed}, further)


def uncapped(baseline: Baseline, changed: Mapping[Place, str], *further: str) -> SolveRequest:
    """Ask for everything as it is written but for *changed* texts, and for *further* match specs."""
    return _ask_afresh(baseline, changed, further)


def at_lowest(baseline: Baseline, versions: Mapping[PackageName, str]) -> SolveRequest:
    """Ask for the very *versions* beside everything as it is written; what is in use may go down."""
    asked = question_about(
        baseline,
        specs=(*specs(baseline.unit), *(f"{name} =={version}" for name, version in versions.items())),
        files=files_of(baseline.unit, baseline.records.values()),
        locked=baseline.young_records,
        constraints=limits(baseline.unit),
    )
    return replace(asked, is_doubtful=True)


def _ask_afresh(baseline: Baseline, changed: Mapping[Place, str], further: Iterable[str]) -> SolveRequest:
    return question_about(
        baseline,
        specs=(*specs(baseline.unit, changed), *_floors(baseline, NOTHING), *further),
        files=files_of(baseline.unit, baseline.records.values()),
        locked=baseline.young_records,
        constraints=(*limits(baseline.unit, changed), *_flavours(baseline), *_minor(baseline, NOTHING)),
    )


def _moving(baseline: Baseline, choice: Choice) -> Mapping[PackageName, Release]:
    return {each.name: release for each, release in choice.items() if baseline in each.baselines}


def _pins(moving: Mapping[PackageName, Release]) -> list[str]:
    return [f"{name} =={release.version}" for name, release in moving.items()]


def _changes(choice: Choice) -> Mapping[Place, str]:
    return _texts(tuple((candidate, release.version) for candidate, release in choice.items()))


@lru_cache(maxsize=4)
def _texts(choice: tuple[tuple[Candidate, str], ...]) -> Mapping[Place, str]:
    """Return what the lines say then: one choice is asked about on every unit, of which there may be hundreds."""
    releases = {(candidate, each.version): each for candidate, _ in choice for each in candidate.releases}
    return texts(
        change for candidate, version in choice for change in candidate.changes_to(releases[candidate, version])
    )


def _from_what_is_there(baseline: Baseline, request: SolveRequest, moving: Iterable[PackageName]) -> SolveRequest:
    """Return *request* with a preference for the records in use, where no lock holds them.

    Whether it solves is all that is wanted then, and mostly they do with the one that moves.
    """
    free = frozenset(moving)
    return replace(request, locked=tuple(each for name, each in baseline.records.items() if name not in free))


def _floors(baseline: Baseline, free: AbstractSet[PackageName]) -> list[str]:
    """Return the specs that keep the direct dependencies, but those in *free*, from being lowered, or too young."""
    names = {each.dependency.name for each in baseline.unit.asked} - free
    return [_floor(baseline, name, version) for name in sorted(names) if (version := baseline.floor(name))]


def _floor(baseline: Baseline, name: PackageName, version: str) -> str:
    return ",".join([f"{name} >={version}", *_barred(baseline, name)])


def _barred(baseline: Baseline, name: PackageName) -> list[str]:
    return [f"!={each}" for each in baseline.barred.get(name, ())]


def _ask(
    baseline: Baseline,
    moving: Iterable[PackageName],
    changed: Mapping[Place, str],
    further: Iterable[str],
    without: AbstractSet[PackageName] = NOTHING,
) -> SolveRequest:
    free = {*moving, *without}
    kept = (record for name, record in baseline.records.items() if name not in free)
    return question_about(
        baseline,
        specs=(*specs(baseline.unit, changed, without), *further),
        files=files_of(baseline.unit, baseline.records.values(), without),
        locked=kept if baseline.locked else (),
        constraints=(*limits(baseline.unit, changed, without), *_flavours(baseline), *_minor(baseline, free)),
    )


def _flavours(baseline: Baseline) -> tuple[str, ...]:
    return tuple(flavour_limits(baseline.records.values())) if baseline.locked else ()


def _minor(baseline: Baseline, free: Container[PackageName]) -> tuple[str, ...]:
    """Return what keeps a locked python in its minor, unless it is *free*: to leave it is a decision of its own."""
    version = baseline.version(PYTHON) if baseline.locked else None
    return (f"{PYTHON} {minor_spec(version)}",) if version and PYTHON not in free else ()
