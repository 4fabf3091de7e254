"""Sample repositories, each a folder of files as people write them, locked some time ago against the demo channel.

- `pixi-workspace`: three environments, one solve group, pixi.lock version 7; updates inside and outside the specs.
- `pixi-v6`: an older pixi.toml with a pixi.lock of version 6.
- `conda-analysis`: two environment.yml files and no lock.
- `held-back`: numpy may not move to its newest release, for no numba allows it.

`fixtures/make_samples.py` wrote the locks.
"""

from importlib.resources import files

NAMES = ("pixi-workspace", "pixi-v6", "conda-analysis", "held-back")


def sample_files(name: str) -> dict[str, bytes]:
    """Return the content of each file of the sample *name*, one of `NAMES`, by its path in the repository."""
    folder = files(__package__) / name
    return {entry.name: entry.read_bytes() for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)}
