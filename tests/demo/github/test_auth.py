"""Who may do what: JSON web tokens, installation tokens, permissions, expiry."""

import base64
from datetime import timedelta

import httpx
import jwt
import pytest

from bot.demo.github.auth import create_token
from bot.demo.github.errors import ApiError
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import APP_ID, AppKey, MovableClock


async def narrowed(http: httpx.AsyncClient, installation: Installation, app_jwt: str, **body: object) -> httpx.Response:
    return await http.post(
        f"/app/installations/{installation.id}/access_tokens",
        json=body,
        headers={"Authorization": f"Bearer {app_jwt}"},
    )


async def test_a_token_is_long_has_dots_and_lives_for_an_hour(token: str, github: FakeGitHub) -> None:
    assert token.startswith(f"ghs_{APP_ID}_")
    assert token.count(".") == 2
    assert len(token) > 500
    lifetime = github.state.tokens[token].expires_at - github.state.now()
    assert timedelta(minutes=59) < lifetime <= timedelta(hours=1)


async def test_an_expired_token_is_refused(github: FakeGitHub, api: httpx.AsyncClient, clock: MovableClock) -> None:
    assert (await api.get("/repos/acme/app")).status_code == 200

    clock.advance(minutes=61)

    response = await api.get("/repos/acme/app")
    assert (response.status_code, response.json()["message"]) == (401, "Bad credentials")
    assert github.requests[-1].status == 401


async def test_a_revoked_token_is_refused(github: FakeGitHub, api: httpx.AsyncClient) -> None:
    assert (await api.delete("/installation/token")).status_code == 204

    assert (await api.get("/repos/acme/app")).status_code == 401
    assert github.state.tokens == {}


async def test_another_repository_does_not_exist(github: FakeGitHub, api: httpx.AsyncClient) -> None:
    github.create_repository("acme/secret", {"a": "b"}, private=True)

    assert (await api.get("/repos/acme/secret")).status_code == 404
    assert (await api.get("/repos/acme/secret/contents/a")).status_code == 404


async def test_a_token_narrowed_to_one_repository_sees_only_that_one(
    github: FakeGitHub, http: httpx.AsyncClient, installation: Installation, repository: Repository, app_jwt: str
) -> None:
    other = github.create_repository("acme/other", {"a": "b"}, private=True)
    await installation.add_repositories([other])

    made = await narrowed(http, installation, app_jwt, repository_ids=[repository.id], permissions={"contents": "read"})
    http.headers["Authorization"] = f"token {made.json()['token']}"

    assert made.json()["permissions"] == {"metadata": "read", "contents": "read"}
    assert [each["full_name"] for each in made.json()["repositories"]] == ["acme/app"]
    assert (await http.get("/repos/acme/other")).status_code == 404
    listed = (await http.get("/installation/repositories")).json()
    assert [each["name"] for each in listed["repositories"]] == ["app"]


async def test_a_missing_permission_is_named(
    github: FakeGitHub, http: httpx.AsyncClient, installation: Installation, app_jwt: str
) -> None:
    made = await narrowed(http, installation, app_jwt, permissions={"contents": "read"})
    http.headers["Authorization"] = f"Bearer {made.json()['token']}"

    refused = await http.post("/repos/acme/app/git/blobs", json={"content": "x"})

    assert refused.status_code == 403
    assert refused.json()["message"] == "Resource not accessible by integration"
    assert refused.headers["x-accepted-github-permissions"] == "contents=write"
    assert github.violations == []


async def test_permissions_without_use_are_reported(github: FakeGitHub, api: httpx.AsyncClient, token: str) -> None:
    await api.get("/repos/acme/app/pulls")

    assert {"checks=write", "contents=write", "pull_requests=write"} <= github.unused_permissions()[token]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param({"permissions": {"administration": "write"}}, "not granted", id="a permission never granted"),
        pytest.param({"permissions": {"statuses": "write"}}, "not granted", id="a higher level than granted"),
        pytest.param({"repository_ids": [1]}, "not accessible", id="a repository outside the installation"),
        pytest.param({"repositories": ["secret"]}, "not accessible", id="the name of another repository"),
    ],
)
@pytest.mark.usefixtures("github")
async def test_a_token_cannot_be_wider_than_the_installation(
    http: httpx.AsyncClient, installation: Installation, app_jwt: str, body: dict[str, object], reason: str
) -> None:
    refused = await narrowed(http, installation, app_jwt, **body)

    assert refused.status_code == 422
    assert reason in refused.json()["message"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"exp": 700}, "too far in the future", id="valid for more than ten minutes"),
        pytest.param({"exp": -1}, "'exp'", id="expired"),
        pytest.param({"iat": 5}, "'iat'", id="issued in the future, by however little"),
        pytest.param({"iat": "1"}, "'iat'", id="issued at a moment in words"),
        pytest.param({"iss": "7"}, "'iss'", id="of another App"),
        pytest.param({"iss": None}, "could not be decoded", id="without issuer"),
    ],
)
async def test_a_wrong_json_web_token_is_refused(
    github: FakeGitHub,
    http: httpx.AsyncClient,
    app_key: AppKey,
    change: dict[str, object],
    words: str,
) -> None:
    now = int(github.state.now().timestamp())
    claims: dict[str, object] = {"iss": str(APP_ID), "iat": now - 60, "exp": now + 500}
    for name, value in change.items():
        claims[name] = now + value if isinstance(value, int) else value
    encoded = jwt.encode({name: each for name, each in claims.items() if each is not None}, app_key.private, "RS256")

    refused = await http.get("/app", headers={"Authorization": f"Bearer {encoded}"})

    assert refused.status_code == 401
    assert words in refused.json()["message"]


async def test_a_clock_that_differs_is_noticed(
    github: FakeGitHub, as_app: httpx.AsyncClient, installation: Installation
) -> None:
    assert installation.selection == "selected"
    assert (await as_app.get("/app")).status_code == 200

    github.clock_offset = timedelta(minutes=-2)
    assert "'exp'" in (await as_app.get("/app")).json()["message"]

    github.clock_offset = timedelta(minutes=10)
    assert "'exp'" in (await as_app.get("/app")).json()["message"]


@pytest.mark.usefixtures("github")
async def test_the_app_may_sign_with_its_client_id(http: httpx.AsyncClient, app_key: AppKey, app_jwt: str) -> None:
    claims = jwt.decode(app_jwt, app_key.public, algorithms=["RS256"]) | {"iss": f"Iv1.{APP_ID}"}
    encoded = jwt.encode(claims, app_key.private, "RS256")

    assert (await http.get("/app", headers={"Authorization": f"Bearer {encoded}"})).status_code == 200


async def test_a_token_may_be_of_the_short_format(
    github: FakeGitHub, http: httpx.AsyncClient, installation: Installation, app_jwt: str
) -> None:
    github.state.long_tokens = False

    token = (await narrowed(http, installation, app_jwt)).json()["token"]

    assert len(token) == 40
    assert (await http.get("/repos/acme/app", headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def test_a_token_for_no_repository_in_particular_is_for_all_of_the_installation(
    github: FakeGitHub, http: httpx.AsyncClient, app_jwt: str
) -> None:
    github.create_repository("wide/one", {"a": "b"}, private=True)
    installation = await github.install("wide", None)

    token = (await narrowed(http, installation, app_jwt)).json()
    github.create_repository("wide/two", {"a": "b"}, private=True)
    http.headers["Authorization"] = f"Bearer {token['token']}"

    assert token["repository_selection"] == "all"
    listed = (await http.get("/installation/repositories")).json()
    assert (listed["total_count"], listed["repository_selection"]) == (2, "all")
    assert (await http.get("/repos/wide/two")).status_code == 200


async def test_the_repositories_of_an_installation_are_paged(
    github: FakeGitHub, installation: Installation, api: httpx.AsyncClient
) -> None:
    await installation.add_repositories([github.create_repository(f"acme/r{number}") for number in range(4)])

    first = await api.get("/installation/repositories", params={"per_page": 2})
    second = await api.get(first.links["next"]["url"])
    last = await api.get(first.links["last"]["url"])

    assert [each["name"] for each in (first.json()["repositories"] + second.json()["repositories"])] == [
        "app",
        "r0",
        "r1",
        "r2",
    ]
    assert (first.json()["total_count"], [each["name"] for each in last.json()["repositories"]]) == (5, ["r3"])


async def test_a_public_repository_is_read_by_everybody_and_changed_by_nobody_else(
    github: FakeGitHub, api: httpx.AsyncClient
) -> None:
    github.create_repository("upstream/library", {"a": "b"})

    assert (await api.get("/repos/upstream/library/contents/a")).status_code == 200
    refused = await api.post("/repos/upstream/library/issues", json={"title": "T"})
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ghs_unknown", "Bearer a.b.c"])
@pytest.mark.usefixtures("github")
async def test_unknown_credentials_are_refused(http: httpx.AsyncClient, header: str) -> None:
    assert (await http.get("/app", headers={"Authorization": header})).status_code == 401


@pytest.mark.usefixtures("github", "installation")
async def test_the_app_sees_itself_and_its_installations(as_app: httpx.AsyncClient, installation: Installation) -> None:
    app = (await as_app.get("/app")).json()
    listed = (await as_app.get("/app/installations")).json()
    one = (await as_app.get(f"/app/installations/{installation.id}")).json()
    found = (await as_app.get("/repos/acme/app/installation")).json()

    assert (app["slug"], app["id"]) == ("condabot", APP_ID)
    assert [each["id"] for each in listed] == [one["id"]] == [found["id"]] == [installation.id]
    assert (await as_app.get("/app/installations/99")).status_code == 404
    assert (await as_app.get("/app/installations/none")).status_code == 404


@pytest.mark.usefixtures("github", "installation")
async def test_each_credential_is_refused_where_the_other_belongs(api: httpx.AsyncClient, app_jwt: str) -> None:
    assert (await api.get("/app/installations")).status_code == 401
    app = {"Authorization": f"Bearer {app_jwt}"}
    assert (await api.get("/repos/acme/app", headers=app)).status_code == 401
    assert (await api.post("/graphql", json={"query": "{ viewer { login } }"}, headers=app)).status_code == 401


@pytest.mark.usefixtures("installation")
async def test_a_repository_without_the_app_has_no_installation(github: FakeGitHub, as_app: httpx.AsyncClient) -> None:
    github.create_repository("acme/bare")

    assert (await as_app.get("/repos/acme/bare/installation")).status_code == 404


@pytest.mark.usefixtures("github")
async def test_a_suspended_installation_gets_no_token_and_its_tokens_do_nothing(
    api: httpx.AsyncClient, installation: Installation, app_jwt: str
) -> None:
    await installation.suspend()

    assert (await api.get("/repos/acme/app")).status_code == 403
    assert (await narrowed(api, installation, app_jwt)).status_code == 403

    await installation.unsuspend()
    assert (await api.get("/repos/acme/app")).status_code == 200


@pytest.mark.usefixtures("github")
async def test_the_tokens_of_a_deleted_installation_are_dead(
    api: httpx.AsyncClient, installation: Installation
) -> None:
    await installation.delete()

    assert (await api.get("/repos/acme/app")).status_code == 401


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", ".github/workflows/new.yml"])
async def test_a_workflow_needs_its_own_permission(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository, path: str
) -> None:
    entry = {"path": path, "mode": "100644", "type": "blob", "content": "on: pull_request_target\n"}

    refused = await api.post("/repos/acme/app/git/trees", json={"base_tree": repository.head("main"), "tree": [entry]})

    assert refused.status_code == 403
    assert refused.headers["x-accepted-github-permissions"] == "workflows=write"
    assert github.requests[-1].needed[-1][0].name == "workflows"


async def test_an_archived_repository_is_read_only(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository
) -> None:
    repository.archived = True

    assert (await api.get("/repos/acme/app")).json()["archived"]
    content = base64.b64encode(b"x").decode()
    refused = await api.post("/repos/acme/app/git/blobs", json={"content": content, "encoding": "base64"})
    assert refused.status_code == 403
    assert not github.requests[-1].is_write


@pytest.mark.usefixtures("github")
async def test_a_token_has_a_limit_of_repositories(
    http: httpx.AsyncClient,
    installation: Installation,
    repository: Repository,
    app_jwt: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.demo.github.auth.REPOSITORIES_PER_TOKEN", 0)

    assert (await narrowed(http, installation, app_jwt, repository_ids=[repository.id])).status_code == 422


async def test_a_repository_taken_away_is_gone_for_running_tokens(
    github: FakeGitHub, api: httpx.AsyncClient, installation: Installation, repository: Repository
) -> None:
    repository.private = True
    await installation.remove_repositories([repository])

    assert (await api.get("/repos/acme/app")).status_code == 404
    assert github.violations == []


@pytest.mark.usefixtures("github")
async def test_a_request_without_credentials_may_not_revoke(http: httpx.AsyncClient, app_jwt: str) -> None:
    refused = await http.delete("/installation/token", headers={"Authorization": f"Bearer {app_jwt}"})

    assert refused.status_code == 401


async def test_no_token_is_made_for_a_repository_outside_the_installation(
    github: FakeGitHub, installation: Installation
) -> None:
    other = github.create_repository("acme/other")

    with pytest.raises(ApiError, match="not accessible"):
        create_token(github.state, installation, repositories=[other], permissions=None)
