"""Commands that need more than the base install, and what is said where that is missing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click

EXTRAS: Mapping[str, str] = {
    **dict.fromkeys(("all", "serve", "worker", "pause", "resume", "setup", "db"), "service"),
    "demo": "demo",
    "sbom": "sbom",
    "pack": "pack",
    "run": "run",
}
"""Commands that need more than the base install, and the extra that has it."""


class NotInstalled(click.ClickException):
    """A command needs packages that the base install has not."""

    exit_code = 2


@contextmanager
def required(name: str) -> Iterator[None]:
    """Import meanwhile what the command called *name* needs.

    Raises:
        NotInstalled: it needs packages of an extra.

    """
    try:
        yield
    except ModuleNotFoundError as error:
        if name not in EXTRAS or (error.name or "bot").partition(".")[0] == "bot":
            raise
        remedy = f"pip install 'condabot[{EXTRAS[name]}]'"
        raise NotInstalled(f"`condabot {name}` needs {error.name}, which is not installed: {remedy}") from error
