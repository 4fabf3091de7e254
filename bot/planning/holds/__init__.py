"""What is left alone, and says so. Hold rules come before any strategy.

Rule 1: a rule is a pure function of a line and its surroundings that returns a `Hold` with its sentence, or None.
Rule 2: the strictest hold speaks: rules that hold everything come before those that leave updates within the range.
Rule 3: nothing outside can make a rule fail or slow: comments, names and titles are read up to a fixed length.

Three rules are about more than a line. `minimum` is also about whole environments (`minimum_of`), `channel-unknown`
about channels (`unknown_channels`), and `flavour` about one release (`missing_flavour`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Final, TypeAlias

from bot.model.environment import Requirement, SolveUnit, Workspace
from bot.model.manifest import Dependency, KeyPath, Manifest
from bot.planning.baseline import Place, place
from bot.planning.holds.channels import Unjudged, unknown_channels
from bot.planning.holds.comments import ignore, pin_comment
from bot.planning.holds.configured import disabled
from bot.planning.holds.flavours import missing_flavour
from bot.planning.holds.hold import Hold, HoldRule, HoldScope, RepositoryFacts, Surroundings, rule_in, strictest
from bot.planning.holds.names import matrix_axis, minimum, minimum_of
from bot.planning.holds.other_bots import already_proposed, of_other_bots
from bot.planning.holds.surroundings import surroundings_of
from bot.planning.holds.whole_file import export, foreign_lock, generated, unconstrained, unjudged

__all__ = [
    "RULES",
    "Hold",
    "HoldRule",
    "HoldScope",
    "Holds",
    "RepositoryFacts",
    "Surroundings",
    "Unjudged",
    "hold_of",
    "hold_on_package",
    "holds_in",
    "holds_of",
    "holds_outside",
    "minimum_of",
    "missing_flavour",
    "of_other_bots",
    "rule_in",
    "strictest",
    "surroundings_of",
    "unknown_channels",
]

Rule: TypeAlias = Callable[[Dependency, Surroundings], Hold | None]

RULES: Final[tuple[Rule, ...]] = (
    ignore,
    disabled,
    already_proposed,
    minimum,
    foreign_lock,
    export,
    unconstrained,
    unjudged,
    generated,
    matrix_axis,
    pin_comment,
)
"""Every rule about a line, in the order in which they are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What is held in a repository: lines, and on top of that whole environments; `off` are rules that do not count."""

    lines: Mapping[Place, Hold] = field(default_factory=dict)
    off: frozenset[HoldRule] = frozenset()

    def of(self, requirement: Requirement, unit: SolveUnit) -> Hold | None:
        """Return what holds *requirement* in *unit*: the stricter of the line's hold and the environments'."""
        line = self.lines.get(place(requirement))
        if (line and line.scope is HoldScope.ALL) or HoldRule.MINIMUM in self.off:
            return line
        return minimum_of(unit) or line


def hold_on_package(held: Mapping[Place, Hold], lines: Iterable[Requirement]) -> Hold | None:
    """Return the strictest hold on a package of which *lines* ask for; *held* are the holds on them.

    That a line has no version holds nothing beside one that has: it admits whatever the other moves to.
    """
    has_version = any(place(each) not in held or not _is_unconstrained(held[place(each)]) for each in lines)
    return strictest(each for each in held.values() if not (has_version and _is_unconstrained(each)))


def _is_unconstrained(hold: Hold) -> bool:
    return hold.rule is HoldRule.UNCONSTRAINED


def hold_of(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """Return the hold on one line of the manifest that *surroundings* describe, if a rule applies."""
    found = (rule(dependency, surroundings) for rule in RULES)
    return next((hold for hold in found if hold and hold.rule not in surroundings.off), None)


def holds_in(
    manifest: Manifest, facts: RepositoryFacts, now: datetime, *, locked: bool, unmade: Collection[str] = ()
) -> Mapping[KeyPath, Hold]:
    """Return the holds on the lines of *manifest*; *locked* says that a lockfile stands beside it.

    *unmade* are its environments that are locked and cannot be made.

    What is skipped has a reason of its own, and no hold.
    """
    surroundings = surroundings_of(manifest, facts, now, locked=locked, unjudged=unmade)
    lines = (each for each in manifest.dependencies if each.skip is None)
    return {each.at: hold for each in lines if (hold := hold_of(each, surroundings))}


def holds_of(workspaces: tuple[Workspace, ...], facts: RepositoryFacts, now: datetime) -> Holds:
    """Return the holds in all *workspaces*."""
    return Holds(lines=dict(chain.from_iterable(_lines(each, facts, now) for each in workspaces)), off=facts.off)


def holds_outside(manifests: Iterable[Manifest], facts: RepositoryFacts, now: datetime) -> Holds:
    """Return the holds in *manifests* of which no environment could be made.

    Whatever keeps such a manifest from being judged, a line that is held stays; no range of it is of use to anybody.
    """
    return Holds(
        lines={
            (each.path, at): replace(hold, scope=HoldScope.ALL)
            for each in manifests
            for at, hold in holds_in(each, facts, now, locked=True).items()
            if hold.rule not in (HoldRule.UNCONSTRAINED, HoldRule.UNJUDGED)
        }
    )


def _lines(workspace: Workspace, facts: RepositoryFacts, now: datetime) -> list[tuple[Place, Hold]]:
    locked, names = workspace.lock is not None, frozenset(n for fault in workspace.faults for n in fault.environments)
    return [
        *_included(workspace),
        *(
            ((manifest.path, at), hold)
            for manifest in workspace.manifests
            for at, hold in holds_in(manifest, facts, now, locked=locked, unmade=names if locked else ()).items()
        ),
    ]


def _included(workspace: Workspace) -> Iterable[tuple[Place, Hold]]:
    """Yield that lines of requirements files stay, whatever is configured: such a file is not rewritten."""
    for each in (each for environment in workspace.environments for each in environment.included):
        sentence = f"{each.manifest}:{each.dependency.line} is a line of a requirements file, which is not rewritten"
        yield place(each), Hold(rule=HoldRule.IGNORE, sentence=sentence, scope=HoldScope.RANGE)
