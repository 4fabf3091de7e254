"""`condabot health`: whether the App's processes on this machine are well; for containers, which need no curl then."""

import sys
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

import click

from bot.cli.options import settings
from bot.cli.presence import PARTS, Presence, presences

PATIENCE = 5
"""Seconds."""

UNWELL = 1


@click.command("health")
@click.option("--ready", is_flag=True, help="Ask whether they can work now, which needs the database.")
def command(*, ready: bool) -> None:
    """Exit with 0 if every process of the App that runs on this machine is well, with 1 if one is not or none runs."""
    found = presences(settings().run_dir)
    answers = [_asked(each, "/ready" if ready else "/health") for each in found if each.kind not in PARTS]
    unwell = [*answers, *_missing(found)] if found else ["no process of condabot runs here"]
    for sentence in filter(None, unwell):
        click.echo(sentence)
    if any(unwell):
        sys.exit(UNWELL)
    click.echo("ready" if ready else "alive")


def _missing(found: Sequence[Presence]) -> Iterable[str]:
    kinds = {each.kind for each in found}
    parts = (part for kind in sorted(kinds) for part in PARTS.get(kind, ()))
    return (f"{part}: does not run" for part in parts if part not in kinds)


def _asked(presence: Presence, path: str) -> str:
    """Return what is wrong with a process, empty if nothing is."""
    if not presence.port:
        return f"{presence.kind}: does not listen (CONDABOT_HEALTH_PORT)"
    connection = HTTPConnection(presence.address, presence.port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read(200).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        return f"{presence.kind}: does not answer: {type(error).__name__}"
    finally:
        connection.close()
    return "" if answer.status == HTTPStatus.OK else f"{presence.kind}: {text}"
