"""`condabot config`: what is wrong in a configuration, and one made of what another bot has."""

import sys
from pathlib import Path

import click

from bot.cli.options import path_argument
from bot.cli.output import NOT_DONE
from bot.config import PATHS, read_configuration
from bot.config.from_dependabot import from_dependabot
from bot.config.from_renovate import from_renovate
from bot.errors import BadInput, ConfigurationError
from bot.local.checkout import Checkout
from bot.updating.read.relevance import RENOVATE_CONFIGURATIONS

DEPENDABOT_PATHS = (".github/dependabot.yml", ".github/dependabot.yaml")
file_argument = click.argument(
    "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False, metavar="[FILE]"
)


@click.group("config")
def command() -> None:
    """Check a configuration, or make one of another bot's."""


@command.command("check")
@path_argument
def check(path: Path) -> None:
    """Say everything that is wrong in the configuration of the checkout at PATH."""
    checkout = Checkout.at(path)
    there = [each for each in PATHS if (path / each).is_file()]
    try:
        read_configuration({each: checkout.read(each) for each in there})
    except ConfigurationError as error:
        for problem in error.problems:
            click.echo(str(problem))
        sys.exit(NOT_DONE)
    click.echo(f"{there[0]} is right." if there else "There is no configuration: the defaults count.")


@command.command("from-renovate")
@file_argument
def renovate(file: Path | None) -> None:
    """Print what the configuration of Renovate in FILE says in our words, and what of it is not taken over."""
    found = file or _first(tuple(sorted(RENOVATE_CONFIGURATIONS)), "Renovate")
    click.echo(from_renovate(_text(found), str(found)).text, nl=False)


@command.command("from-dependabot")
@file_argument
def dependabot(file: Path | None) -> None:
    """Print what the configuration of Dependabot in FILE says in our words, and what of it is not taken over."""
    found = file or _first(DEPENDABOT_PATHS, "Dependabot")
    click.echo(from_dependabot(found.read_bytes(), str(found)).text, nl=False)


def _first(paths: tuple[str, ...], bot: str) -> Path:
    found = next((Path(each) for each in paths if Path(each).is_file()), None)
    if found is None:
        raise BadInput(f"there is no configuration of {bot} here: name the file")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("is not UTF-8", path=str(path)) from error
