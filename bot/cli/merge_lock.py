"""`condabot merge-lock`: a merge driver for git that solves."""

import sys
from pathlib import Path, PurePosixPath

import click

from bot.cli.local import local_scanner
from bot.cli.options import (
    channel_options,
    channel_settings,
    index_option,
    process_environment,
    pypi_settings,
    settings,
)
from bot.cli.progress import LOOKING, shown_progress
from bot.cli.running import run
from bot.config import PATHS, read_configuration
from bot.errors import BadInput, CondabotError
from bot.local.merge import Merge, conflicted, files_of_merge
from bot.settings import ChannelSettings, PypiSettings
from bot.updating.lock_merge import LockTexts, merge_lock

CONFLICT = 1
"""The exit code that tells git that the conflict is still there."""

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("merge-lock")
@click.argument("base", type=_file)
@click.argument("ours", type=_file)
@click.argument("theirs", type=_file)
@click.option("--path", metavar="PATH", help="Where the lock is in the repository; else OURS is its path.")
@click.option("--theirs-label", "label", default="", metavar="NAME", help="What git calls the other side.")
@channel_options
@index_option
def command(  # noqa: PLR0913 -- one argument for each option
    *,
    base: Path,
    ours: Path,
    theirs: Path,
    path: str | None,
    label: str,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    index_url: str | None,
    offline: bool,
) -> None:
    """Merge a lock that both sides changed, BASE, OURS and THEIRS, into OURS, as a merge driver of git."""
    found = settings()
    channels = channel_settings(found.channels, channel_alias, mirrors, offline=offline)
    indexes = pypi_settings(found.pypi, index_url, mirrors, offline=offline)
    texts = LockTexts(base=base.read_bytes(), ours=ours.read_bytes(), theirs=theirs.read_bytes())
    merge = Merge(
        root=Path(),
        path=str(PurePosixPath(path or ours.as_posix())),
        texts=texts,
        label=label,
        environment=process_environment(),
    )
    try:
        ours.write_bytes(run(_merged(merge, channels, indexes)).encode())
    except CondabotError as error:
        ours.write_bytes(conflicted(merge))
        click.echo(f"condabot: {merge.path} is left in conflict: {_words(error, merge.path)}", err=True)
        sys.exit(CONFLICT)


async def _merged(merge: Merge, channels: ChannelSettings, indexes: PypiSettings) -> str:
    files = files_of_merge(merge)
    configuration = read_configuration({path: files[path] for path in PATHS if path in files})
    with shown_progress() as progress:
        progress.stage(LOOKING)
        async with local_scanner(channels, indexes, progress) as scanner:
            texts = await merge_lock(scanner.configured(configuration), files, merge.path, merge.texts)
    return texts[merge.path]


def _words(error: CondabotError, path: str) -> str:
    """Return what is wrong, and in which file if that is another one."""
    return error.sentence if isinstance(error, BadInput) and error.path == path else str(error)
