"""`condabot diff`: what changes in locks and manifests between two states."""

import json
import sys
from pathlib import Path

import click

from bot.cli.egress import local_egress
from bot.cli.options import channel_settings, process_environment, settings
from bot.cli.output import NOT_DONE, Terminal, print_lines
from bot.clock import SystemClock
from bot.composition.channels import channel_resolver
from bot.local.checkout import Checkout
from bot.local.git import Revision
from bot.local.reading import Tree
from bot.local.states import CommittedTree, diff_trees, diff_two_files
from bot.model.state_diff import StateDiff
from bot.rendering.state_diff import diff_document, diff_lines, diff_markdown
from bot.rendering.update import problem_lines

CHANGES = 1
"""The exit code that says, if asked for, that something changes."""


@click.command("diff")
@click.argument("before", default="HEAD", metavar="[BEFORE]")
@click.argument("after", default=None, required=False, metavar="[AFTER]")
@click.option(
    "--path",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    metavar="PATH",
    help="The checkout that commits are of (default: here).",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")
@click.option("--markdown", is_flag=True, help="Print Markdown instead, for a comment or a pull request.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if something changes.")
def command(before: str, after: str | None, path: Path, *, as_json: bool, markdown: bool, exit_code: bool) -> None:
    """Show what changes in environments from BEFORE to AFTER: two commits, two folders, or two lockfiles.

    BEFORE is HEAD, and AFTER what is in the checkout, unless something else is said.
    """
    if as_json and markdown:
        raise click.UsageError("--json and --markdown both print to stdout: choose one")
    found = _diff(path, before, after)
    if as_json:
        click.echo(json.dumps(diff_document(found), indent=2))
    elif markdown:
        click.echo(diff_markdown(found), nl=False)
    else:
        terminal = Terminal()
        print_lines(terminal, diff_lines(found, terminal.columns))
    print_lines(Terminal(stderr=True), problem_lines(found.problems, None))
    if exit_code and not found.is_empty:
        sys.exit(CHANGES)
    if found.problems:
        sys.exit(NOT_DONE)


def _diff(path: Path, before: str, after: str | None) -> StateDiff:
    if after is not None and Path(before).is_file() and Path(after).is_file():
        return diff_two_files(Path(before), Path(after))
    folders = after is not None and Path(before).is_dir() and Path(after).is_dir()
    old: Tree = Checkout.at(Path(before)) if folders else _commit(path, before)
    new = Checkout.at(Path(after) if folders and after else path) if folders or after is None else _commit(path, after)
    base = settings()
    channels = channel_settings(base.channels, None, (), offline=True)
    resolve = channel_resolver(channels, local_egress(channels))
    return diff_trees(old, new, resolve, SystemClock().now(), base.pypi.index_url)


def _commit(path: Path, ref: str) -> Tree:
    return CommittedTree(revision=Revision.at(path, ref, process_environment()))
