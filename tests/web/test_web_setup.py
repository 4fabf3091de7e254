"""The page that registers the App: for one browser, once; whatever is not in order is not there."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web

from bot.demo.localhost import LocalServer
from bot.errors import AnswerLost, BadInput, CondabotError, GitHubError, GitHubUnavailable, SettingsError
from bot.github.registration import Registration, Wanted, convert, form
from bot.web.setup import COOKIE, Registrar, SetupPage
from tests.browser import form_of

API = "https://github.example/api/v3"
TOKEN = "t" * 43
NEW = Registration(
    id=77,
    slug="acme-bot",
    html_url="https://github.example/apps/acme-bot",
    client_id="Iv1.x",
    client_secret="client <secret>",  # noqa: S106 -- nobody's
    webhook_secret="webhook <secret>",  # noqa: S106 -- nobody's
    pem="pem <secret>",
)


@dataclass(slots=True, kw_only=True)
class World:
    """The page, and what it was told to do. `fails` says what goes wrong at GitHub, `full` what does on the disk."""

    page: SetupPage = field(init=False)
    url: str = ""
    codes: list[str] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    fails: CondabotError | None = None
    full: CondabotError | None = None

    async def convert(self, code: str) -> Registration:
        self.codes.append(code)
        if self.fails:
            raise self.fails
        return NEW

    def keep(self, registration: Registration) -> Path:
        if self.full:
            raise self.full
        self.kept.append(registration.id)
        return Path("/etc/condabot.env")

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, trust_env=False, follow_redirects=True)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    wanted = Wanted(url="https://condabot.example", owner="acme")
    asked = form(wanted, github_api=API, redirect_url="http://127.0.0.1:8000/setup/registered")
    registrar = Registrar(convert=world.convert, keep=world.keep)
    world.page = SetupPage(asked, registrar, url="http://127.0.0.1:8000", token=TOKEN)
    application = web.Application()
    application.add_routes(world.page.routes())
    async with LocalServer(application) as server:
        world.url = server.url
        yield world


async def state_of(person: httpx.AsyncClient, path: str = "/setup") -> str:
    """Return the state of the page's form, which GitHub sends back."""
    return parse_qs(urlsplit(form_of(await person.get(path)).action).query)["state"][0]


async def test_the_form_asks_github_for_an_app_with_our_permissions_and_nothing_else_may_be_sent(world: World) -> None:
    async with world.browser() as person:
        page = await person.get(f"/setup?token={TOKEN}")
    found = form_of(page)
    manifest = json.loads(found.fields["manifest"])

    assert found.action.startswith("https://github.example/organizations/acme/settings/apps/new?state=")
    assert manifest["hook_attributes"] == {"url": "https://condabot.example/webhook", "active": True}
    assert (manifest["name"], manifest["public"]) == ("condabot", False)
    assert "form-action https://github.example" in page.headers["Content-Security-Policy"]
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert TOKEN not in page.text


async def test_the_browser_with_the_token_registers_once(world: World) -> None:
    async with world.browser() as person:
        state = await state_of(person, f"/setup?token={TOKEN}")
        done = await person.get(f"/setup/registered?code=c0de&state={state}")
        after = [await person.get(path) for path in ("/setup", f"/setup/registered?code=c0de&state={state}")]

    assert (world.codes, world.kept, world.page.done.is_set()) == (["c0de"], [77], True)
    assert "/etc/condabot.env" in done.text
    assert "https://github.example/apps/acme-bot/installations/new" in done.text
    assert "secret" not in done.text
    assert [each.status_code for each in after] == [404, 404]


async def test_the_cookie_is_for_no_script_and_no_other_path(world: World) -> None:
    async with world.browser() as person:
        answer = await person.get(f"/setup?token={TOKEN}", follow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup")
    attributes = {each.strip() for each in answer.headers["Set-Cookie"].split(";")[1:]}
    assert attributes == {"HttpOnly", "Max-Age=3600", "Path=/setup", "SameSite=Lax"}


@pytest.mark.parametrize(
    "path",
    [
        "/setup",
        "/setup?token=",
        "/setup?token=" + "u" * 43,
        "/setup?token=%ff%00",
        "/setup/registered?code=c0de&state=",
        "/setup/registered?code=c0de",
    ],
)
async def test_without_the_token_there_is_no_page(world: World, path: str) -> None:
    async with world.browser() as stranger:
        assert (await stranger.get(path)).status_code == 404
    assert world.codes == []


async def test_the_token_counts_once_and_not_for_whoever_looks_at_the_head(world: World) -> None:
    async with world.browser() as preview, world.browser() as person, world.browser() as second:
        head = await preview.head(f"/setup?token={TOKEN}")
        first = await person.get(f"/setup?token={TOKEN}")
        later = await second.get(f"/setup?token={TOKEN}")
        again = await person.get("/setup")

    assert [each.status_code for each in (head, first, later, again)] == [405, 200, 404, 200]


async def test_a_stranger_cannot_come_back_in_place_of_the_browser_that_was_sent(world: World) -> None:
    async with world.browser() as person, world.browser() as stranger:
        state = await state_of(person, f"/setup?token={TOKEN}")
        answers = [
            await stranger.get(f"/setup/registered?code=evil&state={state}"),
            await stranger.get(f"/setup/registered?code=evil&state={state}", headers={"Cookie": f"{COOKIE}=x"}),
            await person.get("/setup/registered?code=evil"),
            await person.get("/setup/registered?code=evil&state=" + "s" * 43),
        ]

    assert [each.status_code for each in answers] == [404] * 4
    assert world.codes == []


async def test_a_state_counts_once_also_when_something_goes_wrong(world: World) -> None:
    world.fails = GitHubUnavailable("GitHub cannot be reached: <b>")
    async with world.browser() as person:
        state = await state_of(person, f"/setup?token={TOKEN}")
        failed = await person.get(f"/setup/registered?code=c0de&state={state}")
        replayed = await person.get(f"/setup/registered?code=c0de&state={state}")
        world.fails = None
        again = await person.get(f"/setup/registered?code=c1de&state={await state_of(person)}")

    assert "GitHub cannot be reached: &lt;b&gt;" in failed.text
    assert "Begin again" in failed.text
    assert (replayed.status_code, world.codes, world.kept) == (404, ["c0de", "c1de"], [77])
    assert "The App is registered" in again.text


@pytest.mark.parametrize("lost", ["the answer", "the file"])
async def test_an_app_whose_secrets_nobody_has_is_to_be_deleted(world: World, lost: str) -> None:
    world.fails = AnswerLost("GitHub's answer was lost") if lost == "the answer" else None
    world.full = SettingsError("cannot write: No space left on device") if lost == "the file" else None
    async with world.browser() as person:
        state = await state_of(person, f"/setup?token={TOKEN}")
        page = await person.get(f"/setup/registered?code=c0de&state={state}")

    assert "delete it there" in page.text
    assert not world.page.done.is_set()


@pytest.mark.parametrize(
    ("api", "owner", "address"),
    [
        ("https://api.github.com", "", "https://github.com/settings/apps/new"),
        ("https://api.github.com", "acme", "https://github.com/organizations/acme/settings/apps/new"),
        ("https://github.corp.example/api/v3", "", "https://github.corp.example/settings/apps/new"),
        ("https://api.acme.ghe.com", "", "https://acme.ghe.com/settings/apps/new"),
        ("http://127.0.0.1:1", "", "http://127.0.0.1:1/settings/apps/new"),
    ],
)
def test_each_github_has_its_own_page_for_new_apps(api: str, owner: str, address: str) -> None:
    wanted = Wanted(url="https://condabot.example", owner=owner)

    assert form(wanted, github_api=api, redirect_url="https://condabot.example/x").address == address


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(url="https://condabot.example", owner="acme/../x"),
        Wanted(url="https://condabot.example", name=""),
        Wanted(url="https://condabot.example", name="n" * 35),
        Wanted(url="https://x.example\npublic: true"),
        Wanted(url="https://user:word@x.example"),
        Wanted(url="x.example"),
    ],
)
def test_what_github_would_not_have_is_refused_here(wanted: Wanted) -> None:
    with pytest.raises(BadInput):
        form(wanted, github_api=API, redirect_url="https://condabot.example/x")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(httpx.Response(404, json={}), GitHubError, id="a code that was used"),
        pytest.param(httpx.Response(201, text="<html>"), AnswerLost, id="somebody else's answer"),
        pytest.param(httpx.Response(201, json={"id": 1, "pem": "word"}), AnswerLost, id="half of it"),
        pytest.param(httpx.ConnectError("no"), GitHubUnavailable, id="not sent"),
        pytest.param(httpx.ReadTimeout("no"), AnswerLost, id="sent"),
    ],
)
async def test_a_code_is_exchanged_once(answer: httpx.Response | Exception, error: type[Exception]) -> None:
    sent = []

    def github(request: httpx.Request) -> httpx.Response:
        sent.append(str(request.url))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(github)) as http:
        with pytest.raises(error) as raised:
            await convert(http, github_api=API, code="c0de")

    assert sent == [f"{API}/app-manifests/c0de/conversions"]
    assert type(raised.value) is error
    assert "word" not in str(raised.value)


@pytest.mark.parametrize("code", ["", "..", "a/b", "a?b", "%2e", "x" * 101])
async def test_what_is_no_code_is_not_sent(code: str) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: pytest.fail("was sent"))) as http:
        with pytest.raises(BadInput):
            await convert(http, github_api=API, code=code)


def test_a_registration_does_not_show_its_secrets() -> None:
    assert repr(NEW) == "Registration(id=77, slug='acme-bot')"
