"""The body of a pull request: what a reviewer needs to merge it, on top; everything else below the fold.

The parts are in the order in which they are read; a part with nothing to say is left out. What is too long for GitHub
is cut between lines, and a fold is left out as a whole: no markup stays open.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot import lockfiles
from bot.model.manifest import Datasource
from bot.model.update import LockDiff, Proposal, Purpose, SpecChange, Update
from bot.rendering.caps import cap_lines
from bot.rendering.held_back import held_back_lines, solver_texts
from bot.rendering.lock_changes import lock_changes, package
from bot.rendering.lock_facts import download, flavours, licences
from bot.rendering.markdown import FOLD, code, plain, table
from bot.rendering.mentions import mentions
from bot.rendering.opening import opening
from bot.rendering.sizes import counted

PARAGRAPH = "\n\n"
CUT = "*The rest did not fit into a pull request.*"
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
OWN_REQUIREMENTS = "the package's own requirements"


def body(proposal: Proposal, *, base: str, now: datetime, longest: int) -> str:
    """Return the body for *proposal*, made on the commit *base* if there is one. At most *longest* characters."""
    parts = (
        _updates(proposal, now),
        _solved(proposal, base),
        _spec_changes(proposal),
        cap_lines(proposal.caps),
        _moved_besides(proposal),
        flavours(proposal.diffs),
        licences(proposal.diffs),
        held_back_lines(proposal),
        mentions(proposal.mentions),
        lock_changes(proposal.diffs),
        solver_texts(proposal.held_back),
    )
    return _joined([part for part in parts if part], _closing(proposal), longest)


def _joined(parts: Sequence[str], closing: str, longest: int) -> str:
    text = PARAGRAPH.join([*parts, closing])
    return text if len(text) <= longest else _cut(parts, f"{CUT}{PARAGRAPH}{closing}", longest)


def _cut(parts: Iterable[str], end: str, longest: int) -> str:
    """Take of each part what there is still room for."""
    kept: list[str] = []
    room = longest - len(end)
    for part in parts:
        if beginning := _beginning(part, room - len(PARAGRAPH)):
            kept.append(beginning)
            room -= len(beginning) + len(PARAGRAPH)
    return PARAGRAPH.join([*kept, end])


def _beginning(part: str, room: int) -> str:
    """Return *part*, or as many of its lines as fit into *room* characters; of a fold all or nothing."""
    if len(part) <= room:
        return part
    return "" if part.startswith(FOLD) else part[: max(part.rfind("\n", 0, max(room, 0) + 1), 0)]


def _updates(proposal: Proposal, now: datetime) -> str:
    if proposal.plan.purpose is Purpose.RELOCK:
        return RELOCKED
    if proposal.plan.purpose is Purpose.CORRECTION:
        return PARAGRAPH.join([CORRECTED, *map(plain, proposal.plan.reasons)])
    if proposal.plan.purpose is Purpose.MAINTENANCE:
        return PARAGRAPH.join([REFRESHED, *map(plain, proposal.plan.reasons)])
    rows = [_update_row(update, now) for update in proposal.plan.updates]
    updates = table(("package", "change", "kind", "where", "age"), rows)
    return PARAGRAPH.join([opening(proposal), updates, *(f"{plain(each)}." for each in proposal.plan.reasons)])


def _update_row(update: Update, now: datetime) -> tuple[str, ...]:
    change = f"{code(update.current)} -> {code(update.target.version)}"
    where = ", ".join(plain(each) for each in update.environments) or OWN_REQUIREMENTS
    return (code(update.name), change, update.kind, where, _age(update.target.built, now))


def _age(built: datetime | None, now: datetime) -> str:
    return f"built {built.date().isoformat()}, {counted(max((now - built).days, 0), 'day')}" if built else "unknown"


def _solved(proposal: Proposal, base: str) -> str:
    locked = {each.name for diff in proposal.diffs for each in diff.changes if each.datasource is Datasource.PYPI}
    installed = [update for update in proposal.plan.updates if update.environments]
    pypi = {update.name for update in installed if update.datasource is Datasource.PYPI}
    sentences = [
        _solved_sentence(proposal, base) if proposal.solved else "",
        NOT_SOLVED if pypi - locked else "",
        PROMISED if len(installed) < len(proposal.plan.updates) else "",
        KEPT.format(", ".join(map(code, proposal.developed))) if proposal.developed else "",
    ]
    return " ".join(each for each in sentences if each)


def _solved_sentence(proposal: Proposal, base: str) -> str:
    environments = counted(len({diff.environment for diff in proposal.diffs}), "environment")
    platforms = ", ".join(map(plain, proposal.platforms))
    solved = f"{proposal.solved}/{proposal.solved}"
    where = f", as committed here on {code(base[:10])}" if base else ""
    return f"**Solved {solved}** ({environments} on {platforms}){where}."


def _spec_changes(proposal: Proposal) -> str:
    changes = dict.fromkeys(change for update in proposal.plan.updates for change in update.changes)
    return "\n".join(f"- {_spec_change(change)}" for change in changes)


def _spec_change(change: SpecChange) -> str:
    comment = f", its comment says {plain(change.comment)}" if change.comment else ""
    return f"{code(f'{change.manifest}:{change.line}')} {code(change.old)} -> {code(change.new)}{comment}"


def _moved_besides(proposal: Proposal) -> str:
    if proposal.plan.purpose is Purpose.MAINTENANCE:
        return f"{_refreshed(proposal.diffs)} {download(proposal.diffs)}".strip()
    planned = {(update.datasource, update.name) for update in proposal.plan.updates}
    changes = {(each.datasource, each.name): package(each) for diff in proposal.diffs for each in diff.changes}
    moved = [changes[key] for key in sorted(changes.keys() - planned)]
    verb = "Also moves" if planned else "Moves"
    besides = f"**{verb}:** {', '.join(moved)}." if moved else "**Nothing else moves.**"
    return f"{besides} {download(proposal.diffs)}".strip()


def _refreshed(diffs: Iterable[LockDiff]) -> str:
    """Name what the manifest names and count the rest: a refresh may move hundreds."""
    changes = [change for diff in diffs for change in diff.changes]
    named = sorted({package(change) for change in changes if change.direct})
    others = {package(change) for change in changes} - set(named)
    rest = [f"{counted(len(others), 'package')} that the manifest does not name"] if others else []
    return f"**Moves:** {', '.join([*named, *rest])}."


def _closing(proposal: Proposal) -> str:
    how = "".join(f" Check it: {code(command)}." for command in lockfiles.checks(proposal.files))
    closing = CLOSING_REFRESH if proposal.plan.purpose is Purpose.MAINTENANCE else CLOSING
    return f"---\n{closing}{how} {MADE_BY}"
