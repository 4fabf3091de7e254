"""Files, trees, commits and references through REST."""

import base64

import httpx
import pytest

from bot.demo.github.git import MissingObjectError
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from tests.demo.github.conftest import MANIFEST

HERE = "/repos/acme/app"
PERSON = {"name": "Ada", "email": "ada@people.example", "date": "2026-01-02T03:04:05Z"}

pytestmark = pytest.mark.usefixtures("github")


async def write_tree(api: httpx.AsyncClient, base: str | None, *entries: dict[str, object]) -> httpx.Response:
    body = {"tree": list(entries)} | ({"base_tree": base} if base else {})
    return await api.post(f"{HERE}/git/trees", json=body)


async def write_commit(api: httpx.AsyncClient, repository: Repository, **more: object) -> httpx.Response:
    tip = str(repository.head("main"))
    body = {"message": "m", "tree": repository.git.tree_of(tip), "parents": [tip], **more}
    return await api.post(f"{HERE}/git/commits", json=body)


async def test_a_file_is_base64_up_to_a_megabyte_and_then_only_raw(
    api: httpx.AsyncClient, repository: Repository
) -> None:
    repository.commit("main", {"pixi.lock": "x" * 1_000_001})

    small = (await api.get(f"{HERE}/contents/pixi.toml")).json()
    large = (await api.get(f"{HERE}/contents/pixi.lock")).json()
    raw = await api.get(f"{HERE}/contents/pixi.lock", headers={"Accept": "application/vnd.github.raw+json"})

    assert base64.b64decode(small["content"]).decode() == MANIFEST
    assert (large["encoding"], large["content"], large["size"]) == ("none", "", 1_000_001)
    assert len(raw.content) == 1_000_001
    assert raw.headers["content-type"].startswith("application/vnd.github.raw")


async def test_directories_links_and_what_is_missing(api: httpx.AsyncClient, repository: Repository) -> None:
    repository.commit("main", {"link": "pixi.toml", "run.sh": "#!"}, modes={"link": 0o120000, "run.sh": 0o100755})

    root = (await api.get(f"{HERE}/contents/")).json()
    nested = (await api.get(f"{HERE}/contents/.github/workflows")).json()
    link = (await api.get(f"{HERE}/contents/link", params={"ref": "main"})).json()

    assert {each["name"]: each["type"] for each in root} == {
        ".github": "dir",
        "link": "symlink",
        "pixi.toml": "file",
        "run.sh": "file",
    }
    assert [each["path"] for each in nested] == [".github/workflows/ci.yml"]
    assert (link["type"], link["target"]) == ("symlink", "pixi.toml")
    assert (await api.get(f"{HERE}/contents/nothing")).status_code == 404
    assert (await api.get(f"{HERE}/contents/pixi.toml", params={"ref": "nothing"})).status_code == 404


async def test_a_tree_is_listed_flat_or_whole_and_may_be_truncated(
    api: httpx.AsyncClient, repository: Repository
) -> None:
    flat = (await api.get(f"{HERE}/git/trees/main")).json()
    whole = (await api.get(f"{HERE}/git/trees/{repository.head('main')}", params={"recursive": "1"})).json()
    repository.tree_limit = 2
    cut = (await api.get(f"{HERE}/git/trees/main", params={"recursive": "1"})).json()

    assert [each["path"] for each in flat["tree"]] == [".github", "pixi.toml"]
    assert [(each["path"], each["type"], each["mode"]) for each in whole["tree"]] == [
        (".github", "tree", "040000"),
        (".github/workflows", "tree", "040000"),
        (".github/workflows/ci.yml", "blob", "100644"),
        ("pixi.toml", "blob", "100644"),
    ]
    assert (whole["truncated"], cut["truncated"], len(cut["tree"])) == (False, True, 2)
    assert (await api.get(f"{HERE}/git/trees/nothing")).status_code == 404


async def test_a_tree_keeps_modes_deletes_and_takes_over_directories(
    api: httpx.AsyncClient, repository: Repository
) -> None:
    repository.commit("main", {"run.sh": "#!", "old/a": "1", "old/b": "2"}, modes={"run.sh": 0o100755})
    tip = str(repository.head("main"))
    old = repository.git.entry(tip, "old").oid

    made = await write_tree(
        api,
        tip,
        {"path": "new/text", "mode": "100644", "type": "blob", "content": "é"},
        {"path": "old", "mode": "040000", "type": "tree", "sha": None},
        {"path": "moved", "mode": "040000", "type": "tree", "sha": old},
        {"path": "pixi.toml", "mode": "100644", "type": "blob", "sha": None},
    )

    assert made.status_code == 201
    items = {item.path: item for item in repository.git.walk(made.json()["sha"]) if item.kind == "blob"}
    assert items.keys() == {".github/workflows/ci.yml", "run.sh", "new/text", "moved/a", "moved/b"}
    assert items["run.sh"].mode == 0o100755
    assert repository.git.blob(items["new/text"].oid) == "é".encode()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        pytest.param({"path": "../x", "content": ""}, "malformed path", id="upwards"),
        pytest.param({"path": "/etc/passwd", "content": ""}, "malformed path", id="absolute"),
        pytest.param({"path": "a//b", "content": ""}, "malformed path", id="an empty segment"),
        pytest.param({"path": "a/.GIT/config", "content": ""}, "malformed path", id="into git's directory"),
        pytest.param({"path": "x", "sha": "1" * 40}, "not a valid blob", id="an object that is not there"),
        pytest.param({"path": "x", "sha": None}, "BadObjectState", id="removal of what is not there"),
    ],
)
async def test_a_tree_with_a_bad_entry_is_refused(
    api: httpx.AsyncClient, repository: Repository, entry: dict[str, object], reason: str
) -> None:
    refused = await write_tree(api, repository.head("main"), {"mode": "100644", "type": "blob"} | entry)

    assert refused.status_code == 422
    assert reason in refused.json()["message"]


async def test_a_tree_on_an_unknown_base_is_refused(api: httpx.AsyncClient) -> None:
    assert (await write_tree(api, "1" * 40, {"path": "a", "mode": "100644", "content": ""})).status_code == 422


async def test_blobs_are_written_and_read(api: httpx.AsyncClient) -> None:
    content = base64.b64encode(b"\x00\xff").decode()

    made = (await api.post(f"{HERE}/git/blobs", json={"content": content, "encoding": "base64"})).json()
    read = (await api.get(f"{HERE}/git/blobs/{made['sha']}")).json()

    assert base64.b64decode(read["content"]) == b"\x00\xff"
    assert (await api.get(f"{HERE}/git/blobs/{'1' * 40}")).status_code == 404
    broken = await api.post(f"{HERE}/git/blobs", json={"content": "a", "encoding": "base64"})
    assert broken.status_code == 422


async def test_a_commit_without_author_is_the_bots_and_verified(
    github: FakeGitHub, api: httpx.AsyncClient, repository: Repository
) -> None:
    made = (await write_commit(api, repository)).json()
    shown = (await api.get(f"{HERE}/commits/{made['sha']}")).json()

    bot = github.state.app.bot
    assert made["author"]["name"] == "condabot[bot]"
    assert made["author"]["email"] == f"{bot.id}+condabot[bot]@users.noreply.github.com"
    assert (made["committer"]["name"], made["committer"]["email"]) == ("GitHub", "noreply@github.com")
    assert made["verification"]["verified"]
    assert (shown["author"]["id"], shown["author"]["type"]) == (bot.id, "Bot")
    assert shown["committer"]["login"] == "web-flow"


@pytest.mark.parametrize(
    "custom", [{"author": PERSON}, {"author": PERSON, "committer": PERSON}, {"committer": PERSON}], ids=" and ".join
)
async def test_a_commit_with_a_custom_identity_is_not_verified(
    api: httpx.AsyncClient, repository: Repository, custom: dict[str, object]
) -> None:
    made = (await write_commit(api, repository, **custom)).json()

    assert not made["verification"]["verified"]
    assert PERSON["email"] in {made["author"]["email"], made["committer"]["email"]}
    again = (await api.get(f"{HERE}/git/commits/{made['sha']}")).json()
    assert again == made


@pytest.mark.parametrize("broken", [{"tree": "1" * 40}, {"parents": ["1" * 40]}], ids=" ".join)
async def test_a_commit_of_missing_objects_is_refused(
    api: httpx.AsyncClient, repository: Repository, broken: dict[str, object]
) -> None:
    assert (await write_commit(api, repository, **broken)).status_code == 422
    assert (await api.get(f"{HERE}/git/commits/{'1' * 40}")).status_code == 404


async def test_references_live_and_die(api: httpx.AsyncClient, repository: Repository) -> None:
    tip = repository.head("main")
    made = await api.post(f"{HERE}/git/refs", json={"ref": "refs/heads/condabot/a", "sha": tip})
    twice = await api.post(f"{HERE}/git/refs", json={"ref": "refs/heads/condabot/a", "sha": tip})
    matching = (await api.get(f"{HERE}/git/matching-refs/heads%2Fcondabot")).json()
    gone = await api.delete(f"{HERE}/git/refs/heads%2Fcondabot%2Fa")

    assert (made.status_code, twice.status_code, gone.status_code) == (201, 422, 204)
    assert [each["ref"] for each in matching] == ["refs/heads/condabot/a"]
    assert (await api.get(f"{HERE}/git/ref/heads%2Fcondabot%2Fa")).status_code == 404
    assert (await api.get(f"{HERE}/git/ref/heads")).status_code == 404
    assert (await api.delete(f"{HERE}/git/refs/heads%2Fcondabot%2Fa")).status_code == 422
    assert (await api.delete(f"{HERE}/git/refs/heads%2Fmain")).status_code == 422


@pytest.mark.parametrize(
    ("ref", "sha"), [("refs/heads/a..b", ""), ("main", ""), ("refs/heads/x", "1" * 40)], ids=["name", "short", "object"]
)
async def test_a_bad_reference_is_refused(api: httpx.AsyncClient, repository: Repository, ref: str, sha: str) -> None:
    body = {"ref": ref, "sha": sha or repository.head("main")}

    assert (await api.post(f"{HERE}/git/refs", json=body)).status_code == 422


async def test_moving_a_reference_loses_commits_only_with_force(api: httpx.AsyncClient, repository: Repository) -> None:
    first = str(repository.head("main"))
    repository.commit("work", {"a": "1"})
    url = f"{HERE}/git/refs/heads%2Fwork"

    kept = await api.patch(url, json={"sha": first})
    forced = await api.patch(url, json={"sha": first, "force": True})

    assert (kept.status_code, kept.json()["message"]) == (422, "Update is not a fast forward")
    assert (forced.status_code, repository.head("work")) == (200, first)
    assert (await api.patch(f"{HERE}/git/refs/heads%2Fno", json={"sha": first})).status_code == 422


async def test_branches_commits_and_comparisons(api: httpx.AsyncClient, repository: Repository) -> None:
    repository.commit("work", {"a": "1"}, message="Add a")
    repository.commit("main", {"b": "1"})

    listed = (await api.get(f"{HERE}/branches")).json()
    branch = (await api.get(f"{HERE}/branches/work")).json()
    commit = (await api.get(f"{HERE}/commits/work")).json()
    sha = await api.get(f"{HERE}/commits/work", headers={"Accept": "application/vnd.github.sha"})
    compared = (await api.get(f"{HERE}/compare/main...work")).json()

    assert [each["name"] for each in listed] == ["main", "work"]
    assert branch["commit"]["sha"] == commit["sha"] == sha.text == repository.head("work")
    assert [each["filename"] for each in commit["files"]] == ["a"]
    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("diverged", 1, 1)
    assert [each["filename"] for each in compared["files"]] == ["a"]
    assert compared["files"][0]["patch"].startswith("@@ ")
    assert (await api.get(f"{HERE}/branches/nothing")).status_code == 404
    assert (await api.get(f"{HERE}/commits/nothing")).status_code == 422
    for wrong in ("main...nothing", "main"):
        assert (await api.get(f"{HERE}/compare/{wrong}")).status_code == 404


@pytest.mark.parametrize(
    ("base", "head", "status"), [("old", "main", "ahead"), ("main", "old", "behind"), ("main", "main", "identical")]
)
async def test_a_comparison_has_a_direction(
    api: httpx.AsyncClient, repository: Repository, base: str, head: str, status: str
) -> None:
    repository.force("old", str(repository.head("main")))
    repository.commit("main", {"b": "1"})

    assert (await api.get(f"{HERE}/compare/{base}...{head}")).json()["status"] == status


async def test_a_renamed_and_a_removed_file_are_shown_as_such(api: httpx.AsyncClient, repository: Repository) -> None:
    repository.commit("main", {"pixi.toml": None, "moved.toml": MANIFEST, ".github/workflows/ci.yml": None})

    files = (await api.get(f"{HERE}/commits/main")).json()["files"]

    assert {each["filename"]: each["status"] for each in files} == {
        ".github/workflows/ci.yml": "removed",
        "moved.toml": "renamed",
    }


def test_reading_a_repository_directly(repository: Repository) -> None:
    assert repository.read("main", "pixi.toml").decode() == MANIFEST
    assert repository.tree("main").keys() == {"pixi.toml", ".github/workflows/ci.yml"}
    with pytest.raises(MissingObjectError):
        repository.read("main", "nothing")
    with pytest.raises(MissingObjectError):
        repository.git.blob(repository.git.tree_of(str(repository.head("main"))))
    with pytest.raises(MissingObjectError):
        repository.git.commit(repository.tree("main")["pixi.toml"])
    with pytest.raises(MissingObjectError):
        repository.git.tree_of(repository.tree("main")["pixi.toml"])


async def test_rules_permissions_and_pages_of_branches(api: httpx.AsyncClient, repository: Repository) -> None:
    assert (await api.get(f"{HERE}/rules/branches/main")).json() == []
    repository.required_checks = ("ci",)
    repository.collaborators["maintainer"] = "admin"
    for number in range(4):
        repository.force(f"b{number}", str(repository.head("main")))

    rules = (await api.get(f"{HERE}/rules/branches/main")).json()
    permission = (await api.get(f"{HERE}/collaborators/maintainer/permission")).json()
    second = await api.get(f"{HERE}/branches", params={"per_page": 2, "page": 2})

    assert rules[0]["parameters"]["required_status_checks"] == [{"context": "ci"}]
    assert (permission["permission"], permission["user"]["login"]) == ("admin", "maintainer")
    assert (await api.get(f"{HERE}/collaborators/nobody/permission")).json()["permission"] == "read"
    assert [each["name"] for each in second.json()] == ["b2", "b3"]
    assert {name: link["url"].rpartition("page=")[2] for name, link in second.links.items()} == {
        "next": "3",
        "last": "3",
        "prev": "1",
        "first": "1",
    }
    assert (await api.get("/rate_limit")).json()["rate"]["limit"] == 5000


async def test_only_commits_are_branches_and_only_trees_are_trees(
    api: httpx.AsyncClient, repository: Repository
) -> None:
    tip = str(repository.head("main"))
    tree = repository.git.tree_of(tip)
    blob = repository.tree("main")["pixi.toml"]

    branch = await api.post(f"{HERE}/git/refs", json={"ref": "refs/heads/x", "sha": tree})
    commit = await api.post(f"{HERE}/git/commits", json={"message": "m", "tree": blob, "parents": [tip]})
    child = await api.post(f"{HERE}/git/commits", json={"message": "m", "tree": tree, "parents": [tree]})

    assert [branch.status_code, commit.status_code, child.status_code] == [422, 422, 422]
    assert branch.json()["message"] == "Object is not a commit"


async def test_a_file_that_is_too_large_is_refused(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.demo.github.rest.contents.LARGEST_FILE", 3)

    assert (await api.get(f"{HERE}/contents/pixi.toml")).status_code == 403


async def test_histories_without_a_common_commit_cannot_be_compared(
    api: httpx.AsyncClient, repository: Repository
) -> None:
    tip = str(repository.head("main"))
    tree = repository.git.tree_of(tip)
    repository.force("orphan", repository.web_commit(tree=tree, parents=[], message="m", author=repository.person))

    assert (await api.get(f"{HERE}/compare/main...orphan")).status_code == 404
