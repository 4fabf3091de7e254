"""The file at one of `PATHS` -> `Configuration`, or everything that is wrong in it at once."""

from collections.abc import Mapping
from typing import Final

from bot.config.configuration import Configuration
from bot.config.document import Node, parse
from bot.config.extending import NOTHING_ELSEWHERE, Elsewhere, extended, missing
from bot.errors import BadInput, ConfigurationError

PATHS: Final = (".github/condabot.yml", ".github/condabot.yaml")
"""Where a repository keeps its configuration: in one of these."""

MOST_TOLD: Final = 20
"""Problems that are told of a file; more are counted."""


def read_configuration(files: Mapping[str, bytes], elsewhere: Elsewhere = NOTHING_ELSEWHERE) -> Configuration:
    """Return what the one of *files* at one of `PATHS` says, over what it names of *elsewhere*; else the defaults.

    Raises:
        ConfigurationError: it cannot be read, or asks for something that is not there. Says where, and what is.

    """
    try:
        return extended(_root(files), elsewhere)
    except ConfigurationError as error:
        raise ConfigurationError(_told(error.problems, next(filter(files.__contains__, PATHS), ""))) from error


def missing_presets(files: Mapping[str, bytes], elsewhere: Elsewhere = NOTHING_ELSEWHERE) -> tuple[str, ...]:
    """Return the presets of other repositories that are to be read before *files* can be; none for what is wrong."""
    try:
        return missing(_root(files), elsewhere)
    except ConfigurationError:
        return ()


def _root(files: Mapping[str, bytes]) -> Node | None:
    there = [path for path in PATHS if path in files]
    if len(there) > 1:
        kept, other = there
        raise ConfigurationError((BadInput(f"stands beside {other}: keep one of the two, and remove one", path=kept),))
    return parse(there[0], files[there[0]]) if there else None


def _told(problems: tuple[BadInput, ...], path: str) -> tuple[BadInput, ...]:
    if len(problems) <= MOST_TOLD:
        return problems
    return (*problems[:MOST_TOLD], BadInput(f"{len(problems) - MOST_TOLD} more are wrong as well", path=path))
