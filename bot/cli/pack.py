"""`condabot pack`: an environment of a lock as an archive to unpack elsewhere, with what is in it beside it."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import rattler

from bot import lockfiles
from bot.cli.choosing import chosen, environment_option
from bot.cli.egress import local_egress
from bot.cli.local import local_sources
from bot.cli.options import channel_options, channel_settings, process_environment, settings
from bot.cli.output import NOT_DONE, Terminal, print_words
from bot.cli.progress import shown_progress
from bot.cli.running import run
from bot.clock import SystemClock
from bot.packing.installing import Installer
from bot.packing.packer import Packed, Packer
from bot.packing.plan import PackPlan
from bot.rendering.sizes import counted
from bot.rendering.terminal_lines import Tone
from bot.settings import ChannelSettings, source_date_from_env


@click.command("pack")
@click.argument("lock", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@environment_option
@click.option("--platform", metavar="NAME", help="Of a lock for several platforms; this machine's if not said.")
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the archive goes: a `.tar.gz`. One that is there already is replaced.",
)
@click.option(
    "--run-link-scripts",
    is_flag=True,
    help="Run what packages ask to be run when they are linked: it may do what you may.",
)
@channel_options
def command(  # noqa: PLR0913 -- one argument for each option
    lock: Path,
    environment: str | None,
    platform: str | None,
    output: Path,
    channel_alias: str | None,
    mirrors: tuple[str, ...],
    *,
    run_link_scripts: bool,
    offline: bool,
) -> None:
    """Pack an environment of the lockfile LOCK into an archive, and say beside it what is in it."""
    plan = _planned(lock, environment, platform)
    channels = channel_settings(settings().channels, channel_alias, mirrors, offline=offline)
    packed = run(_pack(plan, channels, output, run_scripts=run_link_scripts))
    for words in _remarks(plan, packed):
        print_words(Terminal(stderr=True), words, Tone.HELD)
    print_words(Terminal(), f"packed {counted(len(plan.records), 'package')} into {output}")
    sys.exit(NOT_DONE if plan.left_out else 0)


def _planned(path: Path, environment: str | None, platform: str | None) -> PackPlan:
    content, here = path.read_bytes(), str(rattler.Subdir.current())
    lock = lockfiles.parse(path.as_posix(), content)
    found, name = chosen(lock, environment, platform, here)
    plan = PackPlan(lock=lock, sha256=hashlib.sha256(content).hexdigest(), environment=found, platform=name)
    plan.require_packable(here)
    return plan


async def _pack(plan: PackPlan, channels: ChannelSettings, output: Path, *, run_scripts: bool) -> Packed:
    moment = source_date_from_env(process_environment()) or plan.newest or SystemClock().now()
    with shown_progress() as progress:
        async with local_sources(channels, settings().pypi) as sources:
            installer = Installer(
                settings=sources.channels,
                check_url=local_egress(sources.channels).check_channel_url,
                folder=Path(plan.lock.path).parent,
            )
            packer = Packer(installer=installer, moment=moment, stage=progress.stage)
            return await packer.pack(plan, output, run_scripts=run_scripts)


def _remarks(plan: PackPlan, packed: Packed) -> Iterator[str]:
    """Yield a sentence for everything that whoever unpacks it should know."""
    yield from plan.left_out
    if plan.unhashed:
        names = ", ".join(each.name for each in plan.unhashed)
        yield f"not checked, for the lock states no hash of it: {names}"
    if packed.not_linked:
        yield f"not run: the link scripts of {', '.join(packed.not_linked)} (--run-link-scripts)"
