"""The fake GitHub's code scanning: what is uploaded is there, and what is no SARIF is refused."""

import base64
import gzip
import json

import httpx
import pytest

from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub

UPLOAD = "/repos/acme/app/code-scanning/sarifs"
ANALYSES = "/repos/acme/app/code-scanning/analyses"
LOG = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "condabot", "version": "1"}}, "results": []}]}


def packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def upload(repository: Repository, sarif: str) -> dict[str, object]:
    return {"commit_sha": repository.head("main"), "ref": "refs/heads/main", "sarif": sarif}


@pytest.fixture
async def scanning(
    lenient_github: FakeGitHub, repository: Repository, http: httpx.AsyncClient, app_jwt: str
) -> httpx.AsyncClient:
    """A client that may have findings shown."""
    permissions = {"metadata": "read", "security_events": "write"}
    installation = await lenient_github.install("acme", [repository], permissions)
    path, by_app = f"/app/installations/{installation.id}/access_tokens", {"Authorization": f"Bearer {app_jwt}"}
    token = (await http.post(path, headers=by_app)).json()["token"]
    http.headers["Authorization"] = f"Bearer {token}"
    return http


@pytest.mark.usefixtures("github")
async def test_an_upload_is_an_analysis(scanning: httpx.AsyncClient, repository: Repository) -> None:
    before = await scanning.get(ANALYSES)
    made = await scanning.post(UPLOAD, json=upload(repository, packed(json.dumps(LOG).encode())))
    [found] = (await scanning.get(ANALYSES, params={"tool_name": "condabot", "ref": "refs/heads/main"})).json()
    other = (await scanning.get(ANALYSES, params={"tool_name": "another"})).json()

    assert (before.status_code, made.status_code, made.json()["id"]) == (404, 202, found["sarif_id"])
    assert (found["tool"]["version"], found["commit_sha"], other) == ("1", repository.head("main"), [])
    assert [each.sarif for each in repository.scans] == [LOG]


@pytest.mark.parametrize(
    "sarif", ["?", base64.b64encode(b"plain").decode(), packed(b"{")], ids=["no Base64", "not packed", "no JSON"]
)
async def test_what_is_not_packed_or_no_json_is_refused(
    scanning: httpx.AsyncClient, repository: Repository, sarif: str
) -> None:
    assert (await scanning.post(UPLOAD, json=upload(repository, sarif))).status_code == 400
    assert repository.scans == []


async def test_it_needs_its_permission(api: httpx.AsyncClient, repository: Repository) -> None:
    made = await api.post(UPLOAD, json=upload(repository, packed(json.dumps(LOG).encode())))

    assert made.status_code == 403
