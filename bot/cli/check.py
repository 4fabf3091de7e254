"""`condabot check`: what could be updated, what is held back and why; or whether the locks are in step.

What is asked for is imported only then: to judge locks takes less than what scans need, and what those need takes half
a second, in which people already see that something is done.
"""

from importlib import import_module
from pathlib import Path

import click

from bot.cli.options import channel_options, channel_settings, index_option, path_argument, pypi_settings, settings
from bot.cli.progress import LOOKING, shown_progress
from bot.clock import SystemClock
from bot.model.subdirs import SUBDIRS


@click.command("check")
@path_argument
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="SUBDIR",
    type=click.Choice(SUBDIRS),
    help="Judge only platforms of this subdir (repeatable). It is that of environments that name none.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if there is something to update.")
@click.option(
    "--caps",
    "only_caps",
    is_flag=True,
    help="List instead every cap (`<2`) on a conda package, what it costs, and whether all solves without it.",
)
@click.option(
    "--floors",
    "only_minimums",
    is_flag=True,
    help="List instead every minimum (`>=1.21`) of a conda package that is not true, with the lowest that solves.",
)
@click.option(
    "--locked", is_flag=True, help="Say instead whether each lock is in step with its manifest; nothing is solved."
)
@click.option(
    "--all",
    "show_all",
    is_flag=True,
    help="Show every line of every manifest with its whole reason, and every package of a lock.",
)
@channel_options
@index_option
def command(  # noqa: PLR0913 -- one argument for each option
    path: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    index_url: str | None,
    platforms: tuple[str, ...],
    *,
    offline: bool,
    as_json: bool,
    exit_code: bool,
    only_caps: bool,
    only_minimums: bool,
    locked: bool,
    show_all: bool,
) -> None:
    """Show what could be updated in the checkout at PATH, solved on every platform, and why not more."""
    if locked and (only_caps or only_minimums or exit_code or platforms):
        raise click.UsageError("--locked is about whole locks and no updates: leave the other options away")
    if only_minimums and (only_caps or exit_code):
        raise click.UsageError("--floors is about what is written, not about updates: leave the other options away")
    base = settings()
    channels = channel_settings(base.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(base.pypi, index_url, mirrors, offline=offline)
    if locked:
        import_module("bot.cli.locked").show(path, channels, indexes, as_json=as_json, everything=show_all)
        return
    clock = SystemClock()
    begun = clock.now()
    with shown_progress() as progress:
        progress.stage(LOOKING)
        checking = import_module("bot.cli.checking")
        asked = checking.Asked(
            path=path,
            channels=channels,
            indexes=indexes,
            platforms=platforms,
            as_json=as_json,
            exit_code=exit_code,
            only_caps=only_caps,
            only_minimums=only_minimums,
            show_all=show_all,
        )
        scan = checking.looked(asked, progress)
    checking.show(scan, asked, (clock.now() - begun).total_seconds())
