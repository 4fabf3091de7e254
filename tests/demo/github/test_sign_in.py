"""People sign in to the App, and register it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import APP_ID, MovableClock

CALLBACK = "http://127.0.0.1:8000/signed-in"
CLIENT = f"Iv1.{APP_ID}"
WANTS_JSON = {"Accept": "application/json"}
MANIFEST = {
    "name": "My Bot",
    "url": "https://bot.example",
    "redirect_url": "https://bot.example/setup",
    "hook_attributes": {"url": "https://bot.example/webhook"},
    "default_permissions": {"contents": "write"},
    "default_events": ["push"],
    "callback_urls": ["https://bot.example/signed-in"],
}


@pytest.fixture
def web(lenient_github: FakeGitHub, http: httpx.AsyncClient) -> httpx.AsyncClient:
    lenient_github.app = replace(lenient_github.app, callback_urls=(CALLBACK,))
    return http


async def sent_back(web: httpx.AsyncClient, **query: str) -> tuple[str, dict[str, str]]:
    answer = await web.get("/login/oauth/authorize", params={"client_id": CLIENT, "state": "s", **query})
    assert answer.status_code == 302
    address = urlsplit(answer.headers["location"])
    return address._replace(query="").geturl(), {name: each[0] for name, each in parse_qs(address.query).items()}


async def exchanged(github: FakeGitHub, web: httpx.AsyncClient, **asked: str) -> Mapping[str, object]:
    form = {"client_id": CLIENT, "client_secret": github.app.client_secret, **asked}
    answer = await web.post("/login/oauth/access_token", data=form, headers=WANTS_JSON)
    assert answer.status_code == 200
    tokens: Mapping[str, object] = answer.json()
    return tokens


@pytest.mark.usefixtures("installation")
async def test_a_person_signs_in_and_sees_what_is_theirs(github: FakeGitHub, web: httpx.AsyncClient) -> None:
    github.create_repository("acme/hidden", private=True)
    address, back = await sent_back(web, redirect_uri=CALLBACK)
    assert (address, back["state"]) == (CALLBACK, "s")

    tokens = await exchanged(github, web, code=back["code"], redirect_uri=CALLBACK)
    web.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    assert (await web.get("/user")).json()["login"] == "maintainer"
    installations = (await web.get("/user/installations")).json()
    assert installations["total_count"] == 1
    below = f"/user/installations/{installations['installations'][0]['id']}/repositories"
    seen = (await web.get(below)).json()["repositories"]
    assert [(each["name"], each["permissions"]["admin"]) for each in seen] == [("app", True)]
    assert (await web.get("/repos/acme/app")).status_code == 403
    assert (await web.post("/graphql", json={"query": "{ viewer { login } }"})).status_code == 401


@pytest.mark.usefixtures("installation")
async def test_a_stranger_sees_nothing(github: FakeGitHub, web: httpx.AsyncClient, installation: Installation) -> None:
    github.signed_in = github.acting_as("stranger").account
    _, back = await sent_back(web)
    tokens = await exchanged(github, web, code=back["code"])
    web.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    assert (await web.get("/user/installations")).json()["total_count"] == 0
    assert (await web.get(f"/user/installations/{installation.id}/repositories")).status_code == 404


async def test_tokens_of_people_end_and_are_refreshed(
    github: FakeGitHub, web: httpx.AsyncClient, clock: MovableClock
) -> None:
    _, back = await sent_back(web)
    tokens = await exchanged(github, web, code=back["code"])
    old = {"Authorization": f"Bearer {tokens['access_token']}"}
    refresh = {"grant_type": "refresh_token", "refresh_token": str(tokens["refresh_token"])}

    clock.advance(hours=8, minutes=1)
    assert (await web.get("/user", headers=old)).status_code == 401
    fresh = await exchanged(github, web, **refresh)

    assert (await web.get("/user", headers={"Authorization": f"Bearer {fresh['access_token']}"})).status_code == 200
    assert (await exchanged(github, web, **refresh))["error"] == "bad_refresh_token"


@pytest.mark.parametrize(
    ("query", "address", "error"),
    [
        pytest.param({"redirect_uri": "https://evil.example"}, CALLBACK, "redirect_uri_mismatch", id="another host"),
        pytest.param({"redirect_uri": f"{CALLBACK}-not"}, CALLBACK, "redirect_uri_mismatch", id="another path"),
        pytest.param({"redirect_uri": CALLBACK}, CALLBACK, "access_denied", id="the person says no"),
        pytest.param(
            {"redirect_uri": "http://127.0.0.1:9/signed-in/here"},
            "http://127.0.0.1:9/signed-in/here",
            "access_denied",
            id="below it, on another port of this machine",
        ),
    ],
)
async def test_people_are_sent_back_with_a_refusal(
    github: FakeGitHub, web: httpx.AsyncClient, query: dict[str, str], address: str, error: str
) -> None:
    github.signed_in = None

    assert await sent_back(web, **query) == (address, {"error": error, "state": "s"})


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        pytest.param({"client_secret": "guess"}, "incorrect_client_credentials", id="a wrong secret"),
        pytest.param({"code": "guess"}, "bad_verification_code", id="a wrong code"),
        pytest.param({"redirect_uri": "https://evil.example"}, "redirect_uri_mismatch", id="another address"),
        pytest.param({"code_verifier": "guess"}, "bad_verification_code", id="a wrong verifier"),
    ],
)
async def test_a_code_is_not_exchanged(
    github: FakeGitHub, web: httpx.AsyncClient, asked: dict[str, str], error: str
) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).rstrip(b"=").decode()
    _, back = await sent_back(web, code_challenge=challenge, code_challenge_method="S256")

    refused = await exchanged(github, web, **({"code": back["code"], "code_verifier": "verifier"} | asked))

    assert refused["error"] == error


async def test_a_code_is_good_once_and_for_ten_minutes(
    github: FakeGitHub, web: httpx.AsyncClient, clock: MovableClock
) -> None:
    _, first = await sent_back(web)
    assert "access_token" in await exchanged(github, web, code=first["code"])
    assert (await exchanged(github, web, code=first["code"]))["error"] == "bad_verification_code"

    _, second = await sent_back(web)
    clock.advance(minutes=11)
    assert (await exchanged(github, web, code=second["code"]))["error"] == "bad_verification_code"


async def test_answers_are_forms_unless_json_is_asked_for(github: FakeGitHub, web: httpx.AsyncClient) -> None:
    _, back = await sent_back(web)
    body = {"client_id": CLIENT, "client_secret": github.app.client_secret, "code": back["code"]}

    answer = await web.post("/login/oauth/access_token", json=body)

    assert parse_qs(answer.text)["token_type"] == ["bearer"]
    assert (await web.get("/login/oauth/authorize", params={"client_id": "other"})).status_code == 404


async def test_without_credentials_nobody_is_known(github: FakeGitHub, web: httpx.AsyncClient, token: str) -> None:
    assert (await web.get("/user")).status_code == 401
    as_installation = {"Authorization": f"Bearer {token}"}
    assert (await web.get("/user", headers=as_installation)).status_code == 403
    shown = await web.get("/users/condabot%5Bbot%5D", headers=as_installation)
    assert (shown.json()["type"], github.violations) == ("Bot", [])


@pytest.mark.parametrize("path", ["/settings/apps/new", "/organizations/acme/settings/apps/new"])
async def test_an_app_is_registered_from_a_manifest(github: FakeGitHub, http: httpx.AsyncClient, path: str) -> None:
    agreed = await http.post(path, params={"state": "s"}, data={"manifest": json.dumps(MANIFEST)})
    back = parse_qs(urlsplit(agreed.headers["location"]).query)
    assert (agreed.status_code, back["state"]) == (302, ["s"])

    made = await http.post(f"/app-manifests/{back['code'][0]}/conversions")

    assert made.status_code == 201
    app = made.json()
    assert (app["slug"], app["permissions"]) == ("my-bot", {"contents": "write"})
    assert {"client_id", "client_secret", "webhook_secret", "pem"} <= app.keys()
    now = int(github.state.now().timestamp())
    signed = jwt.encode({"iss": str(app["id"]), "iat": now - 60, "exp": now + 60}, app["pem"], "RS256")
    assert (await http.get("/app", headers={"Authorization": f"Bearer {signed}"})).json()["slug"] == "my-bot"
    assert github.webhook_url == "https://bot.example/webhook"
    github.webhook_url = None
    assert (await http.post(f"/app-manifests/{back['code'][0]}/conversions")).status_code == 404


@pytest.mark.usefixtures("github")
async def test_the_code_of_a_manifest_is_good_for_an_hour(http: httpx.AsyncClient, clock: MovableClock) -> None:
    agreed = await http.post("/settings/apps/new", data={"manifest": json.dumps(MANIFEST)})
    code = parse_qs(urlsplit(agreed.headers["location"]).query)["code"][0]
    clock.advance(hours=1, seconds=1)

    assert (await http.post(f"/app-manifests/{code}/conversions")).status_code == 404


@pytest.mark.parametrize("manifest", ["", "[]", "{}", json.dumps(MANIFEST | {"hook_attributes": {"active": True}})])
@pytest.mark.usefixtures("github")
async def test_a_wrong_manifest_is_shown_to_nobody(http: httpx.AsyncClient, manifest: str) -> None:
    assert (await http.post("/settings/apps/new", data={"manifest": manifest})).status_code == 422


async def test_the_app_finds_leaves_and_listens(
    github: FakeGitHub, as_app: httpx.AsyncClient, installation: Installation
) -> None:
    found = (await as_app.get("/orgs/acme/installation")).json()
    assert (found["id"], (await as_app.get("/users/acme/installation")).json()["id"]) == (installation.id,) * 2
    assert (await as_app.get("/orgs/nobody/installation")).status_code == 404

    changed = await as_app.patch("/app/hook/config", json={"secret": "another secret"})
    assert (changed.json()["secret"], github.app.webhook_secret) == ("********", b"another secret")

    assert (await as_app.delete(f"/app/installations/{installation.id}")).status_code == 204
    assert github.state.installations == {}


async def test_releases_have_notes(github: FakeGitHub, api: httpx.AsyncClient) -> None:
    upstream = github.create_repository("upstream/library", {"a": "b"})
    await github.owner.release(upstream, "v1", "First")
    await github.owner.release(upstream, "v2-rc", "Soon", prerelease=True)

    listed = (await api.get("/repos/upstream/library/releases")).json()

    assert [(each["tag_name"], each["body"]) for each in listed] == [("v2-rc", "Soon"), ("v1", "First")]
    assert (await api.get("/repos/upstream/library/releases/latest")).json()["tag_name"] == "v1"
    assert (await api.get("/repos/upstream/library/releases/tags/v2-rc")).json()["prerelease"] is True
    assert (await api.get("/repos/upstream/library/releases/tags/v9")).status_code == 404
    commits = (await api.get("/repos/upstream/library/commits", params={"sha": "v1"})).json()
    assert [each["sha"] for each in commits] == [upstream.head("main")]


@pytest.mark.usefixtures("github")
async def test_the_dependency_graph_takes_snapshots(api: httpx.AsyncClient, repository: Repository) -> None:
    snapshot = {
        "version": 0,
        "job": {"id": "1", "correlator": "condabot"},
        "sha": repository.head("main"),
        "ref": "refs/heads/main",
        "detector": {"name": "condabot", "version": "1", "url": "https://condabot.example"},
        "scanned": "2026-11-30T00:00:00Z",
        "manifests": {"pixi.lock": {"name": "pixi.lock", "resolved": {"numpy": {"package_url": "pkg:conda/numpy@2"}}}},
    }

    made = await api.post("/repos/acme/app/dependency-graph/snapshots", json=snapshot)

    assert (made.status_code, made.json()["result"]) == (201, "SUCCESS")
    assert repository.snapshots == [snapshot]
