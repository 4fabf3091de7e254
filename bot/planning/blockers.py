"""Why a release is held back: found by solving, never by reading the solver's text.

The direct dependencies are left out in turn; those without which the release solves are the blockers. What stands
between them is quoted from records: what the release needs of a blocker, or what the blocker needs of the release.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.model.environment import Requirement
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest
from bot.model.update import Blocker
from bot.planning.baseline import Baseline, specs
from bot.planning.candidates import Candidate, texts
from bot.planning.steps import Steps, ask
from bot.versioning.conda import is_newer
from bot.versioning.records import admits, is_match_spec, name_in


def why_not(candidate: Candidate, baseline: Baseline, request: SolveRequest) -> Steps[tuple[str, tuple[Blocker, ...]]]:
    """Return one sentence that says why *candidate* is not at its wanted release, and the specs that keep it out.

    *request* is the question for that release alone on *baseline*, which has no solution.
    """
    free = yield from ask(replace(request, constraints=_pins_only(request.constraints, candidate.name)))
    if isinstance(free, Solution):
        return _lowered(candidate, baseline, free), ()
    others = [each for each in baseline.unit.requirements if each.dependency.name != candidate.name]
    results = yield tuple(_without(each, candidate, baseline, request) for each in others)
    freed = [(each, result) for each, result in zip(others, results, strict=True) if isinstance(result, Solution)]
    blockers = tuple(_blocker(each, candidate, baseline, result.records) for each, result in freed)
    return _sentence(candidate, baseline, blockers), blockers


def _pins_only(constraints: Iterable[str], name: PackageName) -> tuple[str, ...]:
    return tuple(each for each in constraints if each.startswith(f"{name} =="))


def _without(requirement: Requirement, candidate: Candidate, baseline: Baseline, request: SolveRequest) -> SolveRequest:
    name = requirement.dependency.name
    changed = texts(candidate.update_to(candidate.wanted).changes)
    return replace(
        request,
        specs=specs(baseline.unit, changed, without={name}),
        constraints=tuple(each for each in request.constraints if not each.startswith(f"{name} >=")),
        locked=tuple(record for record in request.locked if record.name != name),
    )


def _lowered(candidate: Candidate, baseline: Baseline, solution: Solution) -> str:
    """The release solves only if a neighbour goes down; say which."""
    lowered = [
        f"{record.name} from {before.version} to {record.version}"
        for record in solution.records
        if (before := baseline.records.get(record.name)) and _is_direct(record.name, baseline)
        if is_newer(before.version, record.version)
    ]
    return f"{candidate.name} {candidate.wanted.version} would lower {' and '.join(lowered)}"


def _is_direct(name: PackageName, baseline: Baseline) -> bool:
    return any(each.dependency.name == name for each in baseline.unit.requirements)


def _blocker(requirement: Requirement, candidate: Candidate, baseline: Baseline, records: Iterable[Record]) -> Blocker:
    dependency = requirement.dependency
    return Blocker(
        name=dependency.name,
        spec=dependency.version,
        manifest=requirement.manifest,
        line=dependency.line,
        requirement=_needs_of(dependency.name, candidate, baseline, records)
        or _needed_by(dependency.name, candidate, baseline),
    )


def _needs_of(blocker: PackageName, candidate: Candidate, baseline: Baseline, records: Iterable[Record]) -> str:
    """Quote who, in the solution without the blocker's line, needs of the blocker what the one in use is not.

    The candidate's own need goes before that of others.
    """
    if (in_use := baseline.version(blocker)) is None:
        return ""
    quotes = [
        (record.name != candidate.name, f"{record.name} {record.version} needs {depend}")
        for record in records
        for depend in _demands(record, blocker)
        if not admits(depend, in_use)
    ]
    return min(quotes)[1] if quotes else ""


def _needed_by(blocker: PackageName, candidate: Candidate, baseline: Baseline) -> str:
    """Quote what the blocker in use needs of the candidate, if the wanted release is not that."""
    in_use = baseline.records.get(blocker)
    demands = _demands(in_use, candidate.name) if in_use else ()
    refused = (depend for depend in demands if not admits(depend, candidate.wanted.version))
    return next((f"{blocker} {baseline.version(blocker)} needs {depend}" for depend in refused), "")


def _demands(record: Record, name: PackageName) -> tuple[str, ...]:
    """Return what *record* demands of *name*; what is not a match spec cannot be quoted."""
    texts = (*record.depends, *record.constrains)
    return tuple(text for text in texts if name_in(text) == name and is_match_spec(text))


def _sentence(candidate: Candidate, baseline: Baseline, blockers: tuple[Blocker, ...]) -> str:
    wanted = f"{candidate.name} {candidate.wanted.version}"
    where = f"{baseline.unit.name!r} on {baseline.unit.subdir}"
    if not blockers:
        return f"{wanted} does not solve in {where}, and no single line of the manifest is what keeps it out"
    return f"{wanted} does not solve in {where}: " + "; ".join(map(_blocker_words, blockers))


def _blocker_words(blocker: Blocker) -> str:
    written = f"{blocker.manifest}:{blocker.line} asks for {blocker.name} {blocker.spec}".rstrip()
    return f"{blocker.requirement}, and {written}" if blocker.requirement else f"without {written} it would"
