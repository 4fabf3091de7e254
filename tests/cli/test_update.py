"""`condabot update`: files in place, and nothing besides."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import PATHS
from bot.demo.channel import CONDA_FORGE, DemoChannel, Record, record
from bot.demo.samples import sample_files
from bot.errors import BadInput
from bot.local.checkout import Checkout
from tests.cli.conftest import ENVIRONMENT_YML, NOW, Condabot

UPDATED = ENVIRONMENT_YML.replace("alpha=1.0", "alpha=2.0").encode()


async def test_a_manifest_is_edited_in_place_and_the_change_is_shown(condabot: Condabot) -> None:
    ended = await condabot("update")

    assert condabot.read() == {"environment.yml": UPDATED}
    assert ended.stdout.splitlines() == ["environment.yml", "    6  alpha  1.0 -> 2.0  major  (=1.0 -> =2.0)"]
    assert ended.code == 0


async def test_a_second_update_has_nothing_to_do(condabot: Condabot) -> None:
    await condabot("update")

    ended = await condabot("update", "--diff")

    assert ended.stdout.splitlines()[0] == "Nothing to update."
    assert condabot.read() == {"environment.yml": UPDATED}


async def test_diff_shows_the_changed_lines(condabot: Condabot) -> None:
    ended = await condabot("update", "--diff")

    assert "-  - alpha=1.0  # first\n+  - alpha=2.0  # first\n" in ended.stdout
    assert "--- a/environment.yml\n+++ b/environment.yml\n" in ended.stdout


TWO = ENVIRONMENT_YML.replace("core >=1.0", "core=1.0")


async def test_only_the_named_packages_move_whatever_their_spelling(condabot: Condabot) -> None:
    condabot.write({"environment.yml": TWO})

    await condabot("update", "--package", "Core")

    assert condabot.read() == {"environment.yml": TWO.replace("core=1.0", "core=2.0").encode()}


async def test_a_package_that_is_nowhere_moves_nothing(condabot: Condabot) -> None:
    ended = await condabot("update", "--package", "nowhere")

    assert ended.stdout.splitlines()[0] == "Nothing to update."
    assert condabot.read() == {"environment.yml": ENVIRONMENT_YML.encode()}


async def test_what_is_held_back_is_said(condabot: Condabot) -> None:
    condabot.write({"environment.yml": ENVIRONMENT_YML.replace("core >=1.0", "beta=1.1")})

    ended = await condabot("update")

    assert "held back alpha 2.0: alpha 2.0 does not solve" in ended.stdout
    assert b"alpha=1.1" in condabot.read()["environment.yml"]


async def test_two_lines_of_one_package_are_two_rows(condabot: Condabot) -> None:
    condabot.write({"environment.yml": ENVIRONMENT_YML.replace("  - core >=1.0\n", "  - alpha >=1.0,<2\n")})

    ended = await condabot("update", "--package", "alpha")

    rows = [line.split() for line in ended.stdout.splitlines()[1:3]]
    assert [row[:2] for row in rows] == [["6", "alpha"], ["7", "alpha"]]


async def test_a_channel_that_does_not_answer_leaves_everything_as_it_was(condabot: Condabot) -> None:
    condabot.channel["conda-forge"].failures[""] = 500

    ended = await condabot("update")

    assert ended.code == 3
    assert condabot.read() == {"environment.yml": ENVIRONMENT_YML.encode()}


async def test_a_symbolic_link_is_not_followed(condabot: Condabot, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "environment.yml"
    outside.parent.mkdir()
    outside.write_text(ENVIRONMENT_YML)
    (condabot.root / "env.yml").symlink_to(outside)
    (condabot.root / "linked").symlink_to(outside.parent, target_is_directory=True)

    await condabot("update")

    assert outside.read_text() == ENVIRONMENT_YML
    assert (condabot.root / "env.yml").is_symlink()
    assert (condabot.root / "environment.yml").read_bytes() == UPDATED


async def test_if_one_file_cannot_be_written_none_is(condabot: Condabot, monkeypatch: pytest.MonkeyPatch) -> None:
    condabot.write({"sub/environment.yml": ENVIRONMENT_YML})
    before = condabot.read()
    write = Checkout._write_beside

    def fail(self: Checkout, path: str, text: str, cleanup: object) -> Path:
        if path.startswith("sub/"):
            raise BadInput("cannot be written: Read-only file system", path=path)
        return write(self, path, text, cleanup)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(Checkout, "_write_beside", fail)

    ended = await condabot("update")

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.endswith("condabot: sub/environment.yml: cannot be written: Read-only file system\n")
    assert condabot.read() == before


async def test_a_locked_sample_is_updated_and_then_there_is_nothing_left(condabot: Condabot) -> None:
    (condabot.root / "environment.yml").unlink()
    condabot.write(sample_files("held-back"))
    async with DemoChannel() as channel:
        on_samples = Condabot(root=condabot.root, channel=channel)

        first, updated = await on_samples("update"), condabot.read()
        second = await on_samples("update")

    assert first.code == second.code == 0
    changed = first.stdout[first.stdout.index("\npixi.lock\n") :].splitlines()[2]
    assert "numpy 2.3.5 -> 2.4.6" in changed
    assert changed.endswith(" platforms)")
    assert updated.keys() == {"pixi.lock", "pixi.toml"}
    assert updated["pixi.lock"] != sample_files("held-back")["pixi.lock"]
    assert second.stdout.splitlines()[0] == "Nothing to update."
    assert condabot.read() == updated
    assert b"127.0.0.1" not in updated["pixi.lock"]


async def test_it_is_the_same_as_a_program_of_its_own(condabot: Condabot, tmp_path: Path) -> None:
    mirror = f"{CONDA_FORGE}={condabot.channel.url}/conda-forge"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "update", str(condabot.root), "--mirror", mirror),
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "CONDABOT_CACHE_DIR": str(tmp_path), "HOME": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
    )

    await process.communicate()

    assert process.returncode == 0
    assert condabot.read()["environment.yml"] == UPDATED


async def test_annotated_versions_are_updated_in_workflows_as_well(condabot: Condabot) -> None:
    text = "env:\n  # renovate: datasource=conda depName=alpha\n  ALPHA: {}\n"
    condabot.write({"environment.yml": "dependencies: []\n", ".github/workflows/test.yml": text.format("1.0")})

    assert (await condabot("update")).code == 0
    assert condabot.read()[".github/workflows/test.yml"].decode() == text.format("2.0")


async def test_annotated_versions_are_left_to_renovate_where_it_is_configured(condabot: Condabot) -> None:
    condabot.write({"Dockerfile": "# renovate: datasource=conda depName=alpha\nENV A=1.0\n", "renovate.json": "{}"})
    condabot.write({"environment.yml": "dependencies: []\n"})
    before = condabot.read()

    assert (await condabot("update")).code == 0
    assert condabot.read() == before


PIXI_TOML = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
beta = "1.0.*"
"""
PIXI_LOCK = f"""\
version: 6
environments:
  default:
    channels:
    - url: {CONDA_FORGE}/
    packages:
      linux-64:
      - conda: {CONDA_FORGE}/noarch/beta-1.0-pyhd8ed1ab_0.conda
      - conda: {CONDA_FORGE}/noarch/core-1.0-pyhd8ed1ab_0.conda
packages:
- conda: {CONDA_FORGE}/noarch/beta-1.0-pyhd8ed1ab_0.conda
  depends:
  - core <2
- conda: {CONDA_FORGE}/noarch/core-1.0-pyhd8ed1ab_0.conda
"""


async def test_locks_are_refreshed_when_that_is_asked_for_and_manifests_stay(condabot: Condabot) -> None:
    condabot.write({"pixi.toml": PIXI_TOML, "pixi.lock": PIXI_LOCK})
    condabot.channel["conda-forge"].publish([record("core", "1.5")])

    ended = await condabot("update", "--refresh-locks")
    again = await condabot("update", "--refresh-locks")

    after = condabot.read()
    assert b"core-1.5-" in after["pixi.lock"]
    assert b"core-1.0-" not in after["pixi.lock"]
    assert after["pixi.toml"].decode() == PIXI_TOML
    assert after["environment.yml"].decode() == ENVIRONMENT_YML
    title, reason, *lines = ended.stdout.splitlines()
    assert (title, reason.startswith("Its newest record was built on ")) == ("Refresh pixi.lock", True)
    assert lines[:2] == ["pixi.lock", "    core 1.0 -> 1.5 (1 environment, 1 platform)"]
    assert again.stdout.splitlines()[0] == "Nothing to update."
    assert (ended.code, again.code) == (0, 0)


async def test_locks_are_refreshed_as_the_configuration_asks_or_not_at_all(condabot: Condabot) -> None:
    condabot.write({"pixi.toml": PIXI_TOML, "pixi.lock": PIXI_LOCK, PATHS[1]: "ignorePaths: [pixi.toml]\n"})
    condabot.channel["conda-forge"].publish([record("core", "1.5")])

    ignored = await condabot("update", "--refresh-locks")
    condabot.write({PATHS[1]: "ignorePath: []\nlockAge: soon\n"})
    wrong = await condabot("update", "--refresh-locks")

    assert (ignored.stdout.splitlines()[0], ignored.code) == ("Nothing to update.", 0)
    told = wrong.stdout.replace("\n", " ")
    assert f"{PATHS[1]}:1: ignorePath: is no setting; did you mean ignorePaths?" in told
    assert f"{PATHS[1]}:2: lockAge: must be a span of time" in told
    assert wrong.code == 3
    assert condabot.read()["pixi.lock"].decode() == PIXI_LOCK


async def test_a_whole_lock_and_a_single_package_are_not_asked_for_together(condabot: Condabot) -> None:
    ended = await condabot("update", "--refresh-locks", "--package", "alpha")

    assert ended.code == 2
    assert "say one of them" in ended.stderr


async def test_a_minor_of_python_is_taken_when_it_is_asked_for(condabot: Condabot) -> None:
    condabot.channel["conda-forge"].publish([python("3.13.9", 400), python("3.14.0", 10)])
    text = ENVIRONMENT_YML + "  - python=3.13\n"
    condabot.write({"environment.yml": text})

    everything = await condabot("update")
    named = await condabot("update", "--package", "python")

    assert "python 3.14: 2 of 2 ready, due 2027-02-09" in everything.stdout
    assert condabot.read()["environment.yml"].decode().endswith("  - python=3.14\n")
    assert named.code == 0


def python(version: str, days: int) -> Record:
    return record("python", version, subdir="linux-64", timestamp=int((NOW - timedelta(days=days)).timestamp() * 1000))
