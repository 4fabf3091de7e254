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


DATED = MANIFEST.replace("[dependencies]", 'exclude-newer = "2025-10-15"\n\n[dependencies]', 1)
SEVEN = LOCK.replace("version: 6\n", "version: 7\nplatforms:\n- name: linux-64\n")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2025-10-15", [], id="a date is the end of its day"),
        pytest.param("2025-10-14", ["zlib was built after 2025-10-14"], id="the day before"),
        pytest.param("2025-10-16T00:00:00Z", [], id="a time is just that"),
        pytest.param(
            "2025-10-15T23:59:59Z", ["zlib was built after 2025-10-15T23:59:59Z"], id="a second before, which is not"
        ),
    ],
)
def test_finds_a_record_that_is_later_than_a_date_or_a_time(written: str, expected: list[str]) -> None:
    found = reasons(DATED.replace("2025-10-15", written), SEVEN)

    assert found == [f"{name} on linux-64: {each}" for name in ("default", "alone") for each in expected]


TARGET = MANIFEST.replace('["linux-64"]', '["linux-64", "osx-arm64"]').replace(
    "dependencies]", "target.linux.dependencies]"
)
ROW = f"      - conda: {CHANNEL}/linux-64/zlib-1.3.1-h0_0.conda\n"


def test_a_platform_on_which_nothing_is_asked_for_needs_no_row() -> None:
    named = TARGET.replace('"osx-arm64"', '{ name = "mac", platform = "osx-arm64", macos = "14.0" }')

    assert reasons(TARGET, LOCK) == reasons(named, SEVEN) == []


def test_finds_a_package_on_a_platform_on_which_nothing_is_asked_for() -> None:
    row = ROW.replace("linux-64", "osx-arm64")
    found = reasons(TARGET, LOCK.replace(ROW, f"{ROW}      osx-arm64:\n{row}") + f"{row.strip()}\n")

    assert found == [f"{name} on osx-arm64: zlib is locked, and nothing asks for it" for name in ("default", "alone")]


def test_finds_that_the_machine_is_another_one_than_was_locked_for() -> None:
    usual = SEVEN.replace("linux-64\n", "linux-64\n  virtual-packages:\n  - __glibc=2.28\n", 1)
    found = reasons(MANIFEST + '\n[system-requirements]\nlibc = "2.34"\n', usual)

    assert found == ["default on linux-64: the virtual packages are ['__glibc=2.28']"]


def test_there_is_no_cuda_on_macos() -> None:
    requirements = '\n[system-requirements]\ncuda = "12"\n'
    on_macos = (MANIFEST + requirements).replace("linux-64", "osx-arm64")
    usual = SEVEN.replace("linux-64", "osx-arm64").replace("arm64\n", "arm64\n  virtual-packages:\n  - __osx=13.0\n", 1)

    assert reasons(on_macos, usual) == []


def test_finds_that_a_channel_of_two_names_is_listed_once() -> None:
    twice = MANIFEST.replace('["conda-forge"]', f'["conda-forge", "{CHANNEL}"]')
    row = f"    - url: {CHANNEL}/\n"

    assert reasons(twice, LOCK) == [f"{name}: the channels are ['{CHANNEL}']" for name in ("default", "alone")]
    assert reasons(twice, LOCK.replace(row, row + row)) == []
