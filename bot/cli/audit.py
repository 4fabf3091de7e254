"""`condabot audit`: every locked record against its channel."""

import json
import sys
from dataclasses import replace
from enum import IntEnum
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from bot import __version__
from bot.cli.egress import local_egress
from bot.cli.local import local_sources
from bot.cli.options import (
    channel_options,
    channel_settings,
    path_argument,
    process_environment,
    pypi_settings,
    settings,
)
from bot.cli.output import Terminal
from bot.cli.progress import shown_progress
from bot.cli.running import run
from bot.clock import SystemClock
from bot.composition.advisories import open_advisories
from bot.composition.channels import channel_resolver
from bot.datasources.conda import CondaDatasource
from bot.egress import EgressPolicy
from bot.errors import BadInput
from bot.local.audit import audit
from bot.local.checkout import Checkout
from bot.local.git import Revision
from bot.model.audit import AuditReport, Finding, LockAudit, Severity
from bot.networks import is_web_url
from bot.rendering.audit import advisories_summary, audit_document
from bot.rendering.printable import printable
from bot.rendering.sarif import sarif_document
from bot.setting_values import advisories_at
from bot.settings import ChannelSettings, PypiSettings, Sources
from bot.updating.audit import Auditor

STDOUT = "-"
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


class ExitCode(IntEnum):
    """How it went. If several hold, it is the first of FINDINGS, BAD_INPUT, NOT_JUDGED."""

    CLEAN = 0
    FINDINGS = 1
    BAD_INPUT = 2
    NOT_JUDGED = 3


@click.command("audit")
@path_argument
@click.option(
    "--base",
    metavar="REF",
    help="Report licenses that changed since this commit, branch or tag. Reads it with the git program.",
)
@click.option(
    "--advisories",
    metavar="WHERE",
    help="Hold the locks against advisories in OSV's form: a folder, or a URL.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")
@click.option("--sarif", metavar="FILE", help="Write SARIF 2.1.0 to FILE, for code scanning; `-` prints it instead.")
@channel_options
def command(  # noqa: PLR0913 -- one argument for each option
    path: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    base: str | None,
    advisories: str | None,
    sarif: str | None,
    *,
    offline: bool,
    as_json: bool,
) -> None:
    """Compare every record in the locks of the checkout at PATH with what its channel offers."""
    if as_json and sarif == STDOUT:
        raise click.UsageError("--json and --sarif - both print to stdout: choose one, or give --sarif a file")
    found = settings()
    channels = channel_settings(found.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(found.pypi, None, mirrors, offline=offline)
    if advisories:
        indexes = replace(indexes, advisories=advisories_at(advisories, key="--advisories"))
    revision = Revision.at(path, base, process_environment()) if base is not None else None
    report = run(_audit(path, channels, indexes, revision))
    if sarif:
        _write_sarif(sarif, report)
    if as_json:
        click.echo(json.dumps(audit_document(report), indent=2))
    elif sarif != STDOUT:
        print_audit(Terminal(), report)
    sys.exit(exit_code(report))


def exit_code(report: AuditReport) -> ExitCode:
    """Return how the audit went, for the shell."""
    if report.findings:
        return ExitCode.FINDINGS
    if report.problems:
        return ExitCode.BAD_INPUT
    return ExitCode.NOT_JUDGED if report.not_judged else ExitCode.CLEAN


def print_audit(console: Console, report: AuditReport) -> None:
    """Print a line for each finding and for all that was not judged, and a line for each lock."""
    for lock in report.locks:
        for finding in lock.findings:
            _print_line(console, finding.severity, COLOURS[finding.severity], _finding_line(lock, finding))
        for excused in lock.excused:
            _print_line(console, "excused", "dim", _finding_line(lock, excused))
        for each in lock.not_judged:
            _print_line(console, "not judged", "magenta", f"{lock.path}: {each.records} records. {each.reason}")
    for problem in report.problems:
        _print_line(console, "not read", "red", str(problem))
    for path, pattern in report.ignored.items():
        _print_line(
            console, "ignored", "dim", f"{path}: its folder is hidden by {pattern}; name it as PATH to audit it"
        )
    for lock in report.locks:
        console.print(Text(printable(_summary(lock)), style="dim"), soft_wrap=True)


async def _audit(path: Path, channels: ChannelSettings, indexes: PypiSettings, base: Revision | None) -> AuditReport:
    with shown_progress() as progress:
        progress.stage("reading locks")
        async with (
            local_sources(channels, indexes) as sources,
            open_advisories(
                sources.channels, sources.indexes, _advisory_egress(sources), local_egress(sources.channels)
            ) as advisories,
        ):
            auditor = Auditor(
                index=CondaDatasource(sources.channels),
                resolve=channel_resolver(sources.channels, local_egress(sources.channels)),
                progress=progress.stage,
                advisories=advisories,
            )
            return await audit(Checkout.at(path), auditor, SystemClock().now(), base)


def _advisory_egress(sources: Sources) -> EgressPolicy:
    indexes = sources.indexes
    mirror = indexes.advisories if is_web_url(indexes.advisories) else None
    return local_egress(sources.channels, *filter(None, (mirror, indexes.mapping_url)))


def _write_sarif(file: str, report: AuditReport) -> None:
    text = json.dumps(sarif_document(report, __version__), indent=2)
    if file == STDOUT:
        click.echo(text)
        return
    try:
        Path(file).write_text(f"{text}\n", encoding="ascii")
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", path=file, key="--sarif") from error


def _print_line(console: Console, label: str, style: str, words: str) -> None:
    """Print a line; *words* may hold anything, and nothing in them is markup or acts on the terminal."""
    console.print(Text.assemble((label, style), " ", printable(words)), soft_wrap=True)


def _finding_line(lock: LockAudit, finding: Finding) -> str:
    place = f"{lock.path}:{finding.line}" if finding.line else lock.path
    where = f"{', '.join(finding.environments)} on {', '.join(finding.subdirs)}"
    return f"{place}: {finding.sentence} [{finding.rule}; {where}]"


def _summary(lock: LockAudit) -> str:
    unjudged = sum(each.records for each in lock.not_judged)
    words = f"{lock.path}: {lock.records} records of conda channels, {len(lock.findings)} findings"
    words += f", {unjudged} not judged" if unjudged else ""
    words += f"; {lock.others} PyPI packages and source builds are not audited" if lock.others else ""
    return f"{words}; {advisories_summary(lock.advisories)}" if lock.advisories else words
