"""`condabot sbom`: what an environment of a lock consists of, as a bill of materials."""

from datetime import datetime
from pathlib import Path

import click

from bot import __version__, lockfiles
from bot.cli.choosing import chosen, environment_option
from bot.cli.options import process_environment
from bot.clock import SystemClock
from bot.errors import BadInput
from bot.lockfiles.inventory import inventory_of
from bot.model.inventory import Inventory
from bot.sbom.cyclonedx import cyclonedx
from bot.settings import source_date_from_env

FORMATS = ("cyclonedx", "spdx")


@click.command("sbom")
@click.argument("lock", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@environment_option
@click.option("--platform", metavar="NAME", help="Of a lock for several platforms.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    help="CycloneDX 1.6, if not said, or SPDX 2.3, both as JSON.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it to FILE instead of to stdout.",
)
def command(lock: Path, environment: str | None, platform: str | None, form: str, output: Path | None) -> None:
    """Say what an environment of the lockfile LOCK consists of, as a bill of materials."""
    path = lock.as_posix()
    parsed = lockfiles.parse(path, lock.read_bytes())
    found = inventory_of(parsed, *chosen(parsed, environment, platform))
    text = document(found, form, source_date_from_env(process_environment()) or SystemClock().now())
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", path=str(output), key="--output") from error


def document(inventory: Inventory, form: str, created: datetime) -> str:
    """Return *inventory* in the format *form*, dated *created*."""
    if form == "cyclonedx":
        return cyclonedx(inventory, __version__, created)
    from bot.sbom.spdx import spdx  # noqa: PLC0415 -- a library that takes a second

    return spdx(inventory, __version__, created)
