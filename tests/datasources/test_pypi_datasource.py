"""What indexes offer, over real HTTP: unknown is never absent, and no name goes to another index."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from aiohttp import web

from bot.datasources import index_client
from bot.datasources.page_cache import CachedPage, PageCache
from bot.datasources.pypi import PypiDatasource
from bot.demo.index import DemoIndex, IndexFile, sdist, wheel
from bot.egress import EgressPolicy, default_index_url, resolve_index
from bot.errors import EgressRefused
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Channel
from bot.model.update import Absent, Lookup, Releases, Unknown
from bot.settings import Mirror, PypiSettings

LINUX, MAC = Subdir("linux-64"), Subdir("osx-arm64")
TOOL, ONLY_B, NONE = map(PackageName, ("my-tool", "only-b", "none"))
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
WHEEL = wheel("my-tool", "1.9", tags="cp312-cp312-macosx_11_0_arm64", uploaded=MARCH, requires_python=">=3.12")
Open: TypeAlias = Callable[..., PypiDatasource]


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def a() -> AsyncIterator[DemoIndex]:
    files = (WHEEL, sdist("my-tool", "1.9", uploaded=MARCH), wheel("my-tool", "1.10"), wheel("my-tool", "2", yanked=""))
    async with DemoIndex(*files, files_url="../../files") as started:
        yield started


@pytest.fixture
async def b() -> AsyncIterator[DemoIndex]:
    async with DemoIndex(wheel("my-tool", "99"), wheel("only-b", "1")) as started:
        yield started


@pytest.fixture
def datasource(http: httpx.AsyncClient, tmp_path: Path) -> Open:
    """Makes datasources that may call this machine."""

    def make(*, offline: bool = False, timeout: int = 20) -> PypiDatasource:
        settings = PypiSettings(cache_dir=tmp_path, offline=offline, timeout=timeout)
        return PypiDatasource(http, settings, check_url=only_this_machine)

    return make


def only_this_machine(url: str) -> None:
    if not url.startswith("http://127.0.0.1:"):
        raise EgressRefused("The host is not one that this bot may call.")


def index(server: DemoIndex) -> Channel:
    return resolve_index(server.url)


def versions(answer: Lookup) -> list[str]:
    assert isinstance(answer, Releases), answer
    return [each.version for each in answer.releases]


def reason(answer: Lookup) -> str:
    assert isinstance(answer, Unknown | Absent), answer
    return answer.reason


class TestReleases:
    async def test_versions_ascend_with_their_platforms_and_files(self, datasource: Open, a: DemoIndex) -> None:
        answers = await datasource().releases([index(a)], [LINUX, MAC], [TOOL])

        answer = answers[TOOL]
        assert isinstance(answer, Releases)
        older, newer = answer.releases
        assert answer.channel == index(a)
        assert (older.version, set(older.subdirs), older.built) == ("1.9", {MAC}, MARCH)
        assert [(each.is_wheel, each.requires_python) for each in older.files] == [(True, ">=3.12"), (False, "")]
        assert (newer.version, set(newer.subdirs)) == ("1.10", {LINUX, MAC})

    async def test_what_was_read_stays_and_a_new_session_sees_the_news(self, datasource: Open, a: DemoIndex) -> None:
        session = datasource()
        before = await session.releases([index(a)], [LINUX], [TOOL])
        a.publish([wheel("my-tool", "1.11")])
        after = await session.releases([index(a)], [LINUX], [TOOL])
        news = await session.new_session().releases([index(a)], [LINUX], [TOOL])

        assert before == after
        assert versions(news[TOOL]) == ["1.9", "1.10", "1.11"]

    async def test_pages_that_did_not_change_come_from_the_cache(self, datasource: Open, a: DemoIndex) -> None:
        first = await datasource().releases([index(a)], [LINUX], [TOOL])
        second = await datasource().releases([index(a)], [LINUX], [TOOL])

        assert first == second
        assert [each.status for each in a.requests] == [200, 304]


class TestIndexOrder:
    async def test_the_first_index_that_has_a_name_answers_for_it(
        self, datasource: Open, a: DemoIndex, b: DemoIndex
    ) -> None:
        answers = await datasource().releases([index(a), index(b)], [LINUX], [TOOL, ONLY_B, NONE])

        assert versions(answers[TOOL]) == ["1.9", "1.10"]
        assert versions(answers[ONLY_B]) == ["1"]
        assert reason(answers[NONE]) == f"No project is called none in {a.url}, {b.url}."
        assert isinstance(answers[NONE], Absent)

    async def test_a_project_without_releases_does_not_go_to_the_next_index(
        self, datasource: Open, b: DemoIndex
    ) -> None:
        async with DemoIndex(wheel("my-tool", "1", yanked="broken")) as emptied:
            answers = await datasource().releases([index(emptied), index(b)], [LINUX], [TOOL])

            assert answers[TOOL] == Absent(reason=f"Index {emptied.url} has the project my-tool, but no release of it.")

    async def test_without_an_index_everything_is_absent(self, datasource: Open) -> None:
        assert await datasource().releases([], [LINUX], [TOOL]) == {TOOL: Absent(reason="There is no index to ask.")}


class TestMirrors:
    async def test_pages_come_from_the_mirror_and_name_what_is_canonical(
        self, http: httpx.AsyncClient, tmp_path: Path, a: DemoIndex
    ) -> None:
        root = a.url.removesuffix("/simple")
        mirrors = (
            Mirror(canonical="https://index.example", url=f"{root}"),
            Mirror(canonical="https://index.example/simple", url=a.url),
        )
        asked: list[str] = []
        settings = PypiSettings(cache_dir=tmp_path, mirrors=mirrors)
        datasource = PypiDatasource(http, settings, check_url=asked.append)

        answer = (await datasource.releases([resolve_index("https://index.example/simple")], [LINUX], [TOOL]))[TOOL]

        assert isinstance(answer, Releases)
        assert answer.releases[0].files[0].url == f"https://index.example/files/{WHEEL.name}"
        assert asked == ["https://index.example/simple/my-tool/"]

    async def test_a_redirect_of_a_mirror_is_judged_by_its_canonical_url(
        self, http: httpx.AsyncClient, tmp_path: Path
    ) -> None:
        async with Hostile(redirect("/elsewhere")) as server:
            mirrors = (Mirror(canonical="https://index.example", url=server.url),)
            asked: list[str] = []
            settings = PypiSettings(cache_dir=tmp_path, mirrors=mirrors)
            datasource = PypiDatasource(http, settings, check_url=asked.append)

            answer = (await datasource.releases([resolve_index("https://index.example/x")], [LINUX], [TOOL]))[TOOL]

        assert "redirects more than" in reason(answer)
        assert set(asked) == {"https://index.example/x/my-tool/", "https://index.example/elsewhere"}


class TestUnknown:
    @pytest.mark.parametrize(
        ("status", "sentence"),
        [
            (500, "answered 500: that is its own trouble; it is asked again next time"),
            (401, "answered 401: it needs credentials; {advice}"),
            (403, "answered 403: it needs credentials, or refuses us; {advice}"),
            (410, "answered 410: that is its own trouble; it is asked again next time"),
            (429, "answered 429: it asks us to come less often"),
        ],
    )
    async def test_an_index_that_fails_leaves_the_name_to_no_other(
        self, datasource: Open, a: DemoIndex, b: DemoIndex, status: int, sentence: str
    ) -> None:
        a.failures["my-tool"] = status

        answers = await datasource().releases([index(a), index(b)], [LINUX], [TOOL, ONLY_B])

        advice = f"the operator of this bot can give them for {a.url} (CONDABOT_CREDENTIALS_FILE)"
        said = sentence.format(advice=advice)
        assert answers[TOOL] == Unknown(reason=f"Index {a.url} {said}.", channel=index(a))
        assert versions(answers[ONLY_B]) == ["1"]

    async def test_an_index_that_knows_only_html_is_said_so(self, datasource: Open, a: DemoIndex) -> None:
        a.in_html.add("my-tool")

        answers = await datasource().releases([index(a)], [LINUX], [TOOL])

        expected = f"Index {a.url} answered in HTML; condabot reads indexes that answer in JSON (PEP 691)."
        assert answers[TOOL] == Unknown(reason=expected, channel=index(a))

    async def test_an_index_that_is_down_is_asked_once(self, datasource: Open, a: DemoIndex) -> None:
        await a.stop()
        session = datasource()

        answers = [await session.releases([index(a)], [LINUX], [name]) for name in (TOOL, ONLY_B)]

        assert [reason(each) for answer in answers for each in answer.values()] == [
            f"Index {a.url} cannot be reached."
        ] * 2
        assert await session.new_session().releases([index(a)], [LINUX], [TOOL]) == answers[0]


class TestOffline:
    async def test_what_was_answered_once_is_answered_again(self, datasource: Open, a: DemoIndex, b: DemoIndex) -> None:
        online = await datasource().releases([index(a), index(b)], [LINUX], [TOOL, ONLY_B, NONE])
        await a.stop()
        await b.stop()

        assert await datasource(offline=True).releases([index(a), index(b)], [LINUX], [TOOL, ONLY_B, NONE]) == online

    async def test_what_is_not_in_the_cache_is_unknown(self, datasource: Open, a: DemoIndex) -> None:
        answers = await datasource(offline=True).releases([index(a)], [LINUX], [TOOL])

        sentence = f"Index {a.url} is not asked, as condabot is offline, and the cache has no answer for my-tool."
        assert answers == {TOOL: Unknown(reason=sentence, channel=index(a))}
        assert a.requests == []


class TestCache:
    PAGE = CachedPage(base_url="https://index.example/x/", etag='"1"', body=b"x")

    def test_what_is_damaged_is_not_there(self, tmp_path: Path) -> None:
        cache = PageCache(tmp_path / "cache")
        cache.store("x", self.PAGE)
        [file] = (tmp_path / "cache").iterdir()

        assert cache.load("x") == self.PAGE
        file.write_bytes(b"\x81")
        assert cache.load("x") is None

    def test_what_cannot_be_written_is_not_kept(self, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.write_bytes(b"")
        PageCache(blocked).store("x", self.PAGE)

        assert PageCache(blocked).load("x") is None

    def test_nothing_is_left_behind_when_writing_fails(self, tmp_path: Path) -> None:
        cache = PageCache(tmp_path)
        cache._path("x").mkdir()
        cache.store("x", self.PAGE)

        assert list(tmp_path.iterdir()) == [cache._path("x")]


Handler: TypeAlias = Callable[[web.Request], web.StreamResponse]


class Hostile:
    """A server that answers every request with one handler."""

    def __init__(self, handler: Handler) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.seen.append(request.path)
            return handler(request)

        self.seen: list[str] = []
        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        self._runner = web.AppRunner(application, access_log=None)

    async def __aenter__(self) -> Channel:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return resolve_index(f"http://127.0.0.1:{self._runner.addresses[0][1]}")

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


def page(**headers: str) -> Handler:
    return lambda _: web.Response(body=b"x" * 100, headers={"Content-Type": index_client.JSON} | headers)


def redirect(to: str) -> Handler:
    return lambda _: web.Response(status=302, headers={"Location": to})


class TestHostile:
    @pytest.mark.parametrize(
        ("handler", "sentence"),
        [
            pytest.param(page(), "answered with something that is not a project's page in JSON", id="no JSON"),
            pytest.param(page(**{"Content-Type": "text/plain"}), "answered in another form", id="another type"),
            pytest.param(
                page(**{"Content-Encoding": "gzip"}), "an encoding that it was not asked for", id="compressed"
            ),
            pytest.param(redirect("https://127.0.0.2/"), "leads where condabot must not go", id="to another host"),
            pytest.param(redirect("file:///etc/passwd"), "leads where condabot must not go", id="to a file"),
            pytest.param(redirect("/again"), "redirects more than 5 times", id="in circles"),
            pytest.param(redirect("http://[/"), "is not HTTP as it should be", id="to no address"),
        ],
    )
    async def test_an_answer_that_is_none_makes_the_name_unknown(
        self, datasource: Open, b: DemoIndex, handler: Handler, sentence: str
    ) -> None:
        async with Hostile(handler) as hostile:
            answers = await datasource().releases([hostile, index(b)], [LINUX], [TOOL])

        answer = answers[TOOL]
        assert isinstance(answer, Unknown)
        assert sentence in answer.reason

    async def test_a_page_is_read_no_further_than_its_bound(
        self, datasource: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(index_client, "LARGEST_PAGE", 99)
        async with Hostile(page()) as hostile:
            answers = await datasource().releases([hostile], [LINUX], [TOOL])

        assert "answered with more than 0 MB" in reason(answers[TOOL])

    async def test_a_redirect_to_the_page_is_followed(self, datasource: Open, a: DemoIndex) -> None:
        server = Hostile(lambda request: web.Response(status=301, headers={"Location": f"{a.url}{request.path}"}))
        async with server as moved:
            answers = await datasource().releases([moved], [LINUX], [TOOL])

        answer = answers[TOOL]
        assert isinstance(answer, Releases)
        assert answer.releases[0].files[0].url == f"{a.url.removesuffix('simple')}files/{WHEEL.name}"

    async def test_an_index_that_never_answers_is_given_up(self, datasource: Open) -> None:
        silent = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        async with silent:
            url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
            answers = await datasource(timeout=0).releases([resolve_index(url)], [LINUX], [TOOL])

        assert reason(answers[TOOL]) == f"Index {url} did not answer in time."

    async def test_an_etag_that_no_request_can_repeat_is_forgotten(self, datasource: Open) -> None:
        body = b'{"meta": {"api-version": "1.0"}, "name": "my-tool", "files": []}'
        seen: list[str | None] = []

        def answer(request: web.Request) -> web.Response:
            seen.append(request.headers.get("If-None-Match"))
            return web.Response(body=body, headers={"Content-Type": index_client.JSON, "ETag": '"ü"'})

        async with Hostile(answer) as hostile:
            for _ in range(2):
                await datasource().releases([hostile], [LINUX], [TOOL])

        assert seen == [None, None]


class TestIndexes:
    def test_an_index_is_known_by_its_canonical_url(self) -> None:
        assert resolve_index("HTTPS://Index.Example/Simple/").url == "https://index.example/Simple"

    def test_credentials_are_refused_and_not_repeated(self) -> None:
        with pytest.raises(EgressRefused, match="user name or password"):
            resolve_index("https://me:canary@index.example/simple")

    def test_the_default_index_may_be_called_where_its_host_is_allowed(self) -> None:
        default = resolve_index(default_index_url())
        EgressPolicy(trusted=frozenset({default.url})).check_index_url(default.url)
        EgressPolicy(allow_any_https=True).check_index_url(default.url)

        with pytest.raises(EgressRefused, match="not one that this bot may call"):
            EgressPolicy().check_index_url(default.url)

    def test_an_index_is_never_a_file(self) -> None:
        with pytest.raises(EgressRefused, match="must be an https URL, not 'file'"):
            EgressPolicy(allow_files=True).check_index_url("file:///srv/index")


def test_a_file_without_its_own_fields_has_those_of_the_demo() -> None:
    assert IndexFile(project="x", version="1", name="x-1.tar.gz").metadata == (
        b"Metadata-Version: 2.1\nName: x\nVersion: 1\n\n"
    )
    assert hashlib.sha256(b"").hexdigest() not in str(sdist("x", "1").entry(""))
