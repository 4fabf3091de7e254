"""Workspaces with pins that are gone: judged as they will be with the nearest releases that solve in their place.

Whatever is proposed for such a workspace has the repair in it, for without it nothing solves; the repair is also a
proposal of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.environment import Environment, Requirement, SolveUnit, Workspace
from bot.model.manifest import Datasource
from bot.model.report import Problem
from bot.model.update import Absent, BranchPlan, Purpose, Release, Update
from bot.planning.baseline import Baseline, Place, place
from bot.planning.gone import ATTEMPTS, GonePin, gone_pins, repair
from bot.planning.holds import Holds
from bot.planning.manifest_lines import rewritten
from bot.planning.offers import Lookups, lookup_for
from bot.planning.policy import Policy
from bot.planning.search import Found
from bot.updating.agreement import units_of
from bot.updating.drive import drive
from bot.updating.ports import Progress, Solver
from bot.updating.survey.baselines import BaselineStanding, stand
from bot.versioning.conda import update_kind

MOST_BUILDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A workspace as it is with its gone pins moved, the updates that do it, and a sentence for each."""

    workspace: Workspace
    updates: tuple[Update, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairer:
    """Where gone pins keep a workspace from solving, sees how it stands once they have moved."""

    lookups: Lookups
    holds: Holds
    solver: Solver
    policy: Policy
    now: datetime
    progress: Progress

    async def repaired(
        self, workspace: Workspace, standings: BaselineStanding
    ) -> tuple[BaselineStanding, Repair | None]:
        """Return how *workspace* stands, and the repair with which it does, if it has one; *standings* are without."""
        units = units_of(workspace)
        pins = gone_pins(units, self.lookups, self.holds, self.policy, self.now) if _may_miss(standings) else ()
        moved = await drive(repair(units, pins, self.policy, self.now), self.solver.solve) if pins else ()
        if not moved:
            absent = self._absent(units) if _may_miss(standings) else ()
            told = (*standings.problems, *(_unmoved(each, pins) for each in pins), *absent)
            return replace(standings, problems=tuple(dict.fromkeys(told))), None
        found = Repair(
            workspace=_with_texts(workspace, {place(pin.line): text for pin, text, _ in moved}),
            updates=tuple(_update(workspace, *each) for each in moved),
            reasons=tuple(_reason(pin, release) for pin, _, release in moved),
        )
        return _settled(await self._stand(found.workspace)), found

    def _absent(self, units: Iterable[SolveUnit]) -> Iterator[Problem]:
        """Yield a problem for each line of *units* about a package that no channel of theirs has at all."""
        for unit in units:
            for line in unit.requirements:
                lookup = lookup_for(self.lookups, unit, line.dependency.name)
                if isinstance(lookup, Absent):
                    told = f"{lookup.reason.rstrip('.')}: is the name right, or is a channel missing?"
                    yield Problem(path=line.manifest, line=line.dependency.line, sentence=told)

    async def _stand(self, workspace: Workspace) -> BaselineStanding:
        return await stand(workspace, self.solver, self.policy, self.now, self.progress)


def _may_miss(standings: BaselineStanding) -> bool:
    """Tell whether something that is asked for may be gone: a unit does not solve, or a lock cannot be had again."""
    has_solved = bool(standings.stale or standings.correction)
    return not has_solved and bool(standings.problems or not standings.is_confirmed)


def repairs_alone(repairs: Mapping[str, Repair], baselines: Sequence[Baseline]) -> tuple[Found, ...]:
    """Return a plan for each repair that does nothing else."""
    keys = {path: f"{'-'.join(sorted({each.name for each in found.updates}))}-gone" for path, found in repairs.items()}
    return tuple(
        Found(
            plan=BranchPlan(key=keys[path], updates=(), purpose=Purpose.UPDATE),
            solutions={each.unit: tuple(each.records.values()) for each in baselines if each.unit.workspace == path},
            held_back=(),
        )
        for path in repairs
    )


def _update(workspace: Workspace, pin: GonePin, text: str, release: Release) -> Update:
    line = pin.line
    environments = (each.name for each in workspace.environments if line in each.requirements)
    return Update(
        name=line.dependency.name,
        datasource=Datasource.CONDA,
        current=pin.version,
        target=release,
        kind=update_kind(pin.version, release.version),
        changes=(rewritten(line, text),),
        environments=tuple(sorted(environments)),
        workspaces=(workspace.path,),
    )


def _reason(pin: GonePin, release: Release) -> str:
    return f"{_gone(pin)}: {release.version} is the nearest release that solves"


def _unmoved(pin: GonePin, pins: Sequence[GonePin]) -> Problem:
    """Say what keeps the workspace from being judged; condabot rewrites versions, and no builds."""
    sentence = f"{_gone(pin)}; {_why_unmoved(pin, pins)}"
    return Problem(path=pin.line.manifest, line=pin.line.dependency.line, sentence=sentence)


def _why_unmoved(pin: GonePin, pins: Sequence[GonePin]) -> str:
    """Say why *pin* stays: all of *pins*, those of its workspace, move or none."""
    if pin.hold:
        return f"the line stays: {pin.hold}"
    if pin.build:
        return f"choose another build of {pin.version}{_there_are(pin.others)}"
    if not pin.targets:
        return "there is no release that it could move to"
    if stuck := next((each.line for each in pins if not each.targets), None):
        other = f"{stuck.manifest}:{stuck.dependency.line} {stuck.dependency.name}"
        return f"what it could move to is only tried once {other} can be had"
    is_all_tried = len(pins) == 1 and len(pin.targets) <= ATTEMPTS
    return "none that it could move to solves" if is_all_tried else "none of the nearest that were tried solves"


def _there_are(builds: Sequence[str]) -> str:
    more = f" and {len(builds) - MOST_BUILDS} more" if len(builds) > MOST_BUILDS else ""
    return f": there is {', '.join(builds[:MOST_BUILDS])}{more}" if builds else ""


def _gone(pin: GonePin) -> str:
    if pin.asked:
        return f"{pin.channel} has no {pin.line.dependency.name} {pin.asked}"
    build = f" in build {pin.build}" if pin.build else ""
    return f"{pin.channel} has no {pin.line.dependency.name} {pin.version}{build} (any more)"


def _settled(standings: BaselineStanding) -> BaselineStanding:
    """Return how a repaired workspace is judged: what brings its lock in step is part of the repair."""
    if standings.relock is None:
        return standings
    solutions = standings.relock.solutions
    baselines = tuple(
        replace(each, records={record.name: record for record in solutions[each.unit]}, held=each.records)
        if each.unit in solutions
        else each
        for each in standings.stale
    )
    return BaselineStanding(baselines=baselines, problems=())


def _with_texts(workspace: Workspace, texts: Mapping[Place, str]) -> Workspace:
    """Return *workspace* with other version specs at the places in *texts*; its manifests stay as they are read."""
    environments = tuple(_environment(each, texts) for each in workspace.environments)
    return replace(workspace, environments=environments)


def _environment(environment: Environment, texts: Mapping[Place, str]) -> Environment:
    company = environment.company
    return replace(
        environment,
        requirements=_lines(environment.requirements, texts),
        company=replace(company, requirements=_lines(company.requirements, texts)),
    )


def _lines(lines: Iterable[Requirement], texts: Mapping[Place, str]) -> tuple[Requirement, ...]:
    return tuple(_line(each, texts[place(each)]) if place(each) in texts else each for each in lines)


def _line(line: Requirement, text: str) -> Requirement:
    dependency = line.dependency
    spec = replace(dependency.match_spec, version=text) if dependency.match_spec else None
    written = replace(dependency, version=text.removeprefix(dependency.implied), match_spec=spec)
    return replace(line, dependency=written)
