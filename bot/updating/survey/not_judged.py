"""Why lines are not judged, as far as it is known: said of each line, not only of its file."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from bot.model.environment import SolveUnit, Workspace
from bot.model.manifest import Manifest
from bot.model.report import Problem
from bot.planning.baseline import Baseline, Place, place
from bot.updating.agreement import units_of
from bot.updating.read import Reading
from bot.updating.survey.unit_sentences import about_units, is_about


def not_judged(reading: Reading, baselines: Iterable[Baseline], problems: Iterable[Problem]) -> Mapping[Place, str]:
    """Return the reasons by the places of lines; a line that is judged somewhere may be among them.

    What is said of the very line comes first, then what is said of its manifest, its environments and its unit.
    """
    told, judged = list(problems), {each.unit for each in baselines}
    reasons: dict[Place, str] = {}
    for manifest in reading.manifests:
        for at, reason in _of_manifest(manifest, reading.unmade, told):
            reasons.setdefault(at, reason)
    for workspace in reading.workspaces:
        paths = {workspace.path, workspace.lock.path if workspace.lock else workspace.path}
        mine = [each for each in told if each.path in paths and not each.line]
        faults, units = _of_faults(workspace), _of_units(workspace, judged, mine)
        for at, reason in (*faults, *units):
            reasons.setdefault(at, reason)
    return reasons


def _of_manifest(
    manifest: Manifest, unmade: Mapping[str, Problem], problems: Iterable[Problem]
) -> Iterator[tuple[Place, str]]:
    lines = {each.line: each.sentence for each in problems if each.path == manifest.path and each.line}
    whole = None if manifest.format.is_line_by_line else unmade.get(manifest.path)
    for each in manifest.dependencies:
        if reason := lines.get(each.line, whole.sentence if whole else ""):
            yield (manifest.path, each.at), reason


def _of_faults(workspace: Workspace) -> Iterator[tuple[Place, str]]:
    for manifest in workspace.manifests:
        environments = {each.name: each for each in manifest.declarations.environments}
        for fault in workspace.faults:
            faulty = [environments[name] for name in fault.environments]
            features = {name for each in faulty for name in ("default", *each.features)}
            for each in manifest.dependencies:
                if each.feature in features:
                    yield (manifest.path, each.at), fault.sentence


def _of_units(
    workspace: Workspace, judged: AbstractSet[SolveUnit], problems: Iterable[Problem]
) -> Iterator[tuple[Place, str]]:
    """Yield why the units that are not *judged* are not: what is said of the unit, else of the whole workspace.

    What is said of a single line is not among *problems*: it tells nothing of units without it.
    """
    told, units = [each.sentence.partition("\n")[0] for each in problems], units_of(workspace)
    of_lock = [each for each in told if not any(is_about(each, unit) for unit in units)]
    for unit in units:
        its = [each for each in told if is_about(each, unit)]
        for reason in (*its, *of_lock, *_unnamed(unit, judged))[:1] if unit not in judged else ():
            for requirement in unit.requirements:
                yield place(requirement), reason


def _unnamed(unit: SolveUnit, judged: Iterable[SolveUnit]) -> Iterator[str]:
    """Yield why *unit* is not judged if that is said nowhere else: nobody named its platform, and others solve."""
    if unit.environments[0].platforms_assumed and any(each.workspace == unit.workspace for each in judged):
        yield about_units([unit.name], [unit.platform.name], "could not be solved, and no file names that platform")
