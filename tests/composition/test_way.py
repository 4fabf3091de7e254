"""A process and its children reach what they may, by the way that they are given, and show nothing of it."""

from collections.abc import AsyncIterator, Iterator, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bot.cli.options import process_environment
from bot.composition.egress import egress_policy
from bot.composition.targets import open_targets
from bot.composition.way import PROXY_VARIABLES, Way, guarded, redactor
from bot.credentials import Basic, Bearer, CondaToken, Credential
from bot.datasources.conda import CondaDatasource
from bot.datasources.pypi import PypiDatasource
from bot.demo.channel import record
from bot.demo.channel.server import DemoChannel
from bot.demo.index import DemoIndex, wheel
from bot.demo.index.server import FILES_URL
from bot.errors import EgressRefused
from bot.model.bundle import TargetKind
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.model.pypi_index import default_index_url
from bot.model.pypi_solve import PypiRequest, PypiSolution
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult
from bot.model.update import Releases, Unknown
from bot.relock import SolverPool
from bot.relock.pool import SolverSession
from bot.relock.protocol import Hello, encode
from bot.relock.pypi import UvLimits, UvResolver
from bot.settings import AppSettings, ChannelSettings, Mirror, PypiSettings, Settings, Sources
from bot.targets import Target
from tests.channels import ALIAS, served
from tests.doors import Door, anybody, basic, bearer, conda_token, secret
from tests.handover.conda_store import TOKEN, FakeCondaStore
from tests.handover.parcels import parcel

PYPI = default_index_url().rstrip("/")

LINUX = Subdir("linux-64")
APP = AppSettings(app_id="7", private_key="key", webhook_secrets=("w" * 40,), github_api="http://127.0.0.1:1")
MINE, OTHER = 7, 8


@pytest.fixture
def environment() -> Iterator[MutableMapping[str, str]]:
    """That of this process, which HTTP clients read."""
    names = {*PROXY_VARIABLES, "NO_PROXY", "no_proxy"}
    environment = process_environment()
    before = {name: environment.get(name) for name in names}
    yield environment
    assert {name: environment.get(name) for name in names} == before


@pytest.fixture
async def channel() -> AsyncIterator[DemoChannel]:
    async with served(private=(record("tool", "1"), record("tool", "2"))) as server:
        yield server


@pytest.fixture
async def index() -> AsyncIterator[DemoIndex]:
    async with DemoIndex(wheel("thing", "1.0"), files_url="../../files") as server:
        yield server


def settings(folder: Path, *credentials: Credential, mirrors: tuple[Mirror, ...] = ()) -> Settings:
    return Settings(
        channels=ChannelSettings(mirrors=mirrors, cache_dir=folder / "cache", timeout=60),
        pypi=PypiSettings(mirrors=mirrors, cache_dir=folder / "cache"),
        data_dir=folder,
        credentials=credentials,
        app=APP,
    )


def credential(prefix: str, proof: Bearer | Basic, *installations: int) -> Credential:
    return Credential(
        prefix=prefix, proof=proof, setting="TEST", installations=frozenset(installations) if installations else None
    )


@asynccontextmanager
async def pools(found: Settings, way: Way) -> AsyncIterator[SolverPool]:
    async with SolverPool(found.channels, processes=1, environment=way.environment) as pool:
        yield pool


class _Of:
    """Solvers, as the attendant of an installation asks them."""

    def __init__(self, pool: SolverPool, sources: Sources) -> None:
        self._pool, self._sources = pool, sources

    async def answer(self, question: bytes) -> bytes:
        return await self._pool.answer_from(self._sources.channels, question)


async def solve(pool: SolverPool, sources: Sources, *channels: str) -> SolveResult:
    request = SolveRequest(channels=channels, subdir=LINUX, specs=("tool",), virtual_packages=())
    return await SolverSession(_Of(pool, sources), pool.generation()).solve(request)


def texts_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() + str(path).encode() for path in sorted(folder.rglob("*")) if path.is_file())


def forms(word: str) -> list[bytes]:
    return [word.encode(), quote(word, safe="").encode()]


async def test_a_private_channel_is_solved_from_by_its_installation_alone(
    channel: DemoChannel, tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    word = secret()
    async with Door(channel.url, basic("me", word)) as door:
        url = f"{door.url}/private"
        found = settings(tmp_path, credential(url, Basic("me", word), MINE))
        async with guarded(found, APP.github_api, environment) as way, pools(found, way) as pool:
            mine = await solve(pool, way.sources(MINE), url)
            other = await solve(pool, way.sources(OTHER), url)
            looked_up = [
                await CondaDatasource(way.sources(each).channels).releases(
                    [Channel(name=url, url=url)], [LINUX], [PackageName("tool")]
                )
                for each in (MINE, OTHER)
            ]
            told = encode(Hello(channels=way.sources(MINE).channels, memory=1))

    assert isinstance(mine, Solution)
    assert [each.url for each in mine.records] == [f"{url}/noarch/tool-2-pyhd8ed1ab_0.conda"]
    assert isinstance(other, NotSolved)
    assert isinstance(looked_up[0][PackageName("tool")], Releases)
    assert isinstance(looked_up[1][PackageName("tool")], Unknown)
    assert all(each.fields.get("Authorization") is None for each in door.strangers)
    cached = texts_below(tmp_path)
    assert not [form for form in forms(word) if form in told + cached]
    assert (tmp_path / "cache/private/7/repodata").is_dir()
    assert b"tool" not in texts_below(tmp_path / "cache/repodata")


async def test_only_an_installation_with_credentials_may_name_what_they_are_for(
    tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    url = "http://conda.internal:8080/private"
    found = settings(tmp_path, credential(url, Bearer("abc"), MINE))
    async with guarded(found, APP.github_api, environment) as way:
        mine, other = (
            egress_policy(each.channels, each.indexes, found.egress) for each in map(way.sources, (MINE, OTHER))
        )

    for policy in (mine, other):
        with pytest.raises(EgressRefused):
            policy.check_channel_url("http://conda.internal:8080/private2")
    mine.check_channel_url(url)
    mine.check_index_url(f"{url}/x")
    with pytest.raises(EgressRefused):
        other.check_channel_url(url)


async def test_refused_credentials_are_said_to_be_so_and_which(
    channel: DemoChannel, tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    async with Door(channel.url, bearer("right")) as door:
        url = f"{door.url}/private"
        found = settings(tmp_path, credential(url, Bearer("wrong-one")))
        async with guarded(found, APP.github_api, environment) as way, pools(found, way) as pool:
            result = await solve(pool, way.sources(MINE), url)

    assert result == NotSolved(
        reason=f"Channel {url} answered 401: it needs credentials; those that the operator of this bot has for {url}"
        " (CONDABOT_CREDENTIALS_FILE) do not open it."
    )


async def test_a_private_index_is_looked_up_and_resolved_from(
    index: DemoIndex, tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    word = secret()
    async with Door(index.url.removesuffix("/simple"), basic("me", word)) as door:
        found = settings(tmp_path, credential(door.url, Basic("me", word)))
        url = f"{door.url}/simple"
        async with (
            guarded(found, APP.github_api, environment) as way,
            httpx.AsyncClient(proxy=way.environment["HTTP_PROXY"]) as http,
        ):
            sources = way.sources(MINE)
            policy = egress_policy(sources.channels, sources.indexes, found.egress)
            datasource = PypiDatasource(http, sources.indexes, check_url=policy.check_index_url)
            looked_up = await datasource.releases([Channel(name=url, url=url)], [LINUX], [PackageName("thing")])
            resolver = UvResolver(
                http, sources.indexes, egress=policy, environment=way.environment, limits=UvLimits(again=0)
            )
            resolved = await resolver.resolve(
                PypiRequest(requirements=("thing",), python="3.12", subdir=LINUX, virtual_packages=(), indexes=(url,))
            )
            scratched = texts_below(sources.indexes.private.scratch_dir or tmp_path)

    assert isinstance(looked_up[PackageName("thing")], Releases)
    assert isinstance(resolved, PypiSolution), resolved
    assert [each.url for each in resolved.packages] == [
        f"{url.removesuffix('/simple')}/files/thing-1.0-py3-none-any.whl"
    ]
    assert door.strangers == []
    assert not [form for form in forms(word) if form in texts_below(tmp_path) + scratched]
    assert not (tmp_path / "cache/simple").exists()


async def test_a_mirror_with_a_password_works_beside_github_and_is_never_named(
    channel: DemoChannel, index: DemoIndex, tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    word = secret()
    async with AsyncExitStack() as stack:
        github = await stack.enter_async_context(Door(channel.url, anybody))
        conda = await stack.enter_async_context(Door(channel.url, basic("me", word)))
        pypi = await stack.enter_async_context(Door(index.url.removesuffix("/simple"), basic("me", word)))
        said = f"me:{quote(word, safe='')}@127.0.0.1"
        mirrors = (
            Mirror.parse(f"{ALIAS}=http://{said}:{conda.port}"),
            Mirror.parse(f"{PYPI}=http://{said}:{pypi.port}/simple"),
            Mirror.parse(f"{FILES_URL}=http://{said}:{pypi.port}/files"),
        )
        app = replace(APP, github_api=github.url)
        found = settings(tmp_path, mirrors=mirrors)
        way = await stack.enter_async_context(guarded(found, app.github_api, environment))
        pool = await stack.enter_async_context(pools(found, way))
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{github.url}/private/noarch/repodata.json")).status_code == 200
        solved = await solve(pool, way.sources(MINE), f"{ALIAS}/private")
        http = await stack.enter_async_context(httpx.AsyncClient(proxy=way.environment["HTTP_PROXY"]))
        sources = way.sources(MINE)
        policy = egress_policy(sources.channels, sources.indexes, found.egress)
        resolver = UvResolver(
            http, sources.indexes, egress=policy, environment=way.environment, limits=UvLimits(again=0)
        )
        request = PypiRequest(
            requirements=("thing",),
            python="3.12",
            subdir=LINUX,
            virtual_packages=(),
            indexes=(PYPI,),
        )
        resolved = await resolver.resolve(request)

    assert isinstance(solved, Solution)
    assert [each.url for each in solved.records] == [f"{ALIAS}/private/noarch/tool-2-pyhd8ed1ab_0.conda"]
    assert isinstance(resolved, PypiSolution), resolved
    assert [each.url for each in resolved.packages] == [f"{FILES_URL}/thing-1.0-py3-none-any.whl"]
    assert way.sources(MINE) == way.sources(OTHER)
    assert word not in repr(found)


async def test_children_go_by_one_proxy_and_this_process_by_another(
    tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    environment["NO_PROXY"] = "127.0.0.1"
    try:
        async with guarded(settings(tmp_path), APP.github_api, environment) as way:
            own = {environment[name] for name in PROXY_VARIABLES}
            theirs = {way.environment[name] for name in PROXY_VARIABLES}

            assert len(own | theirs) == 2
            assert all(url.startswith("http://127.0.0.1:") for url in own | theirs)
            assert not {"NO_PROXY", "no_proxy"} & ({*environment} | {*way.environment})
        assert environment["NO_PROXY"] == "127.0.0.1"
    finally:
        del environment["NO_PROXY"]


async def test_a_child_reaches_neither_github_nor_what_has_credentials(
    channel: DemoChannel, tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    async with Door(channel.url, anybody) as github, Door(channel.url, bearer("abc")) as private:
        found = settings(tmp_path, credential(private.url, Bearer("abc")))
        async with (
            guarded(found, github.url, environment) as way,
            httpx.AsyncClient(proxy=way.environment["HTTP_PROXY"]) as child,
        ):
            answers = [await child.get(f"{each.url}/private/noarch/repodata.json") for each in (github, private)]

    assert [each.status_code for each in answers] == [403, 403]
    assert github.heard == private.heard == []


async def test_a_token_in_a_url_goes_on_to_nobody(
    channel: DemoChannel, tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    """py-rattler sends on as `Referer` where it was redirected from."""
    token = "abcdefgh"  # noqa: S105 -- of no one
    async with AsyncExitStack() as stack:
        elsewhere = await stack.enter_async_context(Door(channel.url, anybody))
        door = await stack.enter_async_context(Door(channel.url, conda_token(token)))
        for name in ("repodata_shards.msgpack.zst", "repodata.json.zst", "repodata.json.bz2", "repodata.json"):
            for subdir in ("noarch", "linux-64"):
                door.redirects[f"/private/{subdir}/{name}"] = f"{elsewhere.url}/private/{subdir}/{name}"
        url = f"{door.url}/private"
        found = settings(tmp_path, Credential(prefix=url, proof=CondaToken(token), setting="TEST"))
        found = replace(found, channels=replace(found.channels, channel_alias=elsewhere.url))
        way = await stack.enter_async_context(guarded(found, APP.github_api, environment))
        pool = await stack.enter_async_context(pools(found, way))
        result = await solve(pool, way.sources(MINE), url)

    assert isinstance(result, Solution), (result, door.heard, elsewhere.heard)
    assert elsewhere.heard
    assert token not in str([(each.path, each.fields) for each in elsewhere.heard])


async def test_a_target_is_called_by_this_process_and_by_no_child(
    tmp_path: Path, environment: MutableMapping[str, str]
) -> None:
    async with FakeCondaStore() as store:
        team = Target(name="team", kind=TargetKind.CONDA_STORE, url=f"{store.url}/conda-store", proof=Bearer(TOKEN))
        found = replace(settings(tmp_path), targets=(team,))
        async with (
            guarded(found, APP.github_api, environment) as way,
            open_targets(found) as targets,
            httpx.AsyncClient(proxy=way.environment["HTTP_PROXY"]) as child,
        ):
            place = await targets.hand_over["team"](parcel({"conda-lock.yml": "package: []"}))
            refused = await child.get(f"{team.url}/api/v1/environment/acme/app/")

    assert place == "acme/app, build 1"
    assert (refused.status_code, store.requests) == (HTTPStatus.FORBIDDEN, ["GET", "POST"])


def test_the_redactor_knows_every_secret_of_the_settings(tmp_path: Path) -> None:
    words = {name: secret() for name in ("bearer", "mirror", "proxy", "database", "webhook", "key", "target")}
    targets = tmp_path / "targets.toml"
    targets.write_text(
        "[[target]]\nname = 'team'\nkind = 'conda-store'\nurl = 'https://store.example'\n"
        f"user = 'me'\npassword = '{words['target']}'\n"
    )
    environment: Mapping[str, str] = {
        "CONDABOT_CREDENTIALS": "[[credential]]\nprefix = 'https://a.example'\nuser = 'me'\n"
        f"password = '{words['bearer']}'",
        "CONDABOT_MIRRORS": f"https://a.example=https://me:{quote(words['mirror'], safe='')}@b.example",
        "HTTPS_PROXY": f"http://me:{quote(words['proxy'], safe='')}@proxy.example:1",
        "DATABASE_URL": f"postgresql://me:{quote(words['database'], safe='')}@db.example/x",
        "CONDABOT_APP_ID": "7",
        "CONDABOT_WEBHOOK_SECRET": words["webhook"] * 2,
        "CONDABOT_PRIVATE_KEY": words["key"],
        "CONDABOT_TARGETS_FILE": str(targets),
    }

    redact = redactor(Settings.from_env(environment))

    for word in {**words, "webhook": words["webhook"] * 2}.values():
        for form in forms(word):
            assert redact(f"before {form.decode()} after") == "before *** after"
