"""No key is for show: each of them changes what a scan does, and says truly what happens without it.

A row of `CASES` is a repository and a channel where the example of a key makes a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.config import PATHS, Configuration, read_configuration
from bot.config.rows import Row, rows_of
from bot.jobs.calm import Calm
from bot.manifests import DEFAULT_IGNORE_PATHS
from bot.model.package import Record
from bot.model.report import ScanReport
from bot.model.schedule import Schedule
from bot.model.solve import SolveRequest
from bot.planning.policy import Policy
from bot.updating.inspecting import manners
from bot.updating.read.relevance import relevant_paths
from tests.conda_locks import package
from tests.planning.toy import NOW, record
from tests.updating.test_scan import encoded, pixi_lock
from tests.updating.toy import Toy, scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    files: Mapping[str, str]
    records: tuple[Record, ...]


def environment(*lines: str) -> str:
    items = "".join(f"  - {line}\n" for line in lines)
    return f"channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n{items}"


def locked(*records: Record, unnamed: tuple[Record, ...] = ()) -> Mapping[str, str]:
    """Return a workspace that names *records*, with those and *unnamed* in its lock."""
    lines = "".join(f'{each.name} = "*"\n' for each in records)
    groups = 'default = { solve-group = "all" }\ntest = { solve-group = "all" }\n'
    workspace = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
    manifest = f"{workspace}\n[dependencies]\n{lines}\n[environments]\n{groups}"
    return {"pixi.toml": manifest, "pixi.lock": pixi_lock((*records, *unnamed), (*records, *unnamed))}


def aged(name: str, version: str, days: int) -> Record:
    return record(name, version, age=timedelta(days=days))


ALPHA = (record("alpha", "1.0"), record("alpha", "2.0"))
LISTED = (package("alpha", "1.0.0"), package("alpha", "2.0.0"))
MINORS = (record("dask", "1.0"), record("dask", "1.1"), record("other", "1.0"), record("other", "1.1"))
ON_CORE = record("alpha", "1.0", "core", age=timedelta(days=20))
CORE, NEXT_CORE, YOUNG_CORE = aged("core", "1.0", 20), aged("core", "1.1", 10), aged("core", "1.1", 2)

CASES = {
    "annotationPaths": Case(
        files={"tools/install.ps1": "# renovate: datasource=conda depName=alpha\n$alpha = '1.0'\n"}, records=ALPHA
    ),
    "ignoreDeps": Case(
        files={"environment.yml": environment("openssl=1.0")},
        records=(record("openssl", "1.0"), record("openssl", "2.0")),
    ),
    "ignorePaths": Case(files={"old/environment.yml": environment("alpha=1.0")}, records=ALPHA),
    "lockAge": Case(files=locked(ON_CORE, unnamed=(CORE,)), records=(ON_CORE, CORE, NEXT_CORE)),
    "lockSources": Case(
        files={
            "requirements/py312.yml": environment("alpha=1.0.0"),
            "locks/py312-linux-64.lock": f"# platform: linux-64\n@EXPLICIT\n{LISTED[0].url}#{LISTED[0].md5}\n",
        },
        records=LISTED,
    ),
    "minimumReleaseAge": Case(
        files={"environment.yml": environment("alpha=1.0")}, records=(ALPHA[0], aged("alpha", "2.0", 10))
    ),
    "minorAlone": Case(files=locked(MINORS[0], MINORS[2]), records=MINORS),
    "pythonMinorAge": Case(
        files={"environment.yml": environment("python=3.13")},
        records=(record("python", "3.13.9"), aged("python", "3.14.0", 70)),
    ),
    "transitiveReleaseAge": Case(
        files=locked(ALPHA[0]), records=(ALPHA[0], record("alpha", "2.0", "core"), record("core", "1.0"), YOUNG_CORE)
    ),
    "virtualPackages": Case(
        files={"environment.yml": environment("alpha=1.0")},
        records=(ALPHA[0], record("alpha", "2.0", "__glibc >=2.34")),
    ),
}

EVERY_ROW = {row.key: (name, row) for name, row in rows_of(Configuration).items()}
OF_MANNERS = ("prConcurrentLimit", "schedule", "timezone")
"""What these change is when a proposal is opened, not what is proposed."""

ROWS = {key: row for key, row in EVERY_ROW.items() if key not in OF_MANNERS}


def configured(row: Row, text: str) -> Configuration:
    return read_configuration({PATHS[0]: f"{row.key}: {text}".encode()})


async def seen(case: Case, configuration: Configuration) -> tuple[ScanReport, list[SolveRequest]]:
    """Return what a scan came to, and everything that it asked the solver."""
    paths = relevant_paths({path: len(text) for path, text in case.files.items()}, configuration)
    toy = Toy(*case.records)
    asked = replace(scanner(toy), now=NOW.replace(day=1)).configured(configuration)
    return await asked.scan(encoded({path: case.files[path] for path in paths}), {}), toy.solved


def changed(configuration: Configuration) -> list[str]:
    """Return the fields that *configuration* sets to something else."""
    both = {each: (getattr(configuration, each), getattr(Configuration(), each)) for each, _ in EVERY_ROW.values()}
    return [each for each, (asked, otherwise) in both.items() if asked != otherwise]


def test_there_is_a_case_for_every_key() -> None:
    assert list(CASES) == list(ROWS)


@pytest.mark.parametrize("key", ROWS)
async def test_a_key_changes_its_field_and_what_a_scan_does(key: str) -> None:
    name, row = ROWS[key]
    configuration = configured(row, row.example)

    assert changed(configuration) == [name]
    assert await seen(CASES[key], configuration) != await seen(CASES[key], Configuration())


@pytest.mark.parametrize("key", OF_MANNERS)
def test_a_key_changes_its_field_and_how_a_repository_is_spoken_to(key: str) -> None:
    name, row = EVERY_ROW[key]
    configuration = configured(row, row.example)

    assert changed(configuration) == [name]
    assert manners(configuration) != manners(Configuration())


def test_how_a_repository_is_spoken_to_by_default_is_what_is_usual() -> None:
    described = {key: configured(row, row.default) for key, (_, row) in EVERY_ROW.items() if key in OF_MANNERS}

    assert manners(described["prConcurrentLimit"]).limit == Calm().limit
    assert Schedule(windows=manners(described["schedule"]).windows or ()) == Calm().schedule
    assert manners(described["timezone"]).timezone == "UTC"


@pytest.mark.parametrize("key", [key for key, (_, row) in ROWS.items() if row.default])
async def test_the_default_that_is_described_is_what_happens_without_the_key(key: str) -> None:
    _, row = ROWS[key]
    configuration = configured(row, row.default)

    assert Policy().configured(configuration) == Policy()
    assert configuration.ignore_paths in {None, DEFAULT_IGNORE_PATHS}
    assert await seen(CASES[key], configuration) == await seen(CASES[key], Configuration())
