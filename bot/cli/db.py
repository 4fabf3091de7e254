"""`condabot db`: the database's schema, and what of its content cannot be found out again."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import click

from bot.cli.options import settings
from bot.store import dump as dumps
from bot.store.database import server
from bot.store.migrate import Until, migrate, version

BEHIND = 1
STREAM = "-"


@click.group("db")
def command() -> None:
    """Bring the App's database up to date, or save what in it cannot be found out again."""


@command.command("migrate")
def migrate_command() -> None:
    """Apply everything, also what a release before this one could not live with: stop all older processes first."""
    with _database() as conninfo:
        applied = migrate(conninfo, until=Until.END)
    click.echo("\n".join(f"applied {each}" for each in applied) or "nothing was left to apply")


@command.command("version")
def version_command() -> None:
    """Say how the database stands to this release; exit with 1 where something is left to apply."""
    with _database() as conninfo:
        found = version(conninfo)
    last = f", the last is {found.applied[-1]}" if found.applied else ": the database is new"
    click.echo(f"{len(found.applied)} migrations are applied{last}")
    for each in found.pending if found.applied else ():
        click.echo(f"not applied: {each}")
    for each in found.unknown:
        click.echo(f"of a newer release: {each}")
    if found.pending:
        sys.exit(BEHIND)


@command.command("dump")
@click.argument("file")
def dump_command(file: str) -> None:
    """Write what cannot be found out again to FILE, which is then whole or not there; `-` prints it."""
    with _database() as conninfo, _output(file) as output:
        migrate(conninfo)
        count = dumps.dump(conninfo, output)
    click.echo(f"lines: {count}", err=True)


@command.command("restore")
@click.argument("file")
def restore_command(file: str) -> None:
    """Bring what FILE has into the database, all or nothing; `-` reads it from standard input."""
    with _database() as conninfo, _source(file) as source:
        count = dumps.restore(conninfo, source, name=file)
    click.echo(f"lines: {count}", err=True)


@contextlib.contextmanager
def _database() -> Iterator[str]:
    found = settings()
    with server(found.database_url, found.data_dir) as conninfo:
        yield conninfo


@contextlib.contextmanager
def _output(file: str) -> Iterator[IO[bytes]]:
    """Give what becomes *file* when all went well; it says who paused and ticked what, so it is its owner's alone."""
    if file == STREAM:
        yield sys.stdout.buffer
        return
    path = Path(file)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as output:
        try:
            yield output.file
            output.flush()
            os.fsync(output.fileno())
            Path(output.name).replace(path)
        except BaseException:
            Path(output.name).unlink()
            raise


@contextlib.contextmanager
def _source(file: str) -> Iterator[IO[bytes]]:
    if file == STREAM:
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as source:
        yield source
