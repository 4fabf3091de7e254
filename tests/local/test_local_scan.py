"""What of a checkout is read for a scan."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import PATHS
from bot.local import checkout as module
from bot.local.checkout import Checkout
from bot.local.reading import read_files
from bot.local.scan import LocalScan, check, refresh, update
from bot.model.report import Problem
from tests.planning.toy import record
from tests.updating.test_scan import pixi_lock
from tests.updating.toy import Toy, scanner

PATH, OTHER = PATHS
ENVIRONMENT_YML = "channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n  - alpha=1.0\n"


def test_manifests_and_their_locks_are_read_and_nothing_else(tmp_path: Path) -> None:
    for path in (
        "environment.yml",
        "app/pixi.toml",
        "app/pixi.lock",
        "pixi.lock",
        "README.md",
        "tests/environment.yml",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)

    files, problems = read_files(Checkout.at(tmp_path))

    assert files == {path: path.encode() for path in ("app/pixi.lock", "app/pixi.toml", "environment.yml")}
    assert problems == ()


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "environment.yml").write_text("short")
    (tmp_path / "env-long.yml").write_text("much too long")
    monkeypatch.setattr(module, "LARGEST_FILE", 5)

    files, problems = read_files(Checkout.at(tmp_path))

    assert list(files) == ["environment.yml"]
    assert problems == (Problem(path="env-long.yml", sentence="has 13 bytes, more than the 5 that are read"),)


async def test_links_to_manifests_and_those_that_are_called_so_are_named(tmp_path: Path) -> None:
    checkout = written(tmp_path, {"environment.yml": ENVIRONMENT_YML, "README.md": ""})
    for path, target in {
        "ci-env.txt": "README.md",
        "docs/environment.yml": "../environment.yml",
        "docs/readthedocs.yml": "../environment.yml",
        "pixi.lock": "x",
        "tests/env.yml": "../environment.yml",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).symlink_to(target)

    report = (await check(checkout, scanner(Toy(record("alpha", "1.0"))))).report

    assert [(each.path, each.sentence) for each in report.recognised] == [
        ("docs/environment.yml", "a symbolic link to environment.yml, which is read there"),
        ("docs/readthedocs.yml", "a symbolic link to environment.yml, which is read there"),
        ("pixi.lock", "a symbolic link; what it leads to is read where it lies"),
    ]


async def test_what_is_configured_at_the_top_of_the_checkout_counts(tmp_path: Path) -> None:
    toy = Toy(record("alpha", "1.0"), record("alpha", "2.0"))
    checkout = written(
        tmp_path, {PATH: "ignorePaths: ['!tests/**']\nignoreDeps: [alpha]\n", "tests/environment.yml": ENVIRONMENT_YML}
    )

    report = (await check(checkout, scanner(toy))).report

    assert [(each.manifest, each.reason) for each in report.statuses] == [
        ("tests/environment.yml", "ignore: `ignoreDeps` in the configuration names it")
    ]


async def updated(checkout: Checkout, toy: Toy) -> LocalScan:
    return await update(checkout, scanner(toy), ())


async def refreshed(checkout: Checkout, toy: Toy) -> LocalScan:
    return await refresh(checkout, scanner(toy))


async def checked(checkout: Checkout, toy: Toy) -> LocalScan:
    return await check(checkout, scanner(toy))


@pytest.mark.parametrize("use", [updated, refreshed, checked])
@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param(
            {PATH: "\nignorePath: []\nlockAge: soon\n"},
            [
                f"{PATH}:2: ignorePath: is no setting; did you mean ignorePaths?",
                f"{PATH}:3: lockAge: must be a span of time such as `7 days`, `12 hours` or `2 weeks`, not `soon`",
            ],
            id="everything that is wrong is told, each with its line",
        ),
        pytest.param(
            {PATH: "", OTHER: ""},
            [f"{PATH}: stands beside {OTHER}: keep one of the two, and remove one"],
            id="two are one too many",
        ),
    ],
)
async def test_with_a_configuration_that_is_wrong_nothing_is_done(
    tmp_path: Path, use: Callable[[Checkout, Toy], Awaitable[LocalScan]], files: dict[str, str], said: list[str]
) -> None:
    checkout = written(tmp_path, {**files, "environment.yml": ENVIRONMENT_YML})

    scan = await use(checkout, Toy(record("alpha", "1.0"), record("alpha", "2.0")))

    assert [str(each) for each in scan.report.problems] == said
    assert (scan.report.proposals, scan.report.statuses, scan.files) == ((), (), {})
    assert checkout.read("environment.yml").decode() == ENVIRONMENT_YML


async def test_a_configuration_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = written(tmp_path, {PATH: "lockAge: 30 days", "environment.yml": "short"})
    monkeypatch.setattr(module, "LARGEST_FILE", 5)

    scan = await checked(checkout, Toy())

    assert [str(each) for each in scan.report.problems] == [f"{PATH}: has 16 bytes, more than the 5 that are read"]


PIXI_TOML = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
core = "*"

[environments]
default = { solve-group = "all" }
test = { solve-group = "all" }
"""
OLD, YOUNG = record("core", "1.0"), record("core", "1.1", age=timedelta(days=10))
LOCKED = {"app/pixi.toml": PIXI_TOML, "app/pixi.lock": pixi_lock((OLD,), (OLD,))}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("", True, id="by default"),
        pytest.param("minimumReleaseAge: 14 days", False, id="not with releases younger than it asks for"),
        pytest.param("ignorePaths: [app/**]", False, id="not where it says that nothing is managed"),
    ],
)
async def test_locks_are_refreshed_as_the_configuration_asks(
    tmp_path: Path, path: str, asked: str, *, expected: bool
) -> None:
    checkout = written(tmp_path, {**LOCKED, path: asked})

    scan = await refreshed(checkout, Toy(OLD, YOUNG))

    assert scan.report.problems == ()
    assert ("core-1.1" in checkout.read("app/pixi.lock").decode()) is expected


def written(root: Path, files: dict[str, str]) -> Checkout:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Checkout.at(root)
