"""What must not come in, by its licence.

A licence is an SPDX expression, or what its packager wrote. It is denied if nothing else is left to choose: if of
`A OR B` both are denied, of `A AND B` one.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from bot.model.update import ChangeKind, HeldBack, PackageChange, Proposal, Purpose

_CHECKED = frozenset({Purpose.UPDATE, Purpose.SECURITY, Purpose.MAINTENANCE})
"""Whoever's lock is out of step has chosen already; what mends waits for nothing."""


def is_denied(licence: str | None, deny: AbstractSet[str]) -> bool:
    """Tell whether *deny*, in lower case, keeps out what is under *licence*; what says nothing of it comes in."""
    choices = re.split(r"\s+or\s+", (licence or "").lower().replace("(", " ").replace(")", " "))
    return all(not deny.isdisjoint(re.split(r"\s+(?:and|with)\s+|\s+", each.strip())) for each in choices)


def refused(proposal: Proposal, deny: AbstractSet[str]) -> tuple[HeldBack, ...]:
    """Return why *proposal* is not made, of each package that it would move; empty if it is.

    A package that is under such a licence already is somebody's choice.
    """
    named = frozenset(each.lower() for each in deny)
    if not named or proposal.plan.purpose not in _CHECKED:
        return ()
    found = next(_denied((each for diff in proposal.diffs for each in diff.changes), named), None)
    if found is None:
        return ()
    sentence = f"{found.name} {found.new_version} is under `{found.new_license}`, which `licenses.deny` keeps out"
    moved = [(each.name, each.current, each.target.version, each.workspaces[0]) for each in proposal.plan.updates]
    told = moved or [(found.name, found.old_version or "", found.new_version or "", "")]
    return tuple(
        HeldBack(name=name, current=current, release=release, sentence=sentence, workspace=workspace)
        for name, current, release, workspace in told
    )


def _denied(changes: Iterable[PackageChange], deny: AbstractSet[str]) -> Iterator[PackageChange]:
    for each in changes:
        comes_in = each.kind is not ChangeKind.REMOVED and is_denied(each.new_license, deny)
        if comes_in and not is_denied(each.old_license, deny):
            yield each
