"""What it costs to look into the archives of a proposal: 20 packages before and after, from a channel that is far away.

Every answer is 50 ms late. A package has files of a megabyte, 400 of them, with a licence and a recipe.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from aiohttp import typedefs, web

from bench.figures import Figure
from bench.measuring import median
from bot.datasources.archives import ArchiveReader
from bot.datasources.attestations import AttestationDatasource
from bot.datasources.provenance import ProvenanceDatasource
from bot.datasources.repodata import Repodata
from bot.demo.channel import CONDA_FORGE, ChannelData, ServedChannel, channel_application, record
from bot.demo.channel.archives import Archive, conda_archive
from bot.demo.localhost import LocalServer
from bot.model.manifest import PackageName
from bot.model.provenance import MovedArchive
from bot.settings import ChannelSettings, Mirror
from bot.updating.origins import Origins

PACKAGES = 20
FILES = 400
LATENCY = 0.05
RUNS = 3
_RECIPE = """\
source: {{url: https://files.example/{name}-{version}.tar.gz, sha256: {sha}}}
extra: {{recipe-maintainers: [ann]}}
"""


async def provenance(folder: Path) -> AsyncIterator[Figure]:
    """Measure the time and the bytes, with nothing in the cache."""
    archives = [_archive(f"package-{n:02}", version) for n in range(PACKAGES) for version in ("1.0", "1.1")]
    channel = ServedChannel.of("conda-forge", ChannelData.of(*(each.listed for each in archives)))
    channel.archives = {each.place: each.content for each in archives}
    counted: list[int] = []
    application = channel_application([channel])
    application.middlewares.append(_far_away(counted))
    async with LocalServer(application) as server, httpx.AsyncClient() as http:
        mirror = Mirror(canonical=CONDA_FORGE, url=f"{server.url}/conda-forge")

        async def look(run: int) -> None:
            counted.clear()
            settings = ChannelSettings(mirrors=(mirror,), cache_dir=folder / str(run))
            found = await _origins(http, settings).of(_moves(archives))
            if not all(each.before and each.after for each in found):
                raise RuntimeError("an archive was not read")

        what = f"provenance of {PACKAGES} packages, before and after, 50 ms away"
        yield Figure(what=what, value=await median(look, RUNS), unit="s", budget=3)
        yield Figure(what=f"{what}: what is read", value=sum(counted) / 1000, unit="kB", budget=4000)
        yield Figure(what=f"{what}: requests", value=len(counted), unit="requests")


def _origins(http: httpx.AsyncClient, settings: ChannelSettings) -> Origins:
    return Origins(
        provenances=ProvenanceDatasource(ArchiveReader(http, settings, check_url=lambda _: None)),
        attestations=AttestationDatasource(Repodata(settings), settings, check_url=lambda _: None),
    )


def _archive(name: str, version: str) -> Archive:
    sha = hashlib.sha256(f"{name}{version}".encode()).hexdigest()
    files = {f"lib/{name}/{n}.py": hashlib.sha512(f"{sha}{n}".encode()).digest() * 40 for n in range(FILES)}
    info = {
        "info/recipe/meta.yaml": _RECIPE.format(name=name, version=version, sha=sha).encode(),
        "info/licenses/LICENSE": (f"Licence of {name}. " * 600).encode(),
    }
    return conda_archive(record(name, version), dict(files), info=info)


def _moves(archives: list[Archive]) -> tuple[MovedArchive, ...]:
    pairs = zip(archives[::2], archives[1::2], strict=True)
    return tuple(
        MovedArchive(
            name=PackageName(old.listed.name),
            old_version=old.listed.version,
            new_version=new.listed.version,
            old_url=f"{CONDA_FORGE}/{old.place}",
            new_url=f"{CONDA_FORGE}/{new.place}",
        )
        for old, new in pairs
    )


def _far_away(counted: list[int]) -> typedefs.Middleware:
    """Return what keeps every answer back, and counts its bytes."""

    @web.middleware
    async def late(request: web.Request, handler: typedefs.Handler) -> web.StreamResponse:
        await asyncio.sleep(LATENCY)
        response = await handler(request)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            counted.append(len(response.body))
        return response

    return late
