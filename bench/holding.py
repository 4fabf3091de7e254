"""How long the event loop of a worker holds up everything else, and what the worker holds, on the worst repositories.

GitHub and the channel are those of the demo, in this process; the worker is another one (`bench.watched`).
"""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.figures import Figure
from bench.watched import Task, Watched
from bot import lockfiles
from bot.clock import SystemClock
from bot.demo.channel.records import CONDA_FORGE, ChannelData, record
from bot.demo.channel.server import DemoChannel, ServedChannel
from bot.demo.github.server import FakeGitHub
from bot.demo.stage import APP_ID, Keys
from bot.model.manifest import Subdir
from bot.model.package import Record
from bot.model.solve import Solution, SolveRequest
from bot.relock import SolverPool
from bot.settings import ChannelSettings, Mirror

LARGE, REAL = 34_000_000, 3_000_000
"""Bytes of locks: nearly as many values as condabot reads at all, and what real repositories have."""

MANIFESTS = 400
HELD, PEAK = 0.1, 300.0
SECONDS = 100
"""How long each scan may take: how it ends is no matter here, and a bound that is met is an end like another."""

WHAT = ("a lock of 34 MB", "a lock of 3 MB", "a lock of 34 MB that stays one")
LINUX = Subdir("linux-64")
MADE = 1_700_000_000_000
PIXI_TOML = """\
[workspace]
name = "large"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
alpha = "1.0.*"
"""
ENVIRONMENT_YML = """\
name: env-{number}
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - alpha=1.0  # of {number}
  - core
"""
LOCK = """\
version: 6
environments:
  default:
    channels:
    - url: {channel}/
    packages:
      linux-64: []
  unused:
    channels:
    - url: {channel}/
    packages:
      linux-64:
{references}packages:
{packages}"""
REMARK = f"# {'a remark that stays ' * 4}\n"
FILE = CONDA_FORGE + "/noarch/package-{number:06}-1.0-pyhd8ed1ab_0.conda"
REFERENCE = "      - conda: {url}\n"
PACKAGE = """\
- conda: {url}
  sha256: {number:064x}
  md5: {number:032x}
  depends:
  - python >=3.11,<4.0a0,!=3.11.0,!=3.12.0,!=3.12.1,!=3.12.2,!=3.13.0,!=3.13.1,!=3.13.2,!=3.13.3
  license: MIT
  size: 100
  timestamp: 1700000000000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The channel, a GitHub, and a worker's settings as variables."""

    channel: DemoChannel
    github: FakeGitHub
    variables: Mapping[str, str]

    @property
    def channels(self) -> ChannelSettings:
        """How the channel is reached."""
        mirrors = tuple(map(Mirror.parse, self.variables["CONDABOT_MIRRORS"].split()))
        return ChannelSettings(mirrors=mirrors, cache_dir=Path(self.variables["CONDABOT_CACHE_DIR"]))


async def holding(folder: Path) -> AsyncIterator[Figure]:
    """Measure."""
    async with _ground(folder) as ground:
        repositories = await _repositories(ground)
        github = ground.github
        made = [github.create_repository(f"acme/{name}", files) for name, files in repositories.items()]
        installation = await github.install("acme", made)
        task = Task(
            variables=dict(ground.variables), installation=installation.id, repositories=[each.id for each in made]
        )
        watched = await _work(task)
    for what, each in zip((*WHAT, f"{MANIFESTS} manifests"), watched, strict=True):
        for figure in _figures(what, each):
            yield figure
    peak = max(each.peak for each in watched)
    yield Figure(what="  the most that the worker's own process held", value=peak, budget=PEAK, unit="MB")


def _figures(what: str, watched: Watched) -> Iterator[Figure]:
    opened = sum(line.startswith("opened ") for line in watched.outcomes)
    ended = watched.outcomes[0] if len(watched.outcomes) == 1 else f"{opened} pull requests"
    yield Figure(what=f"scan of {what} in a worker: {ended[:30]}", value=watched.seconds, unit="s")
    yield Figure(what="  longest hold of the worker's event loop", value=watched.held, budget=HELD, unit="s")
    yield Figure(what="    of that, processor time", value=watched.busy, budget=HELD, unit="s")


@asynccontextmanager
async def _ground(folder: Path) -> AsyncIterator[Ground]:
    keys = Keys.generate()
    github = FakeGitHub(
        folder / "github", keys.public_key, app_id=APP_ID, webhook_secret=secrets.token_hex(32), clock=SystemClock().now
    )
    names = (("alpha", "1.0"), ("alpha", "1.1"), ("alpha", "2.0"), ("core", "1.0"))
    records = ChannelData.of(*(record(name, version, timestamp=MADE) for name, version in names))
    async with DemoChannel(ServedChannel.of("conda-forge", records)) as channel:
        await github.start()
        variables = {
            "CONDABOT_APP_ID": str(APP_ID),
            "CONDABOT_PRIVATE_KEY": keys.private_key,
            "CONDABOT_WEBHOOK_SECRET": secrets.token_hex(32),
            "CONDABOT_GITHUB_API": github.url,
            "CONDABOT_MIRRORS": " ".join(f"{name}={url}" for name, urls in channel.mirrors.items() for url in urls),
            "CONDABOT_CACHE_DIR": str(folder / "cache"),
            "CONDABOT_SCAN_SECONDS": str(SECONDS),
            "CONDABOT_DATA_DIR": str(folder / "data"),
        }
        yield Ground(channel=channel, github=github, variables=variables)
        await github.stop()


async def _repositories(ground: Ground) -> Mapping[str, Mapping[str, str]]:
    locked = await _locked(ground.channels)
    environments = {
        f"env-{number:03}/environment.yml": ENVIRONMENT_YML.format(number=number) for number in range(MANIFESTS)
    }
    return {
        "large": {"pixi.toml": PIXI_TOML, "pixi.lock": lock(LARGE, locked)},
        "real": {"pixi.toml": PIXI_TOML, "pixi.lock": lock(REAL, locked)},
        "words": {"pixi.toml": PIXI_TOML, "pixi.lock": lock(0, locked) + REMARK * (LARGE // len(REMARK))},
        "many": environments,
    }


async def _locked(channels: ChannelSettings) -> Sequence[Record]:
    request = SolveRequest(channels=(CONDA_FORGE,), subdir=LINUX, specs=("alpha 1.0.*",), virtual_packages=())
    async with SolverPool(channels, processes=1) as pool:
        result = await pool.solve(request)
    assert isinstance(result, Solution), result
    return result.records


def lock(size: int, records: Sequence[Record]) -> str:
    """Return a `pixi.lock` of about *size* bytes: *records*, and others of an environment that no manifest has."""
    example = FILE.format(number=0)
    count = max(1, size // len(PACKAGE.format(url=example, number=0) + REFERENCE.format(url=example)))
    urls = [FILE.format(number=number) for number in range(count)]
    packages = "".join(PACKAGE.format(url=url, number=number) for number, url in enumerate(urls))
    references = "".join(REFERENCE.format(url=url) for url in urls)
    text = LOCK.format(channel=CONDA_FORGE, references=references, packages=packages)
    parsed = lockfiles.parse("pixi.lock", text.encode())
    return lockfiles.rewrite(parsed, text, {("default", str(LINUX)): tuple(records)})


async def _work(task: Task) -> list[Watched]:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.watched"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await worker.communicate(msgspec.json.encode(task))
    return [msgspec.json.decode(line, type=Watched) for line in output.splitlines()]
