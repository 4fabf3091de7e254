"""What planning makes of one package: where it could go, and what is said of the releases that it cannot go to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.model.environment import Requirement
from bot.model.update import HeldBack, Release
from bot.planning.baseline import Baseline, Place, place
from bot.planning.candidates import Candidate, NextMinor, is_migration
from bot.planning.outlook.judge import Case, Ground, Verdict, judge
from bot.versioning.conda import minor_spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What planning makes of one package where it moves together, or of one line of a library.

    `current` is the version in use and `newest` the newest that may follow it, None where unknown. Beside candidates:
    newer minors of python, ascending; newer releases that are `not_now`; those that are `left_alone`, by a hold.
    `hold` is the sentence of what keeps the lines as they are, `unknown` why they cannot be judged, both without a full
    stop.
    """

    requirements: tuple[Requirement, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    current: str | None = None
    newest: str | None = None
    candidates: tuple[Candidate, ...] = ()
    minors: tuple[NextMinor, ...] = ()
    not_now: tuple[HeldBack, ...] = ()
    left_alone: tuple[HeldBack, ...] = ()
    hold: str = ""
    unknown: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where its lines stand."""
        return tuple(map(place, self.requirements))

    @property
    def not_taken(self) -> tuple[HeldBack, ...]:
        """The newer releases that it cannot go to, for whatever reason."""
        return (*self.not_now, *self.left_alone)


def outlook_of(case: Case, newer: Iterable[Release]) -> Outlook:
    """Return the outlook of *case*, of which *newer* releases (ascending) may follow the one in use.

    Raises:
        SpecError: a version, or what a file says of its python, cannot be read.

    """
    candidate, verdicts = case.candidate, judge(case, newer)
    open_ones = [each for each in verdicts if each.ground is not Ground.HELD]
    minors = _next_minors(candidate, open_ones)
    at_once = [each for each in _free(open_ones) if not is_migration(candidate, each.version)]
    return Outlook(
        requirements=candidate.requirements,
        baselines=candidate.baselines,
        current=candidate.current,
        newest=verdicts[-1].release.version if verdicts else candidate.current,
        candidates=_by_direction(candidate, at_once),
        minors=minors,
        not_now=_not_now(candidate, open_ones, [each.newest for each in minors]),
        left_alone=_left_alone(candidate, verdicts),
        hold=_hold(case, verdicts),
    )


def _free(verdicts: Iterable[Verdict]) -> tuple[Release, ...]:
    return tuple(each.release for each in verdicts if each.ground is Ground.FREE)


def _by_direction(candidate: Candidate, eligible: Sequence[Release]) -> tuple[Candidate, ...]:
    """Return *candidate* once for each direction in which there are *eligible* releases.

    The directions are within its version line, beyond that, and beyond a cap that is a decision of its own.
    """
    line = candidate.ecosystem.version_line
    lifting = tuple(each for each in eligible if candidate.lifts_cap_for(each))
    others = [each for each in eligible if each not in lifting]
    within = tuple(each for each in others if line(each.version) == line(candidate.current))
    beyond = tuple(each for each in others if line(each.version) != line(candidate.current))
    return tuple(replace(candidate, releases=releases) for releases in (within, beyond, lifting) if releases)


def _next_minors(candidate: Candidate, verdicts: Iterable[Verdict]) -> tuple[NextMinor, ...]:
    """Return the minors, ascending, that are migrations and of which a release is for now."""
    minors: dict[str, list[Verdict]] = {}
    for each in verdicts:
        if is_migration(candidate, each.release.version):
            minors.setdefault(minor_spec(each.release.version), []).append(each)
    return tuple(
        NextMinor(
            candidate=replace(candidate, releases=_free(of_minor)),
            newest=of_minor[-1].release,
            since=min(each.release.built for each in of_minor if each.release.built),
        )
        for of_minor in minors.values()
        if _free(of_minor)
    )


def _not_now(candidate: Candidate, open_ones: Sequence[Verdict], told: Sequence[Release]) -> tuple[HeldBack, ...]:
    """The newest release that no hold keeps out, if something else does: one sentence says why."""
    if not open_ones or open_ones[-1].ground is Ground.FREE or open_ones[-1].release in told:
        return ()
    return (candidate.held_back(open_ones[-1].sentence, release=open_ones[-1].release),)


def _left_alone(candidate: Candidate, verdicts: Sequence[Verdict]) -> tuple[HeldBack, ...]:
    """The newest release of all, if a hold keeps it out."""
    if not verdicts or verdicts[-1].ground is not Ground.HELD:
        return ()
    return (candidate.held_back(verdicts[-1].sentence, release=verdicts[-1].release),)


def _hold(case: Case, verdicts: Sequence[Verdict]) -> str:
    if case.stays:
        return str(case.hold)
    return verdicts[-1].sentence if verdicts and verdicts[-1].ground is Ground.HELD else ""
