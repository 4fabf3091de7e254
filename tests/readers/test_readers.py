"""Programs of other people read the locks of the samples as condabot does."""

import json
import subprocess
import sys
from collections import Counter
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from bot import lockfiles
from bot.demo import samples
from bot.model.package import Lock
from tests.conftest import Reader

pytestmark = pytest.mark.verify

WRITE_AGAIN = "import sys, rattler; rattler.LockFile.from_path(sys.argv[1]).to_path(sys.argv[2])"
LOCKED = ("pixi-workspace", "pixi-v6", "held-back")

Counts = Counter[tuple[str, str, str, str]]
"""How often each (environment, platform, name, version) is locked."""


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_by_condabot(lock: Lock) -> Counts:
    return Counter(
        (environment.name, subdir, record.name, record.version)
        for environment in lock.environments
        for subdir, records in environment.conda.items()
        for record in records
    )


def read_by_pixi_policy(tool: Path, manifest: Path) -> Counts:
    facts = json.loads(run(tool, "facts", "--manifest-path", manifest))
    return Counter(
        (environment["name"], environment["platform"], package["name"], package["version"])
        for environment in facts["environments"]
        for package in environment["packages"]
    )


@pytest.mark.parametrize("sample", LOCKED)
def test_pixi_policy_sees_the_same_packages(sample: str, reader: Reader) -> None:
    tool = reader("pixi-tools").parent / "pixi-policy"
    lock = lockfiles.parse("pixi.lock", samples.sample_files(sample)["pixi.lock"])

    with as_file(files(samples) / sample / "pixi.toml") as manifest:
        assert read_by_pixi_policy(tool, manifest) == read_by_condabot(lock)


@pytest.mark.parametrize("sample", LOCKED)
def test_pixi_sbom_describes_every_platform(sample: str, reader: Reader, tmp_path: Path) -> None:
    tool = reader("pixi-tools").parent / "pixi-sbom"
    lock = lockfiles.parse("pixi.lock", samples.sample_files(sample)["pixi.lock"])

    with as_file(files(samples) / sample / "pixi.lock") as path:
        run(tool, "--quiet", "--all-environments", "--all-platforms", "--lockfile", path, "--output", tmp_path)

    pairs = {f"{environment.name}-{subdir}" for environment in lock.environments for subdir in environment.conda}
    assert {path.name.partition(".")[0].removeprefix("sbom-") for path in tmp_path.iterdir()} == pairs


def test_the_reference_writes_the_lock_of_version_6_to_the_same_bytes(reader: Reader, tmp_path: Path) -> None:
    again = tmp_path / "pixi.lock"

    with as_file(files(samples) / "pixi-v6" / "pixi.lock") as path:
        run(reader("rattler-0.23"), "-c", WRITE_AGAIN, path, again)

    assert again.read_bytes() == samples.sample_files("pixi-v6")["pixi.lock"]


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_pixi_sbom_reads_our_bills_of_materials_and_has_the_same_packages(
    form: str, reader: Reader, tmp_path: Path
) -> None:
    tool, ours = reader("pixi-tools").parent / "pixi-sbom", tmp_path / "ours.json"
    read_again, its_own = tmp_path / "again.json", tmp_path / "its.json"

    with as_file(files(samples) / "pixi-v6" / "pixi.lock") as path:
        of = ("--environment", "default", "--platform", "linux-64")
        run(sys.executable, "-m", "bot", "sbom", path, *of, "--format", form, "--output", ours)
        run(tool, "--quiet", "--from-sbom", ours, "--output", read_again)
        run(tool, "--quiet", "--lockfile", path, *of, "--output", its_own)

    assert purls_in(read_again) == purls_in(its_own) != Counter()


def purls_in(document: Path) -> Counter[str]:
    return Counter(each["purl"] for each in json.loads(document.read_text())["components"])
