"""`condabot update --lock-version 7`: locks in the version that current pixi writes, only where that is asked for."""

import pytest

from bot.demo.channel.records import Record
from tests.cli.conftest import SMALL, Condabot
from tests.oracle.pixi_locked import out_of_date
from tests.oracle.pixi_manifest import declared_environments

PIXI_TOML = """\
[workspace]
name = "small"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
beta = "1.*"
"""


def lock(*records: Record) -> str:
    """Return a lock of version 6 that holds *records*."""
    selectors = "".join(f"      - conda: {url(each)}\n" for each in records)
    entries = "".join(f"- conda: {url(each)}\n  sha256: {each.sha256}\n{depends(each)}" for each in records)
    return (
        "version: 6\nenvironments:\n  default:\n    channels:\n    - url: https://conda.anaconda.org/conda-forge/\n"
        f"    packages:\n      linux-64:\n{selectors}packages:\n{entries}"
    )


def url(each: Record) -> str:
    return f"https://conda.anaconda.org/conda-forge/{each.subdir}/{each.fn}"


def depends(each: Record) -> str:
    return "".join(["  depends:\n", *(f"  - {spec}\n" for spec in each.depends)]) if each.depends else ""


BETA_OLD, BETA, CORE = SMALL[3:6]
IN_STEP = lock(BETA, CORE)
OUTDATED = lock(BETA_OLD, CORE)


@pytest.fixture
def workspace(condabot: Condabot) -> Condabot:
    (condabot.root / "environment.yml").unlink()
    condabot.write({"pixi.toml": PIXI_TOML, "pixi.lock": IN_STEP})
    return condabot


async def test_a_lock_keeps_its_version_unless_another_is_asked_for(workspace: Condabot) -> None:
    workspace.write({"pixi.lock": OUTDATED})

    ended = await workspace("update")

    assert ended.code == 0
    assert workspace.read()["pixi.lock"].startswith(b"version: 6\n")
    assert b"beta-1.1" in workspace.read()["pixi.lock"]


async def test_a_lock_with_nothing_to_update_gets_the_version_that_is_asked_for(workspace: Condabot) -> None:
    ended = await workspace("update", "--lock-version", "7", "--diff")

    text = workspace.read()["pixi.lock"].decode()
    assert ended.code == 0
    assert ended.stdout.splitlines()[:2] == ["Nothing to update.", "upgraded pixi.lock: version 7 of the format"]
    assert "-version: 6\n+version: 7\n" in ended.stdout
    assert text.startswith("version: 7\nplatforms:\n- name: linux-64\n")
    assert out_of_date(declared_environments("pixi.toml", PIXI_TOML), text) == []
    assert workspace.read()["pixi.toml"].decode() == PIXI_TOML


async def test_updates_and_the_version_come_together(workspace: Condabot) -> None:
    workspace.write({"pixi.lock": OUTDATED})

    await workspace("update", "--lock-version", "7")

    text = workspace.read()["pixi.lock"].decode()
    assert text.startswith("version: 7\n")
    assert "beta-1.1" in text


async def test_a_second_time_nothing_changes(workspace: Condabot) -> None:
    await workspace("update", "--lock-version", "7")
    before = workspace.read()

    ended = await workspace("update", "--lock-version", "7")

    assert "upgraded" not in ended.stdout
    assert workspace.read() == before


async def test_locks_are_refreshed_in_the_version_that_is_asked_for(workspace: Condabot) -> None:
    await workspace("update", "--refresh-locks", "--lock-version", "7")

    assert workspace.read()["pixi.lock"].startswith(b"version: 7\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            f"{IN_STEP}- conda: {url(CORE)}\n  size: 1\n",
            "core-1.0-pyhd8ed1ab_0.conda has 2 entries",
            id="entries",
        ),
        pytest.param("version: 5\n", "version 5 comes from an old pixi", id="an old version"),
        pytest.param("version https://git-lfs.github.com/spec/v1\n", "this is a git-LFS pointer", id="a pointer"),
    ],
)
async def test_a_lock_that_cannot_be_upgraded_is_named_and_stays(workspace: Condabot, text: str, sentence: str) -> None:
    workspace.write({"pixi.lock": text})

    ended = await workspace("update", "--lock-version", "7")

    assert ended.code == 3
    assert sentence in ended.stdout.replace("\n", " ")
    assert workspace.read()["pixi.lock"].decode() == text


async def test_a_lock_without_a_manifest_beside_it_is_nobodys(workspace: Condabot) -> None:
    workspace.write({"data/pixi.lock": IN_STEP})

    await workspace("update", "--lock-version", "7")

    assert workspace.read()["data/pixi.lock"].decode() == IN_STEP


async def test_another_version_is_no_choice(workspace: Condabot) -> None:
    ended = await workspace("update", "--lock-version", "8")

    assert ended.code == 2
    assert "'8' is not '7'" in ended.stderr
