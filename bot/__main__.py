"""`python -m bot` is `condabot`."""

from bot.cli import program

program()
