"""Which processes of the App run on this machine, and where each answers: so that `condabot health` finds them.

A process says so in a file when it starts, and takes that away when it is told to stop. One that died leaves it, and is
missed for that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bot.errors import BadInput

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - these are addresses that were listened at
PARTS = {"all": ("serve", "worker")}
"""Processes that are made of others, which must be there too."""


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """A process of this kind runs; it answers at this port, 0 if it does not listen."""

    kind: str
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def address(self) -> str:
        """Return where to ask."""
        return ANYWHERE.get(self.host, self.host)


@contextmanager
def present(run_dir: Path, presence: Presence) -> Iterator[None]:
    """Say that a process runs, until it ends as it should."""
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = run_dir / f"{presence.kind}.json"
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(presence))
    new.replace(path)
    yield
    path.unlink(missing_ok=True)


def presences(run_dir: Path) -> tuple[Presence, ...]:
    """Return what runs here, or died here.

    Raises:
        BadInput: a file says something else.

    """
    return tuple(_read(path) for path in sorted(run_dir.glob("*.json")))


def _read(path: Path) -> Presence:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Presence)
    except msgspec.DecodeError as error:
        raise BadInput(f"says of no process where it answers: {error}", path=str(path)) from error
