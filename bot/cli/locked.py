"""`condabot check --locked`: whether the locks are in step with their manifests."""

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

import click

from bot.cli.egress import local_egress
from bot.cli.output import Terminal, print_lines
from bot.clock import SystemClock
from bot.composition.channels import channel_resolver
from bot.local.checkout import Checkout
from bot.local.locked import LockedCheckout, locked
from bot.model.lock_verdict import LockStanding
from bot.rendering.locked import verdict_lines, verdicts_document
from bot.rendering.update import problem_lines
from bot.settings import ChannelSettings, PypiSettings


class LockedExit(IntEnum):
    """How it went. If several hold, it is the first of OUT_OF_STEP, BAD_INPUT."""

    IN_STEP = 0
    OUT_OF_STEP = 1
    BAD_INPUT = 2


_CODES = {
    LockStanding.OUT_OF_STEP: LockedExit.OUT_OF_STEP,
    LockStanding.CONFLICTED: LockedExit.OUT_OF_STEP,
    LockStanding.ORPHANED: LockedExit.OUT_OF_STEP,
    LockStanding.UNREADABLE: LockedExit.BAD_INPUT,
}


def show(path: Path, channels: ChannelSettings, indexes: PypiSettings, *, as_json: bool, everything: bool) -> None:
    """Print where each lock of the checkout at *path* stands, and exit with what that means."""
    resolve = channel_resolver(channels, local_egress(channels, *filter(None, [indexes.index_url])))
    with _without_collections():
        found = locked(Checkout.at(path), resolve, SystemClock().now(), indexes.index_url)
    if as_json:
        click.echo(json.dumps(verdicts_document(found.verdicts, found.problems), indent=2))
    else:
        terminal = Terminal()
        print_lines(terminal, verdict_lines(found.verdicts, terminal.columns, everything=everything))
        print_lines(terminal, problem_lines(found.problems, terminal.columns))
    sys.exit(exit_code(found))


def exit_code(found: LockedCheckout) -> LockedExit:
    """Return how it went, for the shell."""
    codes = {_CODES.get(each.standing, LockedExit.IN_STEP) for each in found.verdicts}
    if LockedExit.OUT_OF_STEP in codes:
        return LockedExit.OUT_OF_STEP
    return LockedExit.BAD_INPUT if found.problems or LockedExit.BAD_INPUT in codes else LockedExit.IN_STEP


@contextmanager
def _without_collections() -> Iterator[None]:
    """Let no garbage be looked for meanwhile: a lock is a hundred thousand objects, none of them garbage."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
