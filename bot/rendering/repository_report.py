"""What the check run on the default branch says: what is open, what waits and for what, what is held and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import BadInput
from bot.rendering.markdown import details, plain
from bot.rendering.sizes import counted

SHORT = 7
"""Digits of a commit's id that are shown."""

SHOWN = 20
"""So many lines stand above the fold; nobody reads more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryReport:
    """What there is to say of a repository, in lines: pull requests that are `open`, what `waits`, everything `else_`.

    `wrong` is what its configuration has of errors; that of the commit `meanwhile` goes on if there is one. So many
    packages are `affected` by advisories.
    """

    open: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    else_: tuple[str, ...] = ()
    wrong: tuple[BadInput, ...] = ()
    meanwhile: str = ""
    affected: int = 0


def report_headline(report: RepositoryReport) -> str:
    """Return one line for the list of checks."""
    if report.wrong:
        goes_on = f"that of {report.meanwhile[:SHORT]} goes on" if report.meanwhile else "nothing is proposed"
        return f"the configuration has {counted(len(report.wrong), 'error')}: {goes_on}"
    verb = "is" if report.affected == 1 else "are"
    affected = f"; {counted(report.affected, 'package')} {verb} affected by advisories" if report.affected else ""
    if not report.open and not report.waits:
        return f"nothing to propose{affected}"
    waits = f"; {counted(len(report.waits), 'update')} {'waits' if len(report.waits) == 1 else 'wait'}"
    return f"{counted(len(report.open), 'pull request')} open{waits if report.waits else ''}{affected}"


def report_summary(report: RepositoryReport) -> str:
    """Return the text of the check run, in Markdown."""
    parts = (
        _section("Wrong in the configuration", [*map(str, report.wrong), *meanwhile(report)]),
        _section("Pull requests", report.open),
        _section("Waits", report.waits),
        _section("Everything else", report.else_),
    )
    return "\n\n".join(part for part in parts if part) or "Everything that condabot manages here is up to date."


def meanwhile(report: RepositoryReport) -> tuple[str, ...]:
    """Return a sentence for the configuration that goes on while the present one is wrong, if there is one."""
    if not report.meanwhile:
        return ()
    return (f"the last configuration that was right, that of commit {report.meanwhile[:SHORT]}, goes on meanwhile",)


def _section(title: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    rest = details(f"{len(lines) - SHOWN} more", _items(lines[SHOWN:])) if len(lines) > SHOWN else ""
    return "\n\n".join(part for part in (f"### {title}", _items(lines[:SHOWN]), rest) if part)


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {plain(line)}" for line in lines)
