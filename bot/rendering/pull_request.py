"""The body of a pull request: what a reviewer needs to merge it, on top; everything else below the fold.

The parts are in the order in which they are read; a part with nothing to say is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot import lockfiles
from bot.model.manifest import Datasource
from bot.model.project import Projects
from bot.model.provenance import MovedProvenance
from bot.model.pull_request import REBUILD_MARKER
from bot.model.update import LockDiff, PackageChange, Proposal, Purpose
from bot.rendering.caps import cap_lines
from bot.rendering.held_back import held_back_lines, solver_texts
from bot.rendering.lock_changes import Pair, grouped, lock_changes, moved, package
from bot.rendering.lock_facts import download, flavours, licences, machines
from bot.rendering.markdown import code, plain
from bot.rendering.mentions import mentions
from bot.rendering.opening import opening
from bot.rendering.provenance import provenance_changes, provenance_fold, recipe_changes
from bot.rendering.release_notes import release_notes
from bot.rendering.room import PARAGRAPH, fitted
from bot.rendering.sizes import counted
from bot.rendering.update_rows import spec_lines, update_table

MOST_MOVED = 15
"""Packages that move besides and are named one by one; the others are counted."""

BOX = f"- [ ] {REBUILD_MARKER} Tick this to have it made afresh, on what its base is by then"
DOCUMENTATION = "https://condabot.example"
MADE_BY = f"Made by [condabot]({DOCUMENTATION}), which ran none of this repository's code."
CLOSING = (
    "Closing this pull request means: not these versions. A newer release is proposed again; reopening it takes that "
    "back."
)
RELOCKED = (
    "The lock and its manifest disagree. This brings the lock in step, moving as little as it can; updates follow once "
    "it is merged."
)
CORRECTED = (
    "The lock is what its manifest asks for, but its channels have changed what they say of records in it. This moves "
    "what no longer goes together by that, as little as it can; nothing else waits for it."
)
CLOSING_REFRESH = "Closing this pull request means: not before the first day of next month."
REFRESHED = "Everything in the lock is solved afresh, within what the manifest says; the manifest stays as it is."
NOT_SOLVED = "PyPI packages are not solved: pip or pixi settles what fits together when it installs them."
PROMISED = "Nothing is solved for what the package asks of its users' environments: only caps are widened there."
KEPT = (
    "What the build backend of {} adds is not known before it runs: whatever is locked and no line or package asks for "
    "stays as it is."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Where and when proposals were made, what is known of their packages' projects, and where what moves comes from.

    They were made on the commit `base`, empty where there is none, at `now`. A body `has_box` where somebody heeds it.
    """

    base: str
    now: datetime
    projects: Projects = field(default_factory=dict)
    origins: tuple[MovedProvenance, ...] = ()
    has_box: bool = False


def body(proposal: Proposal, told: Told, longest: int) -> str:
    """Return the body for *proposal*, as *told*. At most *longest* characters."""
    recipes, folded_recipes = recipe_changes(told.origins)
    shown = (
        _updates(proposal, told),
        _solved(proposal, told.base),
        spec_lines(proposal.plan.updates),
        cap_lines(proposal.caps),
        _moved_besides(proposal),
        flavours(proposal.diffs),
        licences(proposal.diffs),
        machines(proposal.floors, {(each.environment, each.platform) for each in proposal.diffs}),
        provenance_changes(told.origins),
        recipes,
        held_back_lines(proposal),
        mentions(proposal.mentions),
    )
    folds = (
        lock_changes(proposal.diffs),
        *release_notes(proposal.plan.updates, told.projects),
        folded_recipes,
        provenance_fold(told.origins),
        solver_texts(proposal.held_back),
    )
    return fitted(_said(shown), _said(folds), _closing(proposal, told), longest)


def _said(parts: Iterable[str]) -> Sequence[str]:
    return [part for part in parts if part]


def _updates(proposal: Proposal, told: Told) -> str:
    if proposal.plan.purpose is Purpose.RELOCK:
        return RELOCKED
    if proposal.plan.purpose is Purpose.CORRECTION:
        return PARAGRAPH.join([CORRECTED, *map(plain, proposal.plan.reasons)])
    if proposal.plan.purpose is Purpose.MAINTENANCE:
        return PARAGRAPH.join([REFRESHED, *map(plain, proposal.plan.reasons)])
    updates = update_table(proposal.plan.updates, told.now, told.projects)
    return PARAGRAPH.join([opening(proposal), updates, *(f"{plain(each)}." for each in proposal.plan.reasons)])


def _solved(proposal: Proposal, base: str) -> str:
    locked = {each.name for diff in proposal.diffs for each in diff.changes if each.datasource is Datasource.PYPI}
    installed = [update for update in proposal.plan.updates if update.environments]
    pypi = {update.name for update in installed if update.datasource is Datasource.PYPI}
    is_resolved = proposal.plan.purpose is Purpose.SECURITY and proposal.solved
    sentences = [
        _solved_sentence(proposal, base) if proposal.solved else "",
        NOT_SOLVED if pypi - locked and not is_resolved else "",
        PROMISED if len(installed) < len(proposal.plan.updates) else "",
        KEPT.format(", ".join(map(code, proposal.developed))) if proposal.developed else "",
    ]
    return " ".join(each for each in sentences if each)


def _solved_sentence(proposal: Proposal, base: str) -> str:
    environments = counted(proposal.environments, "environment")
    platforms = ", ".join(map(plain, proposal.platforms))
    solved = f"{proposal.solved}/{proposal.solved}"
    where = f", as committed here on {code(base[:10])}" if base else ""
    return f"**Solved {solved}** ({environments} on {platforms}){where}."


def _moved_besides(proposal: Proposal) -> str:
    """Name what moves without being asked for, what the manifest names first, and count the rest."""
    planned = {(update.datasource, update.name) for update in proposal.plan.updates}
    is_refresh = proposal.plan.purpose is Purpose.MAINTENANCE
    every = {(diff.environment, diff.platform) for diff in proposal.diffs}
    besides = [changes for key, changes in _by_package(proposal.diffs).items() if key not in planned]
    named = [each for each in besides if _any(each).direct or not is_refresh][:MOST_MOVED]
    words = [f"{package(_any(each))} {moved(each, every)}" for each in named]
    if more := len(besides) - len(named):
        words.append(counted(more, "other package" if named else "package"))
    verb = "Also moves" if planned else "Moves"
    sentence = f"**{verb}:** {', '.join(words)}." if words else "**Nothing else moves.**"
    return f"{sentence} {download(proposal.diffs)}".strip()


def _by_package(diffs: Iterable[LockDiff]) -> Mapping[tuple[Datasource, str], Mapping[Pair, PackageChange]]:
    """Return what becomes of each package, what becomes of it first; those that the manifest names first, by name."""
    found: dict[tuple[Datasource, str], Mapping[Pair, PackageChange]] = {}
    for changes in sorted(grouped(diffs), key=lambda each: (not _any(each).direct, _any(each).name)):
        found.setdefault((_any(changes).datasource, _any(changes).name), changes)
    return found


def _any(changes: Mapping[Pair, PackageChange]) -> PackageChange:
    return next(iter(changes.values()))


def _closing(proposal: Proposal, told: Told) -> str:
    how = "".join(f" Check it: {code(command)}." for command in lockfiles.checks(proposal.files))
    closing = CLOSING_REFRESH if proposal.plan.purpose is Purpose.MAINTENANCE else CLOSING
    box = f"{BOX}{PARAGRAPH}" if told.has_box else ""
    return f"---\n{box}{closing}{how} {MADE_BY}"
