"""`condabot resume`: go on after `condabot pause`, or after the breaker has stopped all writes."""

import click

from bot.cli.pausing import paused_or_not, said, whom
from bot.rendering.printable import printable
from bot.store.database import Connection
from bot.store.halts import go_on


@click.command("resume")
@whom
def command(name: str) -> None:
    """Go on with OWNER or OWNER/REPO; without a name, let writes go on everywhere.

    Says what had stopped them. Repositories that were looked at meanwhile are looked at once more.
    """

    async def say(connection: Connection) -> str:
        if name:
            await paused_or_not(connection, name, paused=False)
            return f"{name} has its turns again"
        stopped = await go_on(connection)
        lines = [f"stopped since {each.at:%Y-%m-%d %H:%M} UTC: {printable(each.sentence)}" for each in stopped]
        return "\n".join([*lines, "writes go on"] if lines else ["nothing had stopped writes"])

    click.echo(said(say))
