"""What the oracle reads from a manifest, each seen in the fault that it finds in a lock that is not made for it."""

import pytest

from tests.oracle.pixi_locked import out_of_date
from tests.oracle.pixi_manifest import declared_environments

CHANNEL = "https://conda.anaconda.org/conda-forge"
MANIFEST = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
solve-strategy = "lowest"
channel-priority = "disabled"

[dependencies]
zlib = "*"

[feature.alone.dependencies]
zlib = "*"

[environments]
alone = { features = ["alone"], no-default-feature = true }
"""
LOCK = f"""\
version: 6
environments:
  alone:
    channels:
    - url: {CHANNEL}/
    packages:
      linux-64:
      - conda: {CHANNEL}/linux-64/zlib-1.3.1-h0_0.conda
  default:
    channels:
    - url: {CHANNEL}/
    options:
      strategy: lowest-version
      channel-priority: disabled
    packages:
      linux-64:
      - conda: {CHANNEL}/linux-64/zlib-1.3.1-h0_0.conda
packages:
- conda: {CHANNEL}/linux-64/zlib-1.3.1-h0_0.conda
  timestamp: 1760572800000
"""
"""The record is of 2025-10-16T00:00:00Z."""
OPTIONS = "    options:\n      strategy: lowest-version\n      channel-priority: disabled\n"
BARE = f"  alone:\n    channels:\n    - url: {CHANNEL}/\n"


def reasons(manifest: str, lock: str) -> list[str]:
    return out_of_date(declared_environments("pixi.toml", manifest), lock)


def test_the_lock_of_the_manifest_is_up_to_date() -> None:
    assert reasons(MANIFEST, LOCK) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            BARE,
            BARE + OPTIONS,
            ["alone: strategy is lowest-version", "alone: channel-priority is disabled"],
            id="options of the workspace where its default feature is not",
        ),
        pytest.param(
            OPTIONS,
            "",
            ["default: strategy is highest", "default: channel-priority is strict"],
            id="no options of the workspace where it is",
        ),
    ],
)
def test_finds_the_planted_fault(old: str, new: str, expected: list[str]) -> None:
    assert LOCK.count(old) == 1

    assert reasons(MANIFEST, LOCK.replace(old, new)) == expected
