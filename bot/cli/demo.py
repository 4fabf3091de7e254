"""`condabot demo`: the whole of it on this machine, in a minute.

What it is made of is imported only once people see that something is done: that takes longer than starting it.
"""

import tempfile
from importlib import import_module
from pathlib import Path

import click

from bot.cli.extras import required
from bot.cli.progress import ShownProgress, shown_progress
from bot.cli.running import run

OF_DEMO = "pygit2"
"""What no other extra has: without it nothing is begun."""

STARTING = "starting a channel, a GitHub and a PostgreSQL on this machine"


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave everything running; its addresses are printed at once.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="PORT",
    help="The port of the local GitHub; any free one by default.",
)
def command(*, keep: bool, port: int) -> None:
    """See it all on this machine: a channel, a GitHub, a PostgreSQL, the bot, and the pull requests it opens."""
    with required("demo"):
        import_module(OF_DEMO)
    with tempfile.TemporaryDirectory(prefix="condabot-demo-") as root, shown_progress() as progress:
        run(_played(Path(root), port, progress, keep=keep))


async def _played(root: Path, port: int, progress: ShownProgress, *, keep: bool) -> None:
    """Say that it starts, then import it and play: who is told to stop meanwhile does, and leaves nothing."""
    progress.stage(STARTING)
    with required("demo"):
        playing = import_module("bot.cli.playing")
    await playing.play(root, port, progress, keep=keep)
