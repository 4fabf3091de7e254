"""CPU and GPU side by side: two platforms of one subdir, solved by a real solver, with and without a lock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import lockfiles
from bot.demo.channel import ChannelData, DemoChannel, ServedChannel, record
from tests.cli.conftest import Condabot
from tests.oracle.pixi_locked import out_of_date
from tests.oracle.pixi_manifest import declared_environments

LINUX = "linux-64"
CHANNEL = (
    record("torch", "1.0", subdir=LINUX, build="cpu_0"),
    record("torch", "1.0", subdir=LINUX, build="cuda_1", depends=["__cuda >=12"]),
    record("torch", "1.1", subdir=LINUX, build="cpu_0"),
    record("torch", "1.1", subdir=LINUX, build="cuda_1", depends=["__cuda >=12"]),
    record("kernel", "1.0", subdir=LINUX),
    record("kernel", "1.1", subdir=LINUX, depends=["__cuda >=12"]),
    record("kernel", "1.2", subdir=LINUX, depends=["__cuda >=13"]),
)
MANIFEST = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64", { name = "gpu-linux", subdir = "linux-64", cuda = "12.9" }]

[dependencies]
torch = "1.0.*"

[target."gpu-*".dependencies]
kernel = "1.0.*"
"""
EMPTY_LOCK = """\
version: 7
platforms:
- name: linux-64
  virtual-packages:
  - __unix=0=0
  - __linux=4.18
  - __glibc=2.28
  - __archspec=0=x86_64
- name: p1
  subdir: linux-64
  virtual-packages:
  - __cuda=12.9
  - __unix=0=0
  - __linux=4.18
  - __glibc=2.28
  - __archspec=0=x86_64
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64: []
      p1: []
packages: []
"""


@pytest.fixture
async def condabot(tmp_path: Path, environment: None) -> AsyncIterator[Condabot]:
    del environment
    async with DemoChannel(ServedChannel.of("conda-forge", ChannelData.of(*CHANNEL))) as channel:
        found = Condabot(root=tmp_path / "checkout", channel=channel)
        found.write({"pixi.toml": MANIFEST})
        yield found


def locked(condabot: Condabot) -> dict[str, list[str]]:
    """Return what the lock holds, by the names that stand in it."""
    (environment,) = lockfiles.parse("pixi.lock", condabot.read()["pixi.lock"]).environments
    return {
        name: [f"{each.name} {each.version} {each.build}" for each in rows] for name, rows in environment.conda.items()
    }


async def test_without_a_lock_each_platform_is_solved_for_itself(condabot: Condabot) -> None:
    ended = await condabot("update")

    text = condabot.read()["pixi.toml"].decode()
    assert text == MANIFEST.replace('torch = "1.0.*"', 'torch = "1.1.*"').replace(
        'kernel = "1.0.*"', 'kernel = "1.1.*"'
    )
    assert "held back kernel 1.2: kernel 1.2 does not solve in 'default' on gpu-linux" in ended.stdout


async def test_what_only_a_gpu_takes_is_held_back_where_there_is_none(condabot: Condabot) -> None:
    condabot.write({"pixi.toml": MANIFEST.replace('[target."gpu-*".dependencies]\n', "")})

    ended = await condabot("update")

    assert "held back kernel 1.2: " in ended.stdout
    assert b'kernel = "1.0.*"' in condabot.read()["pixi.toml"]


async def test_a_lock_is_written_under_the_names_that_pixi_gave_its_platforms(condabot: Condabot) -> None:
    condabot.write({"pixi.lock": EMPTY_LOCK})

    await condabot("update")
    in_step = locked(condabot)
    ended = await condabot("update")

    assert in_step == {LINUX: ["torch 1.0 cpu_0"], "p1": ["kernel 1.0 h0000000_0", "torch 1.0 cuda_1"]}
    assert locked(condabot) == {LINUX: ["torch 1.1 cpu_0"], "p1": ["kernel 1.1 h0000000_0", "torch 1.1 cuda_1"]}
    assert "(1 environment, 2 platforms)" in ended.stdout
    assert condabot.read()["pixi.lock"].decode().startswith(EMPTY_LOCK[: EMPTY_LOCK.index("environments")])


async def test_pixi_takes_such_a_lock_and_a_second_update_has_nothing_to_do(condabot: Condabot) -> None:
    condabot.write({"pixi.lock": EMPTY_LOCK})
    for _ in range(2):
        await condabot("update")
    files = condabot.read()

    ended = await condabot("update")

    declared = declared_environments("pixi.toml", files["pixi.toml"].decode())
    assert out_of_date(declared, files["pixi.lock"].decode()) == []
    assert ended.stdout.splitlines()[0] == "Nothing to update."
    assert condabot.read() == files


ROW = EMPTY_LOCK[EMPTY_LOCK.index("- name: p1") : EMPTY_LOCK.index("environments")]


@pytest.mark.parametrize(
    "lock",
    [
        pytest.param(EMPTY_LOCK.replace("      p1: []\n", "").replace(ROW, ""), id="it is new"),
        pytest.param(EMPTY_LOCK.replace("- __cuda=12.9", "- __cuda=12.6"), id="its machine is another one"),
    ],
)
async def test_a_platform_that_the_lock_does_not_have_is_added_as_pixi_names_it(condabot: Condabot, lock: str) -> None:
    condabot.write({"pixi.lock": lock})

    await condabot("update")

    text = condabot.read()["pixi.lock"].decode()
    assert list(locked(condabot).values()) == [["torch 1.0 cpu_0"], ["kernel 1.0 h0000000_0", "torch 1.0 cuda_1"]]
    assert list(locked(condabot)) in ([LINUX, "p1"], [LINUX, "p2"])
    assert out_of_date(declared_environments("pixi.toml", MANIFEST), text) == []


async def test_a_platform_that_nobody_declares_any_more_goes(condabot: Condabot) -> None:
    manifest = MANIFEST.replace(', { name = "gpu-linux", subdir = "linux-64", cuda = "12.9" }', "")
    condabot.write({"pixi.toml": manifest, "pixi.lock": EMPTY_LOCK})

    await condabot("update")

    text = condabot.read()["pixi.lock"].decode()
    assert locked(condabot) == {LINUX: ["torch 1.0 cpu_0"]}
    assert "p1" not in text
    assert out_of_date(declared_environments("pixi.toml", manifest), text) == []


async def test_version_6_holds_one_platform_of_a_subdir(condabot: Condabot) -> None:
    head = EMPTY_LOCK[EMPTY_LOCK.index("platforms") : EMPTY_LOCK.index("environments")]
    lock = EMPTY_LOCK.replace(head, "").replace("version: 7", "version: 6").replace("      p1: []\n", "")
    condabot.write({"pixi.lock": lock})

    ended = await condabot("update")

    assert "default is for several platforms of one subdir, which version 6 cannot hold" in ended.stdout + ended.stderr
    assert condabot.read()["pixi.lock"].decode() == lock
