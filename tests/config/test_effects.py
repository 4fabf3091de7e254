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
from bot.model.package import Record
from bot.model.report import ScanReport
from bot.model.schedule import Schedule
from bot.model.solve import SolveRequest
from bot.planning.policy import Policy
from bot.updating.answering import manners, title_style
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


WORKSPACE = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
ANY_PLATFORM = "channels: [conda-forge]\ndependencies:\n  - alpha=1.0\n"
ALPHA = (record("alpha", "1.0"), record("alpha", "2.0"))
LISTED = (package("alpha", "1.0.0"), package("alpha", "2.0.0"))
MINORS = (record("dask", "1.0"), record("dask", "1.1"), record("other", "1.0"), record("other", "1.1"))
MOVES = {"environment.yml": environment("alpha=1.0")}
OLD_CORE = (record("alpha", "1.0", "core", age=timedelta(days=50)), aged("core", "1.0", 50), aged("core", "1.1", 40))
ON_CORE = record("alpha", "1.0", "core", age=timedelta(days=20))
CORE, NEXT_CORE, YOUNG_CORE = aged("core", "1.0", 20), aged("core", "1.1", 10), aged("core", "1.1", 2)

ALPHA_1, ALPHA_2 = record("alpha", "1.0", "core <2"), record("alpha", "2.0", "core >=2")
CORE_2 = aged("core", "2.0", 20)

CASES = {
    "annotationPaths": Case(
        files={"tools/install.ps1": "# renovate: datasource=conda depName=alpha\n$alpha = '1.0'\n"}, records=ALPHA
    ),
    "assignees": Case(files=MOVES, records=ALPHA),
    "automerge": Case(files=MOVES, records=ALPHA),
    "dependencyDashboardApproval": Case(files=MOVES, records=ALPHA),
    "enabled": Case(files=MOVES, records=ALPHA),
    "exports": Case(files={**locked(ALPHA[0]), "locks/default_linux-64_conda_spec.txt": "@EXPLICIT\n"}, records=ALPHA),
    "extends": Case(files=locked(MINORS[0], MINORS[2]), records=MINORS),
    "holds": Case(files={"environment-alpha1.0.yml": environment("alpha=1.0")}, records=ALPHA),
    "ignoreDeps": Case(
        files={"environment.yml": environment("openssl=1.0")},
        records=(record("openssl", "1.0"), record("openssl", "2.0")),
    ),
    "ignorePaths": Case(files={"old/environment.yml": environment("alpha=1.0")}, records=ALPHA),
    "includePaths": Case(files=MOVES, records=ALPHA),
    "labels": Case(files=MOVES, records=ALPHA),
    "licenses": Case(files=MOVES, records=(ALPHA[0], replace(ALPHA[1], license="AGPL-3.0-only"))),
    "lockAge": Case(files=locked(ON_CORE, unnamed=(CORE,)), records=(ON_CORE, CORE, NEXT_CORE)),
    "lockFileMaintenance": Case(files=locked(OLD_CORE[0], unnamed=(OLD_CORE[1],)), records=OLD_CORE),
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
    "packageRules": Case(
        files={"environment.yml": environment("numpy=1.0")}, records=(record("numpy", "1.0"), record("numpy", "2.0"))
    ),
    "platforms": Case(files={"environment.yml": ANY_PLATFORM}, records=ALPHA),
    "provenance": Case(files=locked(ALPHA_1, unnamed=(CORE,)), records=(ALPHA_1, ALPHA_2, CORE, CORE_2)),
    "pythonMinorAge": Case(
        files={"environment.yml": environment("python=3.13")},
        records=(record("python", "3.13.9"), aged("python", "3.14.0", 70)),
    ),
    "rangeStrategy": Case(files=MOVES, records=ALPHA),
    "reviewers": Case(files=MOVES, records=ALPHA),
    "separateMajorMinor": Case(files=locked(ALPHA[0]), records=ALPHA),
    "systemFloor": Case(
        files={"pixi.toml": f"{WORKSPACE}[system-requirements]\nlibc = '2.34'\n[dependencies]\nalpha = '1.0.*'\n"},
        records=(ALPHA[0], record("alpha", "2.0", "__glibc >=2.34")),
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
OF_MANNERS = (
    "automergeStrategy",
    "baseBranchPatterns",
    "branchPrefix",
    "codeScanning",
    "dependencyDashboard",
    "dependencySnapshots",
    "gitIgnoredAuthors",
    "onboarding",
    "prConcurrentLimit",
    "rebaseWhen",
    "schedule",
    "timezone",
)
"""What these change is how and when a proposal is opened, not what is proposed."""

OF_TITLES = ("commitMessagePrefix", "semanticCommits")
OF_READING = ("reviewersFromCodeOwners",)
"""What these change is which files are read beside those of a scan: tests/updating/test_inspecting.py."""

OF_ADVISORIES = ("advisories",)
"""What these change is what advisories come to, where somebody names some: tests/updating/test_said.py."""

OF_HANDING_OVER = ("handOver",)
"""What these change is what the operator's targets get: tests/updating/test_handing_over.py."""

ONE_WAY = ("automergeType",)
"""What there is only one way of: any other is refused."""

ALSO_CHANGED = {"extends": ["package_rules"]}

ROWS = {
    key: row
    for key, row in EVERY_ROW.items()
    if key not in {*OF_MANNERS, *OF_TITLES, *OF_READING, *OF_ADVISORIES, *OF_HANDING_OVER, *ONE_WAY}
}


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


def everything(values: Mapping[str, str]) -> Configuration:
    """Return the configuration that has each of *values* under its key."""
    return read_configuration({PATHS[0]: "".join(f"{key}: {text}\n" for key, text in values.items()).encode()})


async def test_a_configuration_of_all_defaults_is_as_good_as_none() -> None:
    every = everything({key: row.default for key, (_, row) in EVERY_ROW.items() if row.default})

    assert Policy().configured(every) == Policy()
    assert manners(replace(every, pr_concurrent_limit=None, schedule=None, timezone=None)) == manners(Configuration())
    for case in CASES.values():
        assert await seen(case, every) == await seen(case, Configuration())


def test_a_configuration_with_the_opposite_of_each_default_changes_every_field() -> None:
    every = everything({key: row.example for key, (_, row) in EVERY_ROW.items() if key not in ONE_WAY})

    assert changed(every) == [name for key, (name, _) in EVERY_ROW.items() if key not in ONE_WAY]
    assert manners(every) != manners(Configuration())
    assert Policy().configured(every) != Policy()


def test_there_is_a_case_for_every_key() -> None:
    assert list(CASES) == list(ROWS)


@pytest.mark.parametrize("key", ROWS)
async def test_a_key_changes_its_field_and_what_a_scan_does(key: str) -> None:
    name, row = ROWS[key]
    configuration = configured(row, row.example)

    assert changed(configuration) == [name, *ALSO_CHANGED.get(key, [])]
    assert await seen(CASES[key], configuration) != await seen(CASES[key], Configuration())


@pytest.mark.parametrize("key", OF_MANNERS)
def test_a_key_changes_its_field_and_how_a_repository_is_spoken_to(key: str) -> None:
    name, row = EVERY_ROW[key]
    configuration = configured(row, row.example)

    assert changed(configuration) == [name]
    assert manners(configuration) != manners(Configuration())


@pytest.mark.parametrize("key", [*OF_READING, *OF_ADVISORIES, *OF_HANDING_OVER])
def test_a_key_changes_its_field(key: str) -> None:
    name, row = EVERY_ROW[key]

    assert changed(configured(row, row.example)) == [name]


@pytest.mark.parametrize("key", OF_TITLES)
def test_a_key_changes_its_field_and_what_titles_begin_with(key: str) -> None:
    name, row = EVERY_ROW[key]
    configuration = configured(row, row.example)

    assert changed(configuration) == [name]
    assert title_style(configuration, semantic=False) != title_style(Configuration(), semantic=False)


@pytest.mark.parametrize("key", [key for key in (*OF_MANNERS, *OF_TITLES, *ONE_WAY) if EVERY_ROW[key][1].default])
def test_the_default_of_what_is_asked_once_is_what_is_described(key: str) -> None:
    name, row = EVERY_ROW[key]

    assert getattr(Configuration(), name) in {None, getattr(configured(row, row.default), name)}


@pytest.mark.parametrize(
    ("text", "semantic", "title"),
    [
        pytest.param("semanticCommits: auto", False, "Update a", id="auto, where others have no semantic titles"),
        pytest.param("semanticCommits: auto", True, "chore(deps): update a", id="auto, where they have"),
        pytest.param("semanticCommits: enabled", False, "chore(deps): update a", id="enabled"),
        pytest.param("semanticCommits: disabled", True, "Update a", id="disabled"),
        pytest.param("commitMessagePrefix: deps", True, "deps: update a", id="a prefix goes before all of it"),
        pytest.param("commitMessagePrefix: 'deps:'", False, "deps: update a", id="a colon is added once"),
    ],
)
def test_what_a_title_begins_with(text: str, title: str, *, semantic: bool) -> None:
    configuration = read_configuration({PATHS[0]: text.encode()})

    assert title_style(configuration, semantic=semantic).titled("Update a") == title


def test_how_a_repository_is_spoken_to_by_default_is_what_is_usual() -> None:
    described = {
        key: configured(row, row.default) for key, (_, row) in EVERY_ROW.items() if key in OF_MANNERS and row.default
    }

    assert manners(described["prConcurrentLimit"]).limit == Calm().limit
    assert Schedule(windows=manners(described["schedule"]).windows or ()) == Calm().schedule
    assert manners(described["timezone"]).timezone == "UTC"


@pytest.mark.parametrize("key", [key for key, (_, row) in ROWS.items() if row.default])
async def test_the_default_that_is_described_is_what_happens_without_the_key(key: str) -> None:
    _, row = ROWS[key]
    configuration = configured(row, row.default)

    assert Policy().configured(configuration) == Policy()
    assert await seen(CASES[key], configuration) == await seen(CASES[key], Configuration())
