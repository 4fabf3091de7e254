"""Rewrites version specs for a new release, in the spelling the user chose.

Law 1: a new version spec admits the release that it was made for, by py-rattler's or `packaging`'s judgement.
Law 2: it keeps the operators, the number of segments, the blanks, the order of clauses, and the suffix of a cap
(`<2.0a0`), unless the strategy says otherwise. An exact version is the release itself.
Law 3: nothing is lowered. What cannot be moved under these laws stays, and `why_not` says why.

The strategies have Renovate's names (https://docs.renovatebot.com/configuration-options/#rangestrategy);
docs/range-strategies.md shows each in a table that the tests run.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from bot.edits import Edit, Span, apply_edits
from bot.errors import SpecError
from bot.versioning import conda
from bot.versioning.clauses import Alternative, Clause, Role, read_alternatives, roles_of
from bot.versioning.raising import VersionScheme, raised_version

_STARRED_EXACT = re.compile(r"==(?=[^,|]*\*)")
"""The operator of `==1.2.*`: py-rattler heeds its star in the first clause only, so an added one goes without it."""


class RangeStrategy(StrEnum):
    """How a version spec is rewritten for a release that it does not admit."""

    AUTO = "auto"
    REPLACE = "replace"
    BUMP = "bump"
    WIDEN = "widen"
    PIN = "pin"
    IN_RANGE_ONLY = "in-range-only"
    UPDATE_LOCKFILE = "update-lockfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRange:
    """A version spec rewritten for a release."""

    version_spec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmoved:
    """A version spec stays as it is; `reason` is a sentence."""

    reason: str


RangeResult: TypeAlias = NewRange | Unmoved

CONDA = VersionScheme(satisfies=conda.satisfies, is_newer=conda.is_newer, has_alternatives=True)


def new_conda_range(version_spec: str, release: str, strategy: RangeStrategy) -> str | None:
    """Return the conda *version_spec* rewritten for *release*, or None if it stays as it is (`why_not` says why).

    Raises:
        SpecError: the version spec or the release is not one.

    """
    result = move_range(version_spec, release, strategy, CONDA)
    return result.version_spec if isinstance(result, NewRange) else None


def why_not(version_spec: str, release: str, strategy: RangeStrategy) -> str:
    """Return in a sentence why `new_conda_range` leaves *version_spec* as it is; empty if it does not.

    Raises:
        SpecError: the version spec or the release is not one.

    """
    result = move_range(version_spec, release, strategy, CONDA)
    return result.reason if isinstance(result, Unmoved) else ""


def auto_strategy(*, library: bool, locked: bool, in_range: bool, version_spec: str) -> RangeStrategy | None:
    """Return what `auto` means for one dependency; None leaves it alone.

    *library* is set for a library's own requirements, *locked* where a lock keeps the version, *in_range* where
    *version_spec* admits the release. It may be conda's or PyPI's. A library that asks for an exact version means it.
    """
    if library:
        return None if Role.EXACT in roles_of(version_spec) else RangeStrategy.WIDEN
    if locked:
        return RangeStrategy.UPDATE_LOCKFILE if in_range else RangeStrategy.REPLACE
    roles = roles_of(version_spec)
    if roles & {Role.EXACT, Role.FUZZY, Role.COMPATIBLE}:
        return RangeStrategy.WIDEN if "|" in version_spec else RangeStrategy.REPLACE
    return RangeStrategy.WIDEN if Role.CAP in roles else None


def repinned(version_spec: str, release: str) -> str | None:
    """Return the conda pin *version_spec* rewritten for *release*, which may be older; None if it has no form for it.

    Raises:
        SpecError: the version spec or the release is not one.

    """
    move = _Move.read(version_spec, release, CONDA, read_alternatives(version_spec))
    result = _checked(move, move.with_raised(move.blocking))
    return result.version_spec if isinstance(result, NewRange) else None


def move_range(version_spec: str, release: str, strategy: RangeStrategy, scheme: VersionScheme) -> RangeResult:
    """Return *version_spec* rewritten for *release*, or why it stays.

    Raises:
        SpecError: the version spec or the release is not one.

    """
    in_range = scheme.satisfies(version_spec, release)
    if strategy is RangeStrategy.AUTO:
        strategy = _without_context(version_spec, in_range=in_range)
    try:
        alternatives = read_alternatives(version_spec)
    except SpecError as error:
        return Unmoved(reason=f"alternatives within a group are not moved: {error.message}")
    if not alternatives:
        return Unmoved(reason="there is no version here, and condabot adds none")
    if in_range and strategy not in {RangeStrategy.BUMP, RangeStrategy.PIN}:
        return Unmoved(reason=f"`{version_spec}` admits {release} already")
    move = _Move.read(version_spec, release, scheme, alternatives)
    return _checked(move, move.hindrance or _STRATEGIES[strategy](move))


def _without_context(version_spec: str, *, in_range: bool) -> RangeStrategy:
    chosen = auto_strategy(library=False, locked=False, in_range=in_range, version_spec=version_spec)
    return chosen or RangeStrategy.IN_RANGE_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """One question: how *text*, which has *alternatives*, is rewritten for *release*.

    `alternative` is the one that is rewritten, `blocking` are its clauses that keep the release out.
    """

    text: str
    release: str
    scheme: VersionScheme
    alternatives: tuple[Alternative, ...]
    alternative: Alternative
    blocking: tuple[Clause, ...]

    @classmethod
    def read(cls, text: str, release: str, scheme: VersionScheme, alternatives: tuple[Alternative, ...]) -> Self:
        """Choose the last alternative that admits the release, else the last."""
        blocking = [
            tuple(clause for clause in each.clauses if not scheme.satisfies(clause.text, release))
            for each in alternatives
        ]
        open_ones = [index for index, clauses in enumerate(blocking) if not clauses]
        chosen = (open_ones or [len(alternatives) - 1])[-1]
        return cls(
            text=text,
            release=release,
            scheme=scheme,
            alternatives=alternatives,
            alternative=alternatives[chosen],
            blocking=blocking[chosen],
        )

    @property
    def hindrance(self) -> Unmoved | None:
        """Why no strategy may rewrite the alternative: it excludes the release, or asks for something newer."""
        for clause in self.blocking:
            if clause.role is Role.EXCLUSION:
                return Unmoved(reason=f"`{clause.text}` excludes {self.release}")
            if clause.role is not Role.CAP and not self.scheme.is_newer(self.release, clause.version):
                return Unmoved(reason=f"{self.release} is not newer than what `{clause.text}` asks for")
        return None

    def with_raised(self, clauses: Iterable[Clause]) -> RangeResult:
        """Return the text with each of *clauses* raised to the release in its own form.

        One that has none and admits the release as it is stays: `>1.12` is not raised to 2.0.
        """
        edits = []
        for clause in clauses:
            version = raised_version(clause, self.release, self.scheme)
            if version is not None:
                edits.append(Edit(clause.at, version))
            elif clause in self.blocking:
                return Unmoved(reason=f"`{clause.text}` has no form that admits {self.release}")
        return NewRange(version_spec=apply_edits(self.text, edits))


def _replace(move: _Move) -> RangeResult:
    """Raise whatever names a version, but of the caps only those that keep the release out."""
    return move.with_raised(
        clause
        for clause in move.alternative.clauses
        if clause in move.blocking or (clause.role in _RAISED and not clause.is_open_floor)
    )


def _widen(move: _Move) -> RangeResult:
    """Raise the caps if they alone keep the release out, else append an alternative of the same form."""
    raised = move.with_raised(move.blocking)
    if isinstance(raised, Unmoved) or all(clause.role is Role.CAP for clause in move.blocking):
        return raised
    if not move.scheme.has_alternatives:
        return _spelled_out(move)
    span = move.alternative.span
    grown = len(raised.version_spec) - len(move.text)
    added = _STARRED_EXACT.sub("", raised.version_spec[span.start : span.end + grown])
    return NewRange(version_spec=apply_edits(move.text, [Edit(Span(span.end, span.end), _bar(move) + added)]))


def _spelled_out(move: _Move) -> RangeResult:
    """Write `~=1.2` and `==1.2.*` as the floor and the cap that they are, with the cap raised.

    Without an `or` there is no other way to admit more. Pre-releases of the floor itself are not admitted any more.
    """
    edits = []
    for clause in move.blocking:
        cap = clause if clause.role is Role.CAP else clause.implied_cap
        version = raised_version(cap, move.release, move.scheme) if cap else None
        if cap is None or version is None:
            return Unmoved(reason=f"`{clause.text}` cannot be widened: Python version specifiers know no `or`")
        edits.append(
            Edit(cap.at, version) if cap is clause else Edit(clause.span, _floor_and_cap(move, clause, version))
        )
    return NewRange(version_spec=apply_edits(move.text, edits))


def _floor_and_cap(move: _Move, clause: Clause, cap: str) -> str:
    """Return `>=1.2,<3` with the blanks that the user has behind the operator and after commas."""
    blanks = move.text[clause.span.start + len(clause.operator) : clause.at.start]
    comma = ", " if ", " in move.text or (blanks and "," not in move.text) else ","
    return f">={blanks}{clause.version}{comma}<{blanks}{cap}"


def _bar(move: _Move) -> str:
    """Return the `|` with the blanks that the user has around the last one."""
    if len(move.alternatives) == 1:
        return "|"
    *_, left, right = move.alternatives
    return move.text[left.span.end : right.span.start]


def _pin(move: _Move) -> RangeResult:
    """Ask for exactly the release; an exact version keeps its spelling."""
    if [clause.role for clause in move.alternative.clauses] == [Role.EXACT] and len(move.alternatives) == 1:
        return move.with_raised(move.alternative.clauses)
    return NewRange(version_spec=f"=={move.release}")


def _stay(move: _Move) -> RangeResult:
    return Unmoved(reason=f"`{move.text}` does not admit {move.release}, and this strategy rewrites nothing")


def _checked(move: _Move, result: RangeResult) -> RangeResult:
    """Hold the laws: the new text is another one, and admits the release."""
    if isinstance(result, Unmoved):
        return result
    if result.version_spec == move.text:
        return Unmoved(reason=f"there is nothing to raise in `{move.text}`")
    if not move.scheme.satisfies(result.version_spec, move.release):
        return Unmoved(reason=f"`{move.text}` has no form that admits {move.release}")
    return result


_RAISED = {Role.EXACT, Role.FUZZY, Role.COMPATIBLE, Role.FLOOR}

_STRATEGIES: Mapping[RangeStrategy, Callable[[_Move], RangeResult]] = {
    RangeStrategy.REPLACE: _replace,
    RangeStrategy.BUMP: _replace,
    RangeStrategy.WIDEN: _widen,
    RangeStrategy.PIN: _pin,
    RangeStrategy.IN_RANGE_ONLY: _stay,
    RangeStrategy.UPDATE_LOCKFILE: _replace,
}
