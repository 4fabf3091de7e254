"""`condabot merge-lock` as git calls it: real repositories, real merges, a real solver."""

import asyncio
import os
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.demo.channel import CONDA_FORGE, ChannelData, DemoChannel, ServedChannel, record
from bot.lockfiles import parse
from tests.cli.conftest import SMALL, Condabot, run

PEOPLE = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
SOURCE = Path(__file__).parents[2]
MORE = (record("gamma", "1.0", depends=["core <2"]), record("gamma", "2.0", depends=["core >=2"]))
MANIFEST = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = "==1.0"

# what is in between keeps git from taking two lines for one place

beta = "==1.0"

# the same

"""
EMPTY = f"""\
version: 6
environments:
  default:
    channels:
    - url: {CONDA_FORGE}/
    packages: {{}}
packages: []
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository of git in the folder of `condabot`, with the merge driver that docs/commands.md shows."""

    condabot: Condabot
    environment: Mapping[str, str]

    async def git(self, *arguments: str, fails: bool = False) -> str:
        ended = await asyncio.to_thread(
            subprocess.run,
            ["git", "-C", str(self.condabot.root), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode != 0) == fails, ended.stderr
        return f"{ended.stdout}{ended.stderr}"

    async def commit(self, branch: str, manifest: str, *, at: str = "main", first: str = "") -> None:
        """Commit *manifest* to a new *branch*, with the lock brought in step with it, and with *first* before that."""
        await self.git("switch", "--quiet", "--create", branch, *([at] if branch != "main" else []))
        for text in filter(None, (first, manifest)):
            self.condabot.write({"pixi.toml": text})
            assert (await self.condabot("update", "--package", "nothing")).code in {0, 3}
        assert await asyncio.to_thread(self.in_step)
        await self.git("add", ".")
        await self.git("commit", "--quiet", "--message", branch)

    def in_step(self) -> bool:
        return run("check", "--locked", str(self.condabot.root)).code == 0

    def locked(self) -> list[str]:
        lock = parse("pixi.lock", (self.condabot.root / "pixi.lock").read_bytes())
        return sorted(each.title for each in lock.environments[0].conda.get("linux-64", ()))


@pytest.fixture
async def repository(tmp_path: Path, environment: None) -> AsyncIterator[Repository]:
    del environment
    async with DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*SMALL, *MORE))) as channel:
        condabot = Condabot(root=tmp_path / "checkout", channel=channel)
        condabot.root.mkdir()
        found = Repository(
            condabot=condabot,
            environment={
                "PATH": os.environ["PATH"],  # noqa: TID251 -- where the git program is
                "HOME": str(tmp_path),
                "GIT_CONFIG_NOSYSTEM": "1",
                "PYTHONPATH": str(SOURCE),
                "CONDABOT_CACHE_DIR": str(tmp_path / "cache"),
                **{
                    f"GIT_{who}_{what}": "x@files.example"
                    for who in ("AUTHOR", "COMMITTER")
                    for what in ("NAME", "EMAIL")
                },
            },
        )
        program = shlex.join(
            [sys.executable, "-m", "bot", "merge-lock", f"--mirror={CONDA_FORGE}={channel.url}/conda-forge"]
        )
        await found.git("init", "--quiet", "--initial-branch=none")
        await found.git("config", "merge.condabot.driver", f"{program} %O %A %B --path %P --theirs-label %Y")
        condabot.write({".gitattributes": "pixi.lock merge=condabot\n", "pixi.lock": EMPTY})
        await found.commit("main", MANIFEST)
        yield found


OURS = MANIFEST.replace('alpha = "==1.0"', 'alpha = "==1.1"')
THEIRS = MANIFEST.replace('beta = "==1.0"', 'beta = "==1.1"') + 'tool = "*"\n'
BOTH = ["alpha 1.1", "beta 1.1", "core 1.0", "tool 1.0"]
WITHOUT_BETA = MANIFEST.replace('beta = "==1.0"\n', "")


async def diverged(repository: Repository, ours: str = OURS, theirs: str = THEIRS) -> None:
    """Leave *repository* on the branch `ours`, beside the branch `theirs`."""
    await repository.commit("ours", ours)
    await repository.commit("theirs", theirs)
    await repository.git("switch", "--quiet", "ours")


async def test_two_branches_that_moved_different_packages_merge_without_a_person(repository: Repository) -> None:
    await diverged(repository)

    await repository.git("merge", "--no-edit", "theirs")

    assert repository.in_step()
    assert repository.locked() == BOTH
    assert await repository.git("status", "--porcelain") == ""


async def test_without_the_driver_git_leaves_the_same_merge_in_conflict(repository: Repository) -> None:
    await diverged(repository)
    await repository.git("config", "--unset", "merge.condabot.driver")

    assert "CONFLICT" in await repository.git("merge", "--no-edit", "theirs", fails=True)


async def test_what_does_not_fit_together_is_solved(repository: Repository) -> None:
    """Ours needs core 2; theirs added gamma, locked at the version that goes with core 1."""
    gamma = WITHOUT_BETA + 'gamma = "*"\n'
    await repository.commit("before", WITHOUT_BETA)
    await repository.commit("ours", WITHOUT_BETA.replace("==1.0", "==2.0"), at="before")
    await repository.commit("theirs", gamma, at="before", first=gamma.replace("*", "==1.0"))
    assert "gamma 1.0" in repository.locked()
    await repository.git("switch", "--quiet", "ours")

    await repository.git("merge", "--no-edit", "theirs")

    assert repository.in_step()
    assert repository.locked() == ["alpha 2.0", "core 2.0", "gamma 2.0"]


@pytest.mark.parametrize("how", [("rebase", "theirs"), ("cherry-pick", "theirs")])
async def test_a_rebase_and_a_cherry_pick_merge_too(repository: Repository, how: tuple[str, str]) -> None:
    await diverged(repository)

    await repository.git(*how)

    assert repository.in_step()
    assert repository.locked() == BOTH


async def test_what_does_not_solve_is_left_in_conflict_with_a_sentence(repository: Repository) -> None:
    """Ours needs core 2, and theirs needs core 1."""
    await repository.commit("before", WITHOUT_BETA)
    await repository.commit("ours", WITHOUT_BETA.replace("==1.0", "==2.0"), at="before")
    await repository.commit("theirs", WITHOUT_BETA + 'beta = "*"\n', at="before")
    await repository.git("switch", "--quiet", "ours")

    said = await repository.git("merge", "--no-edit", "theirs", fails=True)

    assert "condabot: pixi.lock is left in conflict: nothing that solves is in step with the merged manifest" in said
    assert (await repository.git("diff", "--name-only", "--diff-filter=U")).split() == ["pixi.lock"]


async def test_a_manifest_in_conflict_leaves_the_lock_in_conflict(repository: Repository) -> None:
    await diverged(repository, theirs=THEIRS.replace("==1.0", ">=1.0,<1.1"))

    said = await repository.git("merge", "--no-edit", "theirs", fails=True)

    assert "condabot: pixi.lock is left in conflict: pixi.toml: is in conflict itself: resolve that first" in said
    assert (await repository.git("diff", "--name-only", "--diff-filter=U")).split() == ["pixi.lock", "pixi.toml"]
    assert "<<<<<<< ours" in (repository.condabot.root / "pixi.lock").read_text()


async def test_by_hand_the_manifest_of_the_work_tree_counts(repository: Repository) -> None:
    """After a person resolved the manifest; the three states are those that git has of the lock."""
    await diverged(repository, theirs=THEIRS.replace("==1.0", ">=1.0,<1.1"))
    await repository.git("merge", "--no-edit", "theirs", fails=True)
    root = repository.condabot.root
    (root / "pixi.toml").write_text(THEIRS.replace("==1.0", "==1.1"))
    for stage, name in enumerate(("base", "ours", "theirs"), start=1):
        text = await repository.git("show", f":{stage}:pixi.lock")
        (root.parent / name).write_text(text)
    states = [str(root.parent / name) for name in ("base", "ours", "theirs")]
    mirror = f"{CONDA_FORGE}={repository.condabot.channel.url}/conda-forge"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)

        ended = await asyncio.to_thread(run, "merge-lock", *states, "--path", "pixi.lock", "--mirror", mirror)

    assert ended.code == 0
    (root / "pixi.lock").write_text((root.parent / "ours").read_text())
    assert repository.in_step()
    assert repository.locked() == BOTH
