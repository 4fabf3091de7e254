"""`condabot update`: edit manifests and locks in place, or say as a pull request what that would be.

What scanning needs is imported when people already see that something is done.
"""

from importlib import import_module
from pathlib import Path

import click

from bot.cli.options import channel_options, channel_settings, index_option, path_argument, pypi_settings, settings
from bot.cli.progress import LOOKING, shown_progress
from bot.cli.version import NEWEST_PIXI_LOCK

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("update")
@path_argument
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME",
    help="Move only this package (repeatable). `python` moves to the newest minor that solves, without a wait.",
)
@click.option(
    "--refresh-locks",
    is_flag=True,
    help="Solve every lock afresh instead, within what the manifests say; those stay as they are.",
)
@click.option(
    "--lock-version",
    type=click.Choice([NEWEST_PIXI_LOCK]),
    metavar=NEWEST_PIXI_LOCK,
    help="Write every `pixi.lock` beside a manifest in this version, also one where nothing else changes.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing to the checkout, and say what would be.")
@click.option("--diff", is_flag=True, help="Show the changed lines of every file.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")
@click.option(
    "--title",
    type=_file,
    metavar="FILE",
    help="Write the title of a pull request to FILE; nothing in it if nothing changed.",
)
@click.option(
    "--body",
    type=_file,
    metavar="FILE",
    help="Write the body of a pull request, in Markdown, to FILE; nothing in it if nothing changed.",
)
@click.option(
    "--one-per-plan",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a patch, a title and a body for each pull request that the App would open to DIR instead.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if something changed, or would.")
@channel_options
@index_option
def command(  # noqa: PLR0913 -- one argument for each option
    *,
    path: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    index_url: str | None,
    packages: tuple[str, ...],
    lock_version: str | None,
    title: Path | None,
    body: Path | None,
    one_per_plan: Path | None,
    offline: bool,
    refresh_locks: bool,
    dry_run: bool,
    diff: bool,
    as_json: bool,
    exit_code: bool,
) -> None:
    """Update the checkout at PATH in place, as far as it solves on every platform."""
    if refresh_locks and packages:
        raise click.UsageError("--refresh-locks is about whole locks, --package about one package: say one of them")
    if one_per_plan and (refresh_locks or packages or lock_version or title or body or diff):
        raise click.UsageError("--one-per-plan makes what the App would, with titles and bodies: leave the others away")
    base = settings()
    channels = channel_settings(base.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(base.pypi, index_url, mirrors, offline=offline)
    with shown_progress() as progress:
        progress.stage(LOOKING)
        updating = import_module("bot.cli.updating")
        asked = updating.Asked(
            path=path,
            channels=channels,
            indexes=indexes,
            packages=packages,
            refresh_locks=refresh_locks,
            newest_locks=lock_version is not None,
            title=title,
            body=body,
            one_per_plan=one_per_plan,
            dry_run=dry_run,
            diff=diff,
            as_json=as_json,
            exit_code=exit_code,
        )
        scan = updating.looked(asked, progress)
    updating.finish(scan, asked)
