"""Why a release is held back: found by solving, never by reading the solver's text.

The direct dependencies are left out, many at once and then ever fewer; those without which the release solves are the
blockers. Where it is known what contradicts itself, nothing else is left out. What stands between them is quoted from
records: what the release needs of a blocker, or what the blocker needs of the release.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from bot.model.environment import Requirement
from bot.model.manifest import PackageName, Role, Subdir
from bot.model.package import Record
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.model.update import Blocker, Release
from bot.planning.attempts import Choice
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate, leaves_minor
from bot.planning.flavours import swapped
from bot.planning.machine import on_other_processors, what_it_lacks, with_everything
from bot.planning.manifest_lines import admits as admits_version
from bot.planning.policy import PYTHON
from bot.planning.programs import Program, ask
from bot.planning.questions import at_lowest, exact, exact_at_any_price, exact_beside_any, exact_in_any_flavour
from bot.versioning.conda import is_newer
from bot.versioning.records import admits, is_match_spec, name_in

FEW = 4
"""So many lines are left out one by one at once."""
PYTHON_ABI = PackageName("python_abi")
"""What builds for one minor of python depend on, often in place of python itself."""
SOLVERS_BEGINNING = "Cannot solve the request because of: "
NO_VERSION = ("", "*")
WHERE = " where it solves"
"""Said of what one build needs while others of the same release need something else."""
NO_LINE = "no single line of the manifest is what keeps it out"

_ONE_MINOR = re.compile(
    r"python (?:>=(?P<minor>\d+\.\d+)[\w.]*,<\d+\.\d+(?:\.0)?a0|(?P<exact>\d+\.\d+)\.\*)(?: \*_cp\d+t?)?"
)
_NUMBER = re.compile(r"_\d+$")
_ABI = re.compile(r"python_abi (?P<minor>\d+\.\d+)\.\*")


def why_not(
    candidate: Candidate, baseline: Baseline, in_play: Iterable[Record] = ()
) -> Program[tuple[str, tuple[Blocker, ...]]]:
    """Return one sentence that says why *candidate* is not at its wanted release, and the specs that keep it out.

    Of records that are *in_play*, where the candidate got as far as it can, those are quoted, and not those in use.
    To be asked of a *baseline* on which that release, alone, has no solution. Where the solver gives no verdict on the
    way, the sentence says that nobody knows the reason, and why.
    """
    alone = {candidate: candidate.wanted}
    free = yield from ask(exact_at_any_price(baseline, alone))
    if isinstance(free, Solution):
        return _at_a_price(candidate, baseline, free), ()
    plain = yield from ask(exact_in_any_flavour(baseline, alone))
    if isinstance(plain, Solution):
        return _other_flavour(candidate, baseline, plain), ()
    if unknown := _without_verdict((free, plain)):
        return _sentence(candidate, baseline, unknown), ()
    lines = [each for each in _lines(baseline) if each.dependency.name != candidate.name]
    names = _suspects(dict.fromkeys(each.dependency.name for each in lines), baseline, (free, plain))
    results = yield from _left_out(names, candidate, baseline)
    freed = [(line, result) for line in lines if isinstance(result := results.get(line.dependency.name), Solution)]
    now = {**baseline.records, **{each.name: each for each in in_play}}
    blockers = tuple(
        _blocker(line, candidate, baseline, result.records, now)
        for line, result in freed
        if _is_in_the_way(line, result.records, lines)
    )
    if blockers:
        loosened = yield from _loosened(blockers, alone, baseline)
        return _sentence(candidate, baseline, "; ".join(map(_blocker_words, loosened))), loosened
    unknown = _without_verdict(results.values())
    reason = unknown or (yield from _machine(alone, baseline)) or (yield from _as_it_stands(baseline)) or NO_LINE
    return _sentence(candidate, baseline, reason), ()


def _as_it_stands(baseline: Baseline) -> Program[str]:
    """Return that nothing that is locked here could be solved for today, if that is so: then nothing newer can be."""
    if not baseline.locked:
        return ""
    result = yield from ask(replace(at_lowest(baseline, {}), is_doubtful=False))
    if not isinstance(result, Unsolvable):
        return ""
    why = result.text.partition("\n")[0].removeprefix(SOLVERS_BEGINNING).rstrip(". ")
    return f"nothing solves there any more{f' ({why})' if why else ''}"


def _loosened(blockers: tuple[Blocker, ...], alone: Choice, baseline: Baseline) -> Program[tuple[Blocker, ...]]:
    """Return *blockers*, which say whether another version of each would do: what is advised was solved.

    A line that asks for no version cannot be loosened.
    """
    names = tuple(dict.fromkeys(each.name for each in blockers if each.spec not in NO_VERSION))
    results = (yield tuple(exact_beside_any(baseline, alone, frozenset({name})) for name in names)) if names else ()
    loose = {name for name, result in zip(names, results, strict=True) if isinstance(result, Solution)}
    return tuple(replace(each, loosens=each.name in loose) for each in blockers)


def _machine(alone: Choice, baseline: Baseline) -> Program[str]:
    """Return what *alone* needs of the machine that it has not, as far as that is what keeps it out."""
    asked = replace(exact(baseline, alone), is_doubtful=True)
    for everything in (with_everything(asked), *on_other_processors(asked)):
        result = yield from ask(everything)
        if isinstance(result, Solution):
            return what_it_lacks(baseline.unit, asked.virtual_packages, result.records)
    return ""


def _suspects(
    names: Iterable[PackageName], baseline: Baseline, refused: Iterable[SolveResult]
) -> tuple[PackageName, ...]:
    """Return those of *names* without whose lines there may be a solution.

    What suffices for a contradiction in one of the *refused* questions, which ask for less, does so without all other
    lines too. Without a line of `[dev]` more is left out than that.
    """
    always = {each.dependency.name for each in baseline.unit.developed}
    because = [each.because for each in refused if isinstance(each, Unsolvable) and each.because]
    return tuple(name for name in names if name in always or all(name in each for each in because))


def _left_out(
    names: tuple[PackageName, ...], candidate: Candidate, baseline: Baseline
) -> Program[Mapping[PackageName, SolveResult]]:
    """Return what *candidate* comes to without the lines of each of *names*; one that is no blocker may be missing.

    Many names are left out together first. Without fewer lines less is possible, so if even that does not solve, none
    of them is a blocker; if it solves, those are tried that left their place then, and if they are not it, each half.
    No verdict on many counts as none on the first of them.
    """
    alone = {candidate: candidate.wanted}
    if len(names) <= FEW:
        return (yield from _by_halves([(name,) for name in names], alone, baseline))
    together = yield from ask(_without(names, alone, baseline))
    if not isinstance(together, Solution):
        return {names[0]: together} if isinstance(together, NotSolved) else {}
    suspects = _elsewhere(names, together, baseline)
    found = (yield from _by_halves(suspects, alone, baseline)) if len(suspects) <= FEW else {}
    if any(isinstance(each, Solution) for each in found.values()):
        return found
    if _asks_for_as_much(candidate, baseline):
        in_the_way = yield from _in_the_way_of_all(baseline)
        names = tuple(each for each in names if in_the_way is None or each in in_the_way)
    return (yield from _by_halves(_halves(names), alone, baseline))


def _in_the_way_of_all(baseline: Baseline) -> Program[AbstractSet[PackageName] | None]:
    """Return the names without whose lines what is locked would solve again; None where it solves, or nobody knows.

    This is the same for every candidate that asks for as much, and so it is asked once.
    """
    stands = (yield from ask(_without((), {}, baseline))) if baseline.locked else None
    if not isinstance(stands, Unsolvable):
        return None
    names = _suspects(dict.fromkeys(each.dependency.name for each in _lines(baseline)), baseline, (stands,))
    results = yield from _by_halves(_halves(names), {}, baseline)
    if any(isinstance(each, NotSolved) for each in results.values()):
        return None
    return {name for name, result in results.items() if isinstance(result, Solution)}


def _asks_for_as_much(candidate: Candidate, baseline: Baseline) -> bool:
    """Tell whether nothing is spared that *baseline* asks for when *candidate* is asked for at its wanted release."""
    before, asked = exact(baseline, {}), exact(baseline, {candidate: candidate.wanted})
    spared = frozenset(before.specs) - frozenset(asked.specs)
    fulfilled = all(_is_fulfilled(each, candidate) for each in spared)
    return fulfilled and before.files == asked.files and frozenset(before.constraints) <= frozenset(asked.constraints)


def _is_fulfilled(spec: str, candidate: Candidate) -> bool:
    """Tell whether *spec*, which asks for nothing but a version, is about *candidate* and admits its wanted release."""
    name, _, version = spec.partition(" ")
    return name == candidate.name and not {" ", "["} & set(version) and admits(spec, candidate.wanted.version)


def _lines(baseline: Baseline) -> tuple[Requirement, ...]:
    return (*baseline.unit.asked, *baseline.unit.limited, *baseline.unit.developed)


def _halves(names: tuple[PackageName, ...]) -> list[tuple[PackageName, ...]]:
    half = len(names) // 2
    return [each for each in (names[:half], names[half:]) if each]


def _elsewhere(names: Iterable[PackageName], solution: Solution, baseline: Baseline) -> list[tuple[PackageName, ...]]:
    """Return those of *names* that *solution* has in another version than is in use, or not at all."""
    versions = {each.name: each.version for each in solution.records}
    return [(name,) for name in names if versions.get(name) != baseline.version(name)]


def _by_halves(
    groups: list[tuple[PackageName, ...]], alone: Choice, baseline: Baseline
) -> Program[Mapping[PackageName, SolveResult]]:
    """Return what *alone* comes to without each of the names in *groups*, halving those that solve together.

    What contradicts itself without the lines of some does so without one of the others that it is not because of.
    """
    told: dict[PackageName, SolveResult] = {}
    while groups:
        results = yield tuple(_without(group, alone, baseline) for group in groups)
        judged = list(zip(groups, results, strict=True))
        told |= {group[0]: result for group, result in judged if len(group) == 1 or isinstance(result, NotSolved)}
        solving = [group for group, result in judged if len(group) > 1 and isinstance(result, Solution)]
        halves = (half for group in solving for half in _halves(group))
        groups = [left for half in halves if (left := _suspects(half, baseline, results))]
    return told


def _without(names: tuple[PackageName, ...], alone: Choice, baseline: Baseline) -> SolveRequest:
    """Ask for *alone* without the lines of *names*; of several also what is locked and too young stays in sight."""
    asked = replace(exact(baseline, alone, without=frozenset(names)), is_doubtful=True)
    return asked if len(names) <= 1 else replace(asked, locked=exact(baseline, alone).locked)


def _without_verdict(results: Iterable[SolveResult]) -> str:
    """Return why the reason is not known, if the solver gave no verdict on one of *results*."""
    reason = next((each.reason for each in results if isinstance(each, NotSolved)), "")
    return f"what keeps it out could not be found out ({reason.rstrip('.')})" if reason else ""


def _is_in_the_way(line: Requirement, records: Iterable[Record], lines: Iterable[Requirement]) -> bool:
    """Tell whether *line* is what its package has to be rid of to be as *records* have it.

    Beside another of *lines* about the same package one that admits that version is in nobody's way.
    """
    name = line.dependency.name
    freed = next((each.version for each in records if each.name == name), None)
    about = [each for each in lines if each.dependency.name == name]
    refusing = [each for each in about if freed and not admits_version(each, each.dependency.version_spec, freed)]
    return not refusing or line in refusing


def _at_a_price(candidate: Candidate, baseline: Baseline, solution: Solution) -> str:
    """The release solves only if a neighbour goes down, or to a version that is not for now; say which."""
    wanted = f"{candidate.name} {candidate.wanted.version}"
    neighbours = [(each, baseline.records[each.name]) for each in solution.records if _is_neighbour(each, baseline)]
    lowered = [
        f"{record.name} from {before.version} to {record.version}"
        for record, before in neighbours
        if is_newer(before.version, record.version)
    ]
    young = [
        f"{each.name} {each.version}" for each, _ in neighbours if each.version in baseline.barred.get(each.name, ())
    ]
    in_use = baseline.version(PYTHON) if baseline.locked else None
    minors = [
        f"{each.name} {each.version}"
        for each in solution.records
        if in_use and leaves_minor(each.name, in_use, each.version)
    ]
    prices = [f"would lower {' and '.join(lowered)}"] if lowered else []
    prices += [f"needs {' and '.join(minors)}, a decision of its own"] if minors else []
    prices += [f"needs {' and '.join(young)}, too young yet"] if young else []
    return f"{wanted} {' and '.join(prices)}"


def _other_flavour(candidate: Candidate, baseline: Baseline, solution: Solution) -> str:
    """The release solves only with builds for something else than those in use; say of what."""
    names = ", ".join(swapped(baseline, solution.records)) or candidate.name
    wanted = f"{candidate.name} {candidate.wanted.version}"
    where = f"on {baseline.unit.platform.name} only with {names}"
    return f"{wanted} solves {where} built in another flavour than the one in use"


def _is_neighbour(record: Record, baseline: Baseline) -> bool:
    """Tell whether *record* is of a package that the manifest names and that is in use."""
    names = (each.dependency.name for each in baseline.unit.asked)
    return record.name in baseline.records and record.name in names


def _blocker(
    requirement: Requirement,
    candidate: Candidate,
    baseline: Baseline,
    records: Iterable[Record],
    now: Mapping[PackageName, Record],
) -> Blocker:
    dependency = requirement.dependency
    if dependency.role is Role.DEV:
        kept = f"what the build backend of {dependency.name} adds stays as it is locked"
        return Blocker(
            name=dependency.name, spec="", manifest=requirement.manifest, line=dependency.line, requirement=kept
        )
    return Blocker(
        name=dependency.name,
        spec=dependency.version or (dependency.match_spec.version if dependency.match_spec else ""),
        manifest=requirement.manifest,
        line=dependency.line,
        requirement=_needs_of(dependency.name, candidate, baseline, records)
        or _needed_by(now.get(dependency.name), candidate),
    )


def _needs_of(blocker: PackageName, candidate: Candidate, baseline: Baseline, records: Iterable[Record]) -> str:
    """Quote who, in the solution without the blocker's line, needs of the blocker what the one in use is not.

    The candidate itself is asked first, then what it needs, the nearest first: others prove nothing.
    """
    in_use = baseline.version(blocker)
    nearest = tuple(_needed_in_turn(candidate.name, blocker, records))
    variants = _variants(candidate.wanted, baseline.unit.subdir) if blocker == PYTHON else 1
    quotes = (
        _built_for(record, depend, nearest)
        or f"{record.title} needs {' '.join(depend.split())}{WHERE * (variants > 1 and record.name == candidate.name)}"
        for record in nearest
        for depend in (*_demands(record, blocker), *_minors(record, blocker))
        if in_use and not admits(depend, in_use)
    )
    return next(quotes, "")


def _minors(record: Record, blocker: PackageName) -> Iterator[str]:
    """Yield for which minor of python *record* is built, if *blocker* is python: it may ask for its ABI alone."""
    for text in _demands(record, PYTHON_ABI) if blocker == PYTHON else ():
        if found := _ABI.match(text):
            yield f"python {found['minor']}.*"


def _built_for(record: Record, depend: str, nearest: Iterable[Record]) -> str:
    """Say for which python the first of *nearest* is built of which `python_abi`, as *record*, tells it by *depend*.

    So of a *record* itself that is built for one minor of python, which has others for other pythons beside it.
    """
    if record.name == PYTHON_ABI:
        built = next((each for each in nearest if _demands(each, PYTHON_ABI)), None)
        return f"{built.title} is built for {' '.join(depend.split()[:2])}{WHERE}" if built else ""
    minor = _ONE_MINOR.fullmatch(depend) if _demands(record, PYTHON_ABI) else None
    return f"{record.title} is built for python {minor['minor'] or minor['exact']}.*{WHERE}" if minor else ""


def _variants(release: Release, subdir: Subdir) -> int:
    """Return how many builds of *release* there are for *subdir*, beside those that differ by their number alone."""
    return len({_NUMBER.sub("", text) for text, _ in release.builds.get(subdir, ())})


def _needed_in_turn(root: PackageName, stop: PackageName, records: Iterable[Record]) -> Iterable[Record]:
    """Yield *root* and what it needs, directly, then indirectly, but not through *stop*."""
    by_name = {record.name: record for record in records if record.name != stop}
    waiting, seen = deque([root]), {root}
    while waiting:
        if (record := by_name.get(waiting.popleft())) is None:
            continue
        yield record
        following = [name for name in map(name_in, record.depends) if name not in seen]
        seen.update(following)
        waiting.extend(following)


def _needed_by(blocker: Record | None, candidate: Candidate) -> str:
    """Quote what *blocker* needs of the candidate, if the wanted release is not that."""
    if blocker is None:
        return ""
    refused = (each for each in _demands(blocker, candidate.name) if not admits(each, candidate.wanted.version))
    return next((f"{blocker.title} needs {' '.join(each.split())}" for each in refused), "")


def _demands(record: Record, name: PackageName) -> tuple[str, ...]:
    """Return what *record* demands of *name*; what is not a match spec cannot be quoted."""
    texts = (*record.depends, *record.constrains)
    return tuple(text for text in texts if name_in(text) == name and is_match_spec(text))


def _sentence(candidate: Candidate, baseline: Baseline, reason: str) -> str:
    wanted = f"{candidate.name} {candidate.wanted.version}"
    return f"{wanted} does not solve in {baseline.unit.name!r} on {baseline.unit.platform.name}: {reason}"


def _blocker_words(blocker: Blocker) -> str:
    place, asked = f"{blocker.manifest}:{blocker.line}", f"{blocker.name} {blocker.spec}".rstrip()
    return (
        f"{blocker.requirement}, and {place} asks for {asked}"
        if blocker.requirement
        else (f"it would without {asked} ({place})")
    )
