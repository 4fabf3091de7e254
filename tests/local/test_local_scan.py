"""What of a checkout is read for a scan."""

from pathlib import Path

import pytest

from bot.config import PATH
from bot.local import checkout as module
from bot.local.checkout import Checkout
from bot.local.scan import check, read_files, update
from bot.model.report import Problem
from tests.planning.toy import record
from tests.updating.toy import Toy, scanner

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


async def test_what_is_configured_at_the_top_of_the_checkout_counts(tmp_path: Path) -> None:
    toy = Toy(record("alpha", "1.0"), record("alpha", "2.0"))
    checkout = written(
        tmp_path, {PATH: "ignorePaths: []\nignoreDeps: [alpha]\n", "tests/environment.yml": ENVIRONMENT_YML}
    )

    report = (await check(checkout, scanner(toy))).report

    assert [(each.manifest, each.reason) for each in report.statuses] == [
        ("tests/environment.yml", f"ignore: `ignoreDeps` in {PATH} names it")
    ]


async def test_with_a_configuration_that_is_wrong_nothing_is_done_and_the_line_is_named(tmp_path: Path) -> None:
    checkout = written(tmp_path, {PATH: "\nignorePath: []\n", "environment.yml": ENVIRONMENT_YML})

    scan = await update(checkout, scanner(Toy()), ())

    (problem,) = scan.report.problems
    assert str(problem) == f"{PATH}:2: ignorePath: is no setting; did you mean ignorePaths?"
    assert (scan.report.proposals, scan.report.statuses, scan.files) == ((), (), {})


def written(root: Path, files: dict[str, str]) -> Checkout:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Checkout.at(root)
