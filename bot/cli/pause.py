"""`condabot pause`: stop writing to GitHub, everywhere, or leave an account or a repository alone."""

import click

from bot.cli.pausing import paused_or_not, said, whom
from bot.store.database import Connection
from bot.store.halts import Cause, halt

PAUSED = "the operator paused it"


@click.command("pause")
@whom
def command(name: str) -> None:
    """Leave OWNER or OWNER/REPO alone; without a name, write nothing anywhere.

    Without a name everything is still read, planned and recorded. `condabot resume` ends it.
    """

    async def say(connection: Connection) -> str:
        if name:
            await paused_or_not(connection, name, paused=True)
            return f"{name} is left alone until `condabot resume {name}`"
        await halt(connection, Cause.PERSON, PAUSED)
        return "nothing is written until `condabot resume`"

    click.echo(said(say))
