"""`condabot run`: what the App does for one repository, once, with a token or as the App; no server, no database."""

import sys
from pathlib import Path

import click

from bot import logs
from bot.cli.options import process_environment
from bot.cli.output import NOT_DONE, Terminal, print_lines
from bot.cli.progress import shown_progress
from bot.cli.results import write_text
from bot.cli.running import run
from bot.composition.once import Once, run_once
from bot.composition.way import redactor
from bot.rendering.run import RunWords, run_lines, run_markdown, run_titles
from bot.runner import RunSettings

REFUSED = 1
"""The exit code that says that something was to be written and is not."""

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("run")
@click.argument("repository", required=False, default="", metavar="[OWNER/REPO]")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing to GitHub, and print the pull requests that would be written: titles, branches, bodies.",
)
@click.option(
    "--title",
    type=_file,
    metavar="FILE",
    help="Write the titles of the pull requests that were opened or updated, or would be, to FILE, a line for each.",
)
@click.option("--body", type=_file, metavar="FILE", help="Write all that came of it to FILE, in Markdown.")
def command(*, repository: str, dry_run: bool, title: Path | None, body: Path | None) -> None:
    """Open and update the pull requests of OWNER/REPO, once, as the App does."""
    found = RunSettings.from_env(process_environment(), repository)
    logs.set_up(as_json=False, redact=redactor(found.settings, *found.secrets))
    once = run(_once(found, dry=dry_run))
    words = RunWords(
        outcomes=once.report.outcomes,
        pulls=once.report.pulls,
        repository=f"{found.github_server}/{found.full_name}",
        dry=dry_run,
        as_runner=once.as_runner,
    )
    if title:
        write_text(title, run_titles(words.pulls))
    if body:
        write_text(body, run_markdown(words))
    terminal = Terminal()
    print_lines(terminal, run_lines(words, terminal.columns))
    if once.report.failed or once.report.rejected:
        sys.exit(REFUSED)
    if not once.report.complete:
        sys.exit(NOT_DONE)


async def _once(found: RunSettings, *, dry: bool) -> Once:
    with shown_progress() as progress:
        progress.stage(f"looking at {found.full_name}")
        return await run_once(found, process_environment(), dry=dry)
