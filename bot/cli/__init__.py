"""The command line. Commands hold no logic; each module is imported only when its command runs."""

import sys
from collections.abc import Mapping
from importlib import import_module

import click

from bot import __version__
from bot.errors import CondabotError

COMMANDS: Mapping[str, str] = {
    "check": "Show what could be updated in a checkout, and why not more.",
    "update": "Update a checkout in place: manifests and locks.",
    "audit": "Compare every locked record with what its channel offers.",
    "serve": "Run the GitHub App.",
    "worker": "Run a worker of the GitHub App.",
    "demo": "See it all on this machine in a minute.",
}


class _Commands(click.Group):
    """Commands that are listed from `COMMANDS` and imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of `COMMANDS`."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command called *cmd_name*."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"bot.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="condabot")
def commands() -> None:
    """Dependency updates for conda and pixi repositories, solved before they are proposed."""


def main() -> None:
    """Run the command line; what is wrong with the input is said in one sentence, with exit code 2."""
    try:
        commands(prog_name="condabot")
    except CondabotError as error:
        click.echo(f"condabot: {error}", err=True)
        sys.exit(2)
