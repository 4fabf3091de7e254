"""The whole of it, driven as the bot does: gidgethub over httpx, webhooks received over HTTP."""

import base64

import gidgethub
import gidgethub.httpx
import httpx
import pytest

from bot.demo.github.model import ZERO_OID
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import MANIFEST, NO_CERTIFICATES

BRANCH = "condabot/numpy"
UPDATE_REFS = "mutation($i: UpdateRefsInput!) { updateRefs(input: $i) { clientMutationId } }"


@pytest.mark.usefixtures("receiver")
async def test_a_pull_request_from_tree_to_merge_through_gidgethub(
    github: FakeGitHub, repository: Repository, installation: Installation, app_jwt: str
) -> None:
    """A whole update: narrowed token, tree, commit, compare-and-swap, pull request, check run, merge."""
    async with httpx.AsyncClient(verify=NO_CERTIFICATES) as client:
        app = gidgethub.httpx.GitHubAPI(client, "condabot-tests", base_url=github.url)
        granted = {"contents": "write", "pull_requests": "write", "checks": "write"}
        token = await app.post(
            f"/app/installations/{installation.id}/access_tokens",
            data={"repository_ids": [repository.id], "permissions": granted},
            jwt=app_jwt,
        )
        api = gidgethub.httpx.GitHubAPI(client, "condabot-tests", base_url=github.url, oauth_token=token["token"])
        here = "/repos/acme/app"
        manifest = await api.getitem(f"{here}/contents/pixi.toml")
        assert base64.b64decode(manifest["content"]).decode() == MANIFEST

        base = await api.getitem(f"{here}/git/ref/heads/main")
        entry = {"path": "pixi.toml", "mode": "100644", "type": "blob", "content": MANIFEST.replace("<2", "<3")}
        tree = await api.post(f"{here}/git/trees", data={"base_tree": base["object"]["sha"], "tree": [entry]})
        commit = await api.post(
            f"{here}/git/commits",
            data={"message": "Update numpy", "tree": tree["sha"], "parents": [base["object"]["sha"]]},
        )
        update = {"name": f"refs/heads/{BRANCH}", "beforeOid": ZERO_OID, "afterOid": commit["sha"]}
        await api.graphql(
            UPDATE_REFS, endpoint=f"{github.url}/graphql", i={"repositoryId": "R_1001", "refUpdates": [update]}
        )
        pull = await api.post(
            f"{here}/pulls", data={"title": "Update numpy", "head": BRANCH, "base": "main", "body": "Why"}
        )
        await api.post(f"{here}/check-runs", data={"name": "solve", "head_sha": commit["sha"], "conclusion": "success"})
        merged = await api.put(f"{here}/pulls/{pull['number']}/merge", data={"sha": commit["sha"]})

    assert commit["verification"]["verified"]
    assert commit["author"]["name"] == "condabot[bot]"
    assert repository.head("main") == merged["sha"]
    assert b"<3" in repository.read("main", "pixi.toml")
    assert github.unused_permissions()[token["token"]] == frozenset()
