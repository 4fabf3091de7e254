"""The body of a pull request: what a reviewer needs to merge it, on top; everything else below the fold.

The parts are in the order in which they are read; a part with nothing to say is left out.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.model.update import ChangeKind, HeldBack, LockDiff, PackageChange, Proposal, SpecChange, Update
from bot.rendering.markdown import block, code, details, plain, table
from bot.rendering.sizes import megabytes

LONGEST_BODY = 58_000
CUT = "\n\n*The rest did not fit into a pull request.*"
CLOSING = "Closing this pull request means: not these versions. A newer release is proposed again."


def body(proposal: Proposal, *, base: str, now: datetime) -> str:
    """Return the body for *proposal*, made on the commit *base*. At most `LONGEST_BODY` characters."""
    parts = [
        _updates(proposal, now),
        _solved(proposal, base),
        _spec_changes(proposal),
        _moved_besides(proposal),
        _licences(proposal.diffs),
        _held_back(proposal.held_back),
        _lock(proposal),
        _solver_texts(proposal.held_back),
        _check_it(proposal),
    ]
    text = "\n\n".join(part for part in parts if part)
    return text if len(text) <= LONGEST_BODY else text[: LONGEST_BODY - len(CUT)] + CUT


def _updates(proposal: Proposal, now: datetime) -> str:
    rows = [_update_row(update, now) for update in proposal.plan.updates]
    return table(("package", "change", "kind", "where", "age"), rows)


def _update_row(update: Update, now: datetime) -> tuple[str, ...]:
    change = f"{code(update.current)} -> {code(update.target.version)}"
    where = ", ".join(plain(each) for each in update.environments)
    return (code(update.name), change, update.kind, where, _age(update.target.built, now))


def _age(built: datetime | None, now: datetime) -> str:
    return f"built {built.date().isoformat()}, {(now - built).days} days" if built else "unknown"


def _solved(proposal: Proposal, base: str) -> str:
    environments = {diff.environment for diff in proposal.diffs}
    count = f"{len(environments)} environment{'s' if len(environments) > 1 else ''}"
    platforms = ", ".join(proposal.platforms)
    solved = f"{proposal.solved}/{proposal.solved}"
    return f"**Solved {solved}** ({count} x {platforms}) on {code(base[:10])}, as committed here."


def _spec_changes(proposal: Proposal) -> str:
    changes = dict.fromkeys(change for update in proposal.plan.updates for change in update.changes)
    return "\n".join(f"- {_spec_change(change)}" for change in changes)


def _spec_change(change: SpecChange) -> str:
    return f"{code(f'{change.manifest}:{change.line}')} {code(change.old)} -> {code(change.new)}"


def _moved_besides(proposal: Proposal) -> str:
    planned = {update.name for update in proposal.plan.updates}
    moved = sorted({change.name for diff in proposal.diffs for change in diff.changes} - planned)
    if not moved:
        return f"**Nothing else moves.** {_download(proposal.diffs)}".strip()
    return f"**Also moves:** {', '.join(map(code, moved))}. {_download(proposal.diffs)}".strip()


def _download(diffs: Sequence[LockDiff]) -> str:
    totals = [_growth(diff.changes) for diff in diffs if diff.changes]
    known = [total for total in totals if total is not None]
    if not known or len(known) < len(totals):
        return ""
    low, high = megabytes(min(known)), megabytes(max(known))
    return f"Download {low} per environment." if low == high else f"Download {low} to {high} per environment."


def _growth(changes: Iterable[PackageChange]) -> int | None:
    """The bytes that are downloaded more than before, None where a size is not known."""
    total = 0
    for change in changes:
        if (change.new_version and change.new_size is None) or (change.old_version and change.old_size is None):
            return None
        total += (change.new_size or 0) - (change.old_size or 0)
    return total


def _licences(diffs: Iterable[LockDiff]) -> str:
    changed = sorted(
        {
            (change.name, change.old_license or "none", change.new_license or "none")
            for diff in diffs
            for change in diff.changes
            if change.old_version and change.new_version and change.old_license != change.new_license
        }
    )
    return "\n".join(f"**Licence of {code(name)} changes:** {code(old)} -> {code(new)}" for name, old, new in changed)


def _held_back(held_back: Iterable[HeldBack]) -> str:
    lines = [f"- {code(each.name)} stays {code(each.current)}: {plain(each.sentence)}." for each in held_back]
    return "\n".join(["**Held back**", "", *lines]) if lines else ""


def _lock(proposal: Proposal) -> str:
    rows = [row for diff in proposal.diffs for row in _diff_rows(diff)]
    if not rows:
        return ""
    header = ("environment", "platform", "package", "change", "build", "size")
    return details(f"All {len(rows)} changes, per environment and platform", table(header, rows))


def _diff_rows(diff: LockDiff) -> Iterable[tuple[str, ...]]:
    for change in diff.changes:
        name = f"**{code(change.name)}**" if change.direct else code(change.name)
        size = megabytes(change.new_size) if change.new_size is not None else ""
        yield (
            plain(diff.environment),
            diff.subdir,
            name,
            _versions(change),
            code(change.new_build or ""),
            size.lstrip("+"),
        )


def _versions(change: PackageChange) -> str:
    if change.kind in {ChangeKind.ADDED, ChangeKind.REMOVED}:
        return f"{change.kind} {code(change.new_version or change.old_version or '')}"
    if change.kind is ChangeKind.REBUILT:
        return f"{code(change.new_version or '')} rebuilt (was {code(change.old_build or '')})"
    return f"{code(change.old_version or '')} -> {code(change.new_version or '')}"


def _solver_texts(held_back: Iterable[HeldBack]) -> str:
    texts = [
        f"{code(each.name)} {code(each.release)}\n\n{block(each.solver_text)}" for each in held_back if each.solver_text
    ]
    return details("What the solver said", "\n\n".join(texts)) if texts else ""


def _check_it(proposal: Proposal) -> str:
    locks = any(path.endswith("pixi.lock") for path in proposal.files)
    how = f" Check it: {code('pixi install --locked')}." if locks else ""
    return f"---\n{CLOSING}{how}"
