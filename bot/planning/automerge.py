"""What may merge by itself, where people asked for that: small moves within what is written, and nothing else (pure).

1. Only an update or a refresh of a lock, and no manifest: what people wrote is theirs to change.
2. What manifests name moves by a minor or a patch. A version with letters (`1.1.1w`), or one that begins with a year
   (`2026.1`), says nothing of how far it goes and counts as a major.
3. No package comes in that was not there, and of those that stay none goes down or gets another licence, channel or
   flavour.
4. Python, OpenSSL and CUDA never move so, in whatever way.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.model.update import ChangeKind, PackageChange, Proposal, Purpose, Update, UpdateKind
from bot.versioning.ecosystem import ECOSYSTEMS

_NEVER: Final = re.compile(r"python|openssl|cuda($|-|toolkit).*|_{0,2}cuda")
_PURPOSES: Final = frozenset({Purpose.UPDATE, Purpose.MAINTENANCE})
_SAID: Final = {
    ChangeKind.ADDED: "comes in",
    ChangeKind.FLAVOUR: "gets another flavour",
    ChangeKind.DOWNGRADED: "goes down",
}
_YEAR: Final = re.compile(r"(19|20)\d\d")
_LETTER: Final = re.compile(r"[A-Za-z]")


def why_not_merged(proposal: Proposal) -> str:
    """Return why *proposal* may not merge by itself, as the end of a sentence; empty if it may."""
    if proposal.plan.purpose not in _PURPOSES:
        return "it mends a lock"
    if any(each.changes for each in proposal.plan.updates):
        return "it changes a manifest"
    reasons = (*map(_of_update, proposal.plan.updates), *_of_changes(proposal))
    return next(filter(None, reasons), "")


def _of_changes(proposal: Proposal) -> Iterator[str]:
    for diff in proposal.diffs:
        yield from map(_of_change, diff.changes)


def _of_update(update: Update) -> str:
    if _NEVER.fullmatch(update.name):
        return _never(update.name)
    if update.kind is UpdateKind.MAJOR or not (_is_plain(update.current) and _is_plain(update.target.version)):
        return f"{update.name} {update.current} to {update.target.version} counts as a major"
    return ""


def _of_change(change: PackageChange) -> str:
    if _NEVER.fullmatch(change.name):
        return _never(change.name)
    if change.kind is ChangeKind.REMOVED:
        return ""
    if said := _SAID.get(change.kind):
        return f"{change.name} {said}"
    if change.old_license != change.new_license:
        return f"{change.name} gets another licence"
    if change.old_channel != change.new_channel:
        return f"{change.name} comes from another channel"
    return _of_move(change) if change.direct else ""


def _of_move(change: PackageChange) -> str:
    """Return why what a manifest names moves too far."""
    old, new = change.old_version or "", change.new_version or ""
    if old == new:
        return ""
    if not old or not new:
        return f"it is not known how far {change.name} moves"
    kind = ECOSYSTEMS[change.datasource].update_kind(old, new)
    if not (_is_plain(old) and _is_plain(new)) or kind is UpdateKind.MAJOR:
        return f"{change.name} {old} to {new} counts as a major"
    return ""


def _never(name: str) -> str:
    return f"{name} never does"


def _is_plain(version: str) -> bool:
    """Tell whether the segments of *version* say how far it goes."""
    return not _LETTER.search(version) and not _YEAR.match(version)
