"""`condabot setup`: register the GitHub App from a manifest, and write down what it needs to run."""

from pathlib import Path

import click

from bot.cli.options import process_environment
from bot.cli.registering import registered
from bot.cli.stopping import stoppable
from bot.github.registration import Wanted
from bot.settings import env_file_from_env, setup_from_env

HERE = Path("condabot.env")


@click.command("setup")
@click.option(
    "--url", metavar="URL", help="The address at which GitHub reaches this service; `CONDABOT_URL` by default."
)
@click.option("--owner", metavar="ORGANISATION", default="", help="Whose App it is; yours by default.")
@click.option(
    "--name",
    metavar="NAME",
    default="condabot",
    help="What it is called, `condabot` by default; unique on GitHub, where it can be changed before you agree.",
)
def command(*, url: str | None, owner: str, name: str) -> None:
    """Register the GitHub App with a page on this machine, and write its secrets to a file (CONDABOT_ENV_FILE)."""
    environment = dict(process_environment())
    if url:
        environment["CONDABOT_URL"] = url
    setup = setup_from_env(environment, env_file=env_file_from_env(environment) or HERE)
    wanted = Wanted(url=setup.url, name=name, owner=owner)
    with stoppable():
        if registered(wanted, setup, page_url=f"http://{setup.host}:{setup.port}"):
            click.echo(f"The App is registered. Start it: condabot --env-file {setup.env_file} all")
