"""Caps and minimums in version specs: which there are, which caps are decisions, and what is left without them."""

from bot.errors import SpecError
from bot.versioning.clauses import Role, clauses_of, read_alternatives, roles_of

_MOVES_WITH_A_RELEASE = {Role.EXACT, Role.FUZZY, Role.COMPATIBLE}
_BOUNDS_BELOW = {Role.FLOOR, Role.FUZZY, Role.COMPATIBLE}


def has_cap(version_spec: str) -> bool:
    """Tell whether *version_spec*, conda's or PyPI's, keeps releases out by `<` or `<=`."""
    return Role.CAP in roles_of(version_spec)


def is_lone_cap(version_spec: str, *, locked: bool) -> bool:
    """Tell whether a cap is a decision of its own: no floor stands beside it, or no lock holds what it lets in.

    With a lock, `>=1,<2` is what pixi itself writes for the version in use, and moves along with it.
    """
    roles = roles_of(version_spec)
    if Role.CAP not in roles or roles & _MOVES_WITH_A_RELEASE or "|" in version_spec:
        return False
    return Role.FLOOR not in roles or not locked


def without_caps(version_spec: str) -> str:
    """Return *version_spec* without its caps, for the solver: the spelling is not kept; empty if it admits all then."""
    try:
        alternatives = read_alternatives(version_spec)
    except SpecError:
        return version_spec
    kept = [",".join(c.text for c in each.clauses if c.role is not Role.CAP) for each in alternatives]
    return "|".join(kept) if all(kept) else ""


def has_minimum(version_spec: str) -> bool:
    """Tell whether *version_spec* says from which release on one will do; a pin, or a floor of zero, does not."""
    try:
        roles = {each.role for each in clauses_of(version_spec) if not each.is_open_floor}
    except SpecError:
        return False
    return bool(roles & _BOUNDS_BELOW) and Role.EXACT not in roles
