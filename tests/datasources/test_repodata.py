"""Records keep every field that a lock holds, and every way in which a channel fails has its sentence."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bot.datasources.mirrors import canonical_url, mirrored_url
from bot.datasources.records import to_record
from bot.datasources.repodata import Repodata
from bot.demo.channel import record
from bot.egress import CONDA_DEFAULTS
from bot.errors import ChannelError
from bot.model.manifest import PackageName
from bot.model.package import Record
from bot.settings import ChannelSettings, Mirror
from tests.channels import ALIAS, SilentChannel, served, settings_for

CHANNEL = f"{ALIAS}/a"
Serve = Callable[[object], Awaitable[ChannelSettings]]


def whole_record() -> dict[str, object]:
    return {
        "name": "full",
        "version": "1.0",
        "build": "py_1",
        "build_number": 1,
        "subdir": "noarch",
        "sha256": "ab" * 32,
        "md5": "cd" * 16,
        "legacy_bz2_md5": "ef" * 16,
        "legacy_bz2_size": 7,
        "size": 8,
        "depends": ["python"],
        "constrains": ["other >1"],
        "extra_depends": {"dev": ["pytest"]},
        "features": "mkl",
        "flags": ["cpu"],
        "track_features": "one two",
        "noarch": "python",
        "license": "MIT",
        "license_family": "MIT",
        "purls": [],
        "run_exports": {"weak": ["full >=1"]},
        "timestamp": 1_700_000_000_123,
        "python_site_packages_path": "lib/site-packages",
    }


def repodata_of(*records: dict[str, object], **info: str) -> dict[str, object]:
    packages = {f"{str(each['name']).lower()}-{each['version']}-{each['build']}.conda": each for each in records}
    return {"info": {"subdir": "noarch", **info}, "packages": {}, "packages.conda": packages, "repodata_version": 2}


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """Serve a document, or text that is none, as the noarch repodata.json of a mirror of channel `a`."""
    runners: list[web.AppRunner] = []

    async def start(document: object) -> ChannelSettings:
        async def answer(_: web.Request) -> web.Response:
            text = document if isinstance(document, str) else json.dumps(document)
            return web.Response(text=text.replace("MIRROR", url))

        application = web.Application()
        application.router.add_get("/a/noarch/repodata.json", answer)
        runner = web.AppRunner(application, access_log=None)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/a"
        return ChannelSettings(mirrors=(Mirror(canonical=CHANNEL, url=url),), cache_dir=tmp_path, timeout=60)

    yield start
    await asyncio.gather(*(runner.cleanup() for runner in runners))


async def read(settings: ChannelSettings, name: str = "full") -> Record:
    [found] = await Repodata(settings).records(CHANNEL, [], [name])
    return to_record(found, settings.mirrors)


async def test_every_field_is_kept(serve: Serve) -> None:
    settings = await serve(repodata_of(whole_record()))

    assert await read(settings) == Record(
        name=PackageName("full"),
        version="1.0",
        build="py_1",
        build_number=1,
        subdir="noarch",
        url=f"{CHANNEL}/noarch/full-1.0-py_1.conda",
        sha256="ab" * 32,
        md5="cd" * 16,
        legacy_bz2_md5="ef" * 16,
        legacy_bz2_size=7,
        size=8,
        depends=("python",),
        constrains=("other >1",),
        extra_depends={"dev": ("pytest",)},
        features="mkl",
        flags=("cpu",),
        track_features=("one", "two"),
        noarch="python",
        license="MIT",
        license_family="MIT",
        purls=(),
        run_exports={"weak": ("full >=1",)},
        timestamp=1_700_000_000_123,
        python_site_packages_path="lib/site-packages",
    )


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        pytest.param({"noarch": True}, "noarch", "generic", id="a bare noarch is generic"),
        pytest.param({"noarch": False}, "noarch", None, id="noarch may be denied"),
        pytest.param({"timestamp": 1_700_000_000}, "timestamp", 1_700_000_000_000, id="seconds become milliseconds"),
        pytest.param({"timestamp": None}, "timestamp", None, id="a build time may be missing"),
        pytest.param({"purls": None}, "purls", None, id="said nothing about purls is not said none"),
    ],
)
async def test_old_and_sparse_records(serve: Serve, change: dict[str, object], field: str, value: object) -> None:
    fields = {name: each for name, each in (whole_record() | change).items() if each is not None}

    found = await read(await serve(repodata_of(fields)))

    assert getattr(found, field) == value


async def test_a_mirror_that_names_itself_in_repodata_does_not_reach_a_record(serve: Serve) -> None:
    settings = await serve(repodata_of(whole_record(), base_url="MIRROR/noarch/"))

    assert (await read(settings)).url == f"{CHANNEL}/noarch/full-1.0-py_1.conda"


@pytest.mark.parametrize("content", ["", "<html>", "[]", "{"])
async def test_what_is_not_repodata_is_said(serve: Serve, content: str) -> None:
    settings = await serve(content)

    with pytest.raises(ChannelError, match="answered with something that is not repodata") as caught:
        await read(settings)

    assert caught.value.channel == CHANNEL


async def test_a_channel_that_lists_nothing_is_taken_for_broken(tmp_path: Path) -> None:
    async with served(empty=()) as server:
        repodata = Repodata(settings_for(server, tmp_path))

        with pytest.raises(ChannelError, match="lists no package at all in linux-64, noarch"):
            await repodata.require_content(f"{ALIAS}/empty", ["linux-64"])


async def test_what_conda_lists_beside_main_may_be_empty(tmp_path: Path) -> None:
    main, *beside = CONDA_DEFAULTS
    repodata = Repodata(ChannelSettings(cache_dir=tmp_path, offline=True))

    for each in beside:
        await repodata.require_content(each.url, ["linux-64"])  # it is not even asked
    with pytest.raises(ChannelError):
        await repodata.require_content(main.url, ["linux-64"])


async def test_a_channel_that_is_silent_is_said(tmp_path: Path) -> None:
    async with SilentChannel() as silent:
        settings = ChannelSettings(mirrors=(silent.as_mirror_of("a"),), cache_dir=tmp_path, timeout=1)

        with pytest.raises(ChannelError, match=f"^Channel {CHANNEL} did not answer in time.$"):
            await read(settings)


async def test_names_of_a_channel_that_fails_are_not_an_empty_list(tmp_path: Path) -> None:
    settings = ChannelSettings(cache_dir=tmp_path, offline=True)

    with pytest.raises(ChannelError, match="is not in the cache, and condabot is offline"):
        await Repodata(settings).names(CHANNEL, "noarch")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://mirror.example/x/noarch/a.conda", f"{ALIAS}/conda-forge/noarch/a.conda"),
        ("https://mirror.example/x", f"{ALIAS}/conda-forge"),
        ("https://mirror.example/xy/noarch/a.conda", "https://mirror.example/xy/noarch/a.conda"),
        (f"{ALIAS}/conda-forge/noarch/a.conda", f"{ALIAS}/conda-forge/noarch/a.conda"),
    ],
)
def test_canonical_urls(url: str, expected: str) -> None:
    mirror = Mirror(canonical=f"{ALIAS}/conda-forge", url="https://mirror.example/x")

    assert canonical_url(url, [mirror]) == expected
    assert expected == url or mirrored_url(expected, [mirror]) == url


async def test_a_mirror_of_a_channel_is_none_of_a_channel_whose_name_goes_on(tmp_path: Path) -> None:
    """py-rattler compares texts."""
    async with served(a=(record("tool", "1"),), ab=(record("tool", "2"),)) as server:
        found = await Repodata(settings_for(server, tmp_path)).records(f"{ALIAS}/ab", ["linux-64"], ["tool"])
        alone = replace(settings_for(server, tmp_path), mirrors=(Mirror(canonical=CHANNEL, url=f"{server.url}/a"),))
        with pytest.raises(ChannelError):
            await Repodata(replace(alone, timeout=1, offline=True)).records(f"{CHANNEL}z", ["linux-64"], ["tool"])

        assert [str(each.version) for each in found] == ["2"]
        assert not [each for each in server["a"].requests if "z" in each.path.split("/")[2]]
