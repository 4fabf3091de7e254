"""The file at one of `PATHS` -> `Configuration`, or everything that is wrong in it at once."""

from collections.abc import Mapping
from typing import Final

from bot.config.configuration import Configuration
from bot.config.document import parse
from bot.config.rows import Table
from bot.errors import BadInput, ConfigurationError

PATHS: Final = (".github/condabot.yml", ".github/condabot.yaml")
"""Where a repository keeps its configuration: in one of these."""

MOST_TOLD: Final = 20
"""Problems that are told of a file; more are counted."""

_WHOLE: Final = Table(Configuration())


def read_configuration(files: Mapping[str, bytes]) -> Configuration:
    """Return what the one of *files* at one of `PATHS` says; the defaults where there is none, or nothing in it.

    Raises:
        ConfigurationError: it cannot be read, or asks for something that is not there. Says where, and what is.

    """
    there = [path for path in PATHS if path in files]
    if len(there) > 1:
        kept, other = there
        raise ConfigurationError((BadInput(f"stands beside {other}: keep one of the two, and remove one", path=kept),))
    root = parse(there[0], files[there[0]]) if there else None
    if root is None:
        return Configuration()
    try:
        return _WHOLE.read(root)
    except ConfigurationError as error:
        raise ConfigurationError(_told(error.problems, there[0])) from error


def _told(problems: tuple[BadInput, ...], path: str) -> tuple[BadInput, ...]:
    if len(problems) <= MOST_TOLD:
        return problems
    return (*problems[:MOST_TOLD], BadInput(f"{len(problems) - MOST_TOLD} more are wrong as well", path=path))
