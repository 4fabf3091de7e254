"""What the comment on a line asks for: `# condabot: ignore`, or a reason why the version is what it is."""

from datetime import date

from bot.model.manifest import Dependency
from bot.planning.holds.hold import Hold, HoldRule, HoldScope, Surroundings
from bot.planning.holds.quoting import quoted
from bot.planning.remarks import IGNORE, LONGEST, for_people, gives_reason, reason_above


def ignore(dependency: Dependency, surroundings: Surroundings) -> Hold | None:
    """`# condabot: ignore`, or `# condabot: ignore until 2026-12-01`, which holds up to the day before (UTC).

    It stands on the line, or on a line of its own right above it.
    Or the configuration names the package, and may say why.
    """
    if dependency.name in surroundings.ignored:
        return _ignored("`ignoreDeps` in the configuration names it")
    if dependency.name in surroundings.reasons:
        return _ignored(f"the configuration says {quoted(surroundings.reasons[dependency.name])}")
    above = dependency.comment_above
    own = above.text if above is not None and above.position == 0 else ""
    found = IGNORE.search(dependency.comment[:LONGEST]) or IGNORE.search(own[:LONGEST])
    return _ignored_until(found["date"], surroundings) if found else None


def _ignored_until(written: str | None, surroundings: Surroundings) -> Hold | None:
    if written is None:
        return _ignored("its comment says so")
    until = _day(written)
    if until is None:
        return _ignored(f"its comment says until {quoted(written)}, which is no date such as 2026-12-01")
    return _ignored(f"its comment says so until {until}") if surroundings.now.date() < until else None


def pin_comment(dependency: Dependency, _: Surroundings) -> Hold | None:
    """A comment that gives a reason for the version, on the line or on lines of its own above it. It is quoted."""
    if dependency.version in ("", "*"):
        return None
    if gives_reason(dependency.comment):
        return _pinned(f"its comment says {quoted(for_people(dependency.comment))}")
    above = reason_above(dependency)
    return _pinned(f"the comment above it says {quoted(above)}") if above else None


def _pinned(sentence: str) -> Hold:
    return Hold(rule=HoldRule.PIN_COMMENT, sentence=sentence, scope=HoldScope.RANGE)


def _ignored(sentence: str) -> Hold:
    return Hold(rule=HoldRule.IGNORE, sentence=sentence, scope=HoldScope.ALL)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
