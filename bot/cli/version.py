"""What `condabot --version` says: which commit this is, and which formats of data it reads and writes."""

from importlib import import_module
from typing import Final

import click

from bot import __version__

PIXI_LOCK: Final = (6, 7)
CONDA_LOCK: Final = 1
DOCUMENTS: Final = 1
"""These stand here once more, since what they are said of takes a third of a second to import; a test compares."""

NEWEST_PIXI_LOCK: Final = str(max(PIXI_LOCK))
"""The version that pixi writes since 0.68; older ones cannot read it."""

LINES: Final = (
    f"pixi.lock      {' and '.join(map(str, PIXI_LOCK))}, written in the version that it has",
    f"conda-lock.yml {CONDA_LOCK}",
    f"JSON documents {DOCUMENTS}",
)


def commit() -> str:
    """Return the commit that this was built from, or nothing: a wheel knows it, files in a folder do not."""
    try:
        built = import_module("bot._build")
    except ModuleNotFoundError:
        return ""
    return str(built.COMMIT)


def show(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:  # noqa: FBT001 -- as click calls it
    """Print it, if *asked*, and end."""
    if not asked or context.resilient_parsing:
        return
    built = commit()
    click.echo("\n".join((f"condabot {__version__}{f' (commit {built})' if built else ''}", *LINES)))
    context.exit()
