"""GraphQL: what is read, compare-and-swap, automatic merge, errors with types."""

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.demo.github.auth import create_token
from bot.demo.github.model import ZERO_OID, Account, GitIdentity, PullRequest, State
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import MANIFEST, GraphQL, run_git

UPDATE_REFS = "mutation($i: UpdateRefsInput!) { updateRefs(input: $i) { clientMutationId } }"
COMMIT = """mutation($i: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $i) { commit { oid signature { isValid wasSignedByGitHub } } ref { name } } }"""
REPOSITORY = """query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
  id databaseId name nameWithOwner url isArchived isFork isTemplate isPrivate isEmpty isDisabled
  autoMergeAllowed deleteBranchOnMerge owner { login }
  defaultBranchRef { id name target { id oid abbreviatedOid repository { name } ... on Commit {
    message messageHeadline messageBody url commitUrl authoredDate committedDate
    tree { oid entries { name path type mode oid size object { oid } } }
    author { email name date user { databaseId login } }
    committer { email name user { login } }
    signature { isValid wasSignedByGitHub state }
    parents(first: 2) { nodes { oid } totalCount }
    history(first: 1) { nodes { oid } pageInfo { hasNextPage endCursor } }
  } } } } }"""
OBJECTS = """query($a: String!, $b: GitObjectID) { repository(owner: "acme", name: "app") {
  text: object(expression: $a) { __typename ... on Blob { oid text byteSize isBinary isTruncated } }
  byOid: object(oid: $b) { __typename oid }
  tree: object(expression: "main:") { __typename }
  head: object(expression: "HEAD") { __typename }
  none: object(expression: "main:none") { oid }
  missing: object(oid: "1111111111111111111111111111111111111111") { oid } } }"""
PULLS = """query($states: [PullRequestState!], $head: String, $after: String, $direction: OrderDirection!) {
  repository(owner: "acme", name: "app") {
    pullRequests(first: 1, after: $after, states: $states, headRefName: $head,
                 orderBy: {field: UPDATED_AT, direction: $direction}) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { number id databaseId title body url state closed merged isDraft mergeable mergeStateStatus
        author { __typename login ... on Bot { databaseId } } mergedBy { login } mergeCommit { oid }
        createdAt updatedAt closedAt mergedAt headRefName headRefOid baseRefName baseRefOid isCrossRepository
        headRef { name target { oid } } headRepository { databaseId } headRepositoryOwner { login }
        repository { name } labels(first: 5) { nodes { name } } commits(first: 5) { nodes { commit { oid } } }
        autoMergeRequest { enabledAt mergeMethod commitHeadline enabledBy { login } } } } } }"""

pytestmark = pytest.mark.usefixtures("github")


@pytest.fixture
async def pull(github: FakeGitHub, repository: Repository, installation: Installation) -> PullRequest:
    assert installation.has(repository)
    repository.commit("work", {"a": "1\n"}, message="Add a")
    return await github.open_pull_request(repository, title="Add a", head="work", author=github.state.app.bot)


def refs_input(*updates: dict[str, Any]) -> dict[str, Any]:
    return {"repositoryId": "R_1001", "refUpdates": list(updates), "clientMutationId": "m"}


async def test_a_repository_and_its_tip_are_read(graphql: GraphQL, repository: Repository) -> None:
    answer = (await graphql(REPOSITORY, owner="acme", name="app"))["data"]["repository"]

    target = answer["defaultBranchRef"]["target"]
    assert (answer["id"], answer["databaseId"], answer["nameWithOwner"]) == ("R_1001", repository.id, "acme/app")
    assert answer["defaultBranchRef"]["name"] == "main"
    assert target["oid"] == repository.head("main")
    assert target["author"]["user"] == {"databaseId": repository.person.id, "login": "maintainer"}
    assert target["signature"] is None
    assert target["parents"] == {"nodes": [], "totalCount": 0}
    assert {each["name"]: each["type"] for each in target["tree"]["entries"]} == {
        ".github": "tree",
        "pixi.toml": "blob",
    }


async def test_an_empty_repository_has_no_default_branch(
    github: FakeGitHub, graphql: GraphQL, installation: Installation
) -> None:
    await installation.add_repositories([github.create_repository("acme/empty")])

    answer = (await graphql(REPOSITORY, owner="acme", name="empty"))["data"]["repository"]

    assert (answer["isEmpty"], answer["defaultBranchRef"]) == (True, None)


async def test_a_bots_commit_is_signed_by_github_and_names_the_bot(
    github: FakeGitHub, graphql: GraphQL, repository: Repository
) -> None:
    tip = str(repository.head("main"))
    bot = github.state.app.bot
    oid = repository.web_commit(tree=repository.git.tree_of(tip), parents=[tip], message="h\n\nb", author=bot)
    repository.force("main", oid)
    repository.git.write_blob(b"")

    target = (await graphql(REPOSITORY, owner="acme", name="app"))["data"]["repository"]["defaultBranchRef"]["target"]

    assert target["author"]["user"] == {"databaseId": bot.id, "login": "condabot[bot]"}
    assert target["committer"]["user"] == {"login": "web-flow"}
    assert target["signature"] == {"isValid": True, "wasSignedByGitHub": True, "state": "VALID"}
    assert (target["messageHeadline"], target["messageBody"]) == ("h", "b")
    assert target["history"]["pageInfo"] == {"hasNextPage": True, "endCursor": "1"}


async def test_objects_are_read_by_expression_and_by_id(graphql: GraphQL, repository: Repository) -> None:
    answer = await graphql(OBJECTS, a="main:pixi.toml", b=repository.head("main"))

    assert answer["data"]["repository"] == {
        "text": {
            "__typename": "Blob",
            "oid": repository.tree("main")["pixi.toml"],
            "text": MANIFEST,
            "byteSize": len(MANIFEST),
            "isBinary": False,
            "isTruncated": False,
        },
        "byOid": {"__typename": "Commit", "oid": repository.head("main")},
        "tree": {"__typename": "Tree"},
        "head": {"__typename": "Commit"},
        "none": None,
        "missing": None,
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"\0", {"text": None, "isBinary": True, "isTruncated": False}, id="binary content has no text"),
        pytest.param(
            b"x" * 512_001,
            {"text": "x" * 512_000, "isBinary": False, "isTruncated": True},
            id="a large text is cut",
        ),
    ],
)
async def test_special_blobs(
    graphql: GraphQL, repository: Repository, content: bytes, expected: dict[str, object]
) -> None:
    repository.commit("main", {"f": content})

    text = (await graphql(OBJECTS, a="main:f", b=None))["data"]["repository"]["text"]

    assert {name: text[name] for name in expected} == expected


async def test_references_are_paged_below_a_prefix(graphql: GraphQL, repository: Repository) -> None:
    for name in ("condabot/a", "condabot/b", "other"):
        repository.force(name, str(repository.head("main")))
    query = """query($after: String, $direction: OrderDirection) { repository(owner: "acme", name: "app") {
      ref(qualifiedName: "main") { name } none: ref(qualifiedName: "none") { name }
      refs(refPrefix: "refs/heads/condabot/", first: 1, after: $after, direction: $direction) {
        nodes { name target { oid } } edges { cursor } pageInfo { hasNextPage endCursor hasPreviousPage } } } }"""

    first = (await graphql(query))["data"]["repository"]
    second = (await graphql(query, after=first["refs"]["pageInfo"]["endCursor"]))["data"]["repository"]
    backwards = (await graphql(query, direction="DESC"))["data"]["repository"]

    assert (first["ref"], first["none"]) == ({"name": "main"}, None)
    assert [each["refs"]["nodes"][0]["name"] for each in (first, second, backwards)] == ["a", "b", "b"]
    assert (first["refs"]["pageInfo"]["hasNextPage"], second["refs"]["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize(
    ("window", "names", "kind"),
    [
        pytest.param("last: 1", ["main"], None, id="the last"),
        pytest.param('first: 5, before: "2"', ["a"], None, id="those before a cursor"),
        pytest.param("first: 101", None, "EXCESSIVE_PAGINATION", id="too many"),
        pytest.param('query: "a"', None, "MISSING_PAGINATION_BOUNDARIES", id="without bounds"),
    ],
)
async def test_a_connection_needs_sensible_bounds(
    graphql: GraphQL, repository: Repository, window: str, names: list[str] | None, kind: str | None
) -> None:
    repository.force("a", str(repository.head("main")))

    answer = await graphql(
        '{ repository(owner: "acme", name: "app") {'
        f' refs(refPrefix: "refs/heads/", {window}) {{ nodes {{ name }} }} }} }}'
    )

    if kind:
        assert answer["errors"][0]["type"] == kind
    else:
        assert [each["name"] for each in answer["data"]["repository"]["refs"]["nodes"]] == names


async def test_pull_requests_are_read_filtered_and_paged(
    github: FakeGitHub, graphql: GraphQL, repository: Repository, pull: PullRequest
) -> None:
    repository.commit("other", {"b": "1"})
    await github.open_pull_request(repository, title="Add b", head="other", author=Account(login="ada"))
    await github.merge(repository, pull.number)

    async def read(**variables: object) -> Any:
        answer = await graphql(PULLS, **{"direction": "DESC"} | variables)
        return answer["data"]["repository"]["pullRequests"]

    newest, merged = await read(direction="ASC"), await read(head="work")
    assert (newest["totalCount"], newest["pageInfo"]["hasNextPage"]) == (2, True)
    node = merged["nodes"][0]
    assert (node["number"], node["state"], node["merged"], node["closed"]) == (pull.number, "MERGED", True, True)
    assert node["author"] == {"__typename": "Bot", "login": "condabot", "databaseId": github.state.app.bot.id}
    assert (node["mergedBy"], node["mergeCommit"]["oid"]) == ({"login": "maintainer"}, repository.head("main"))
    assert node["headRepository"] == {"databaseId": repository.id}
    assert node["mergeable"] == "UNKNOWN"
    opened = (await read(states=["OPEN"]))["nodes"]
    assert [(each["headRefName"], each["author"]["__typename"], each["mergeable"]) for each in opened] == [
        ("other", "User", "MERGEABLE")
    ]
    assert (await read(states=["CLOSED"]))["nodes"] == []


async def test_a_pull_request_from_a_fork_says_so(
    github: FakeGitHub, graphql: GraphQL, repository: Repository, installation: Installation
) -> None:
    assert installation.has(repository)
    await github.open_pull_request_from_fork(repository, {"a": "1"}, title="T", owner="stranger")

    node = (await graphql(PULLS, direction="ASC"))["data"]["repository"]["pullRequests"]["nodes"][0]

    assert (node["isCrossRepository"], node["headRef"]) == (True, None)
    assert node["headRepository"]["databaseId"] != repository.id
    assert node["headRepositoryOwner"] == {"login": "stranger"}


async def test_a_commit_by_an_unknown_address_has_no_user(
    github: FakeGitHub, graphql: GraphQL, repository: Repository
) -> None:
    tip = str(repository.head("main"))
    who = GitIdentity(name="Ada", email="ada@people.example", when=github.state.now())
    oid = repository.git.write_commit(
        tree=repository.git.tree_of(tip), parents=[tip], message="m", author=who, committer=who
    )
    repository.force("main", oid)

    target = (await graphql(REPOSITORY, owner="acme", name="app"))["data"]["repository"]["defaultBranchRef"]["target"]

    assert (target["author"]["email"], target["author"]["user"]) == ("ada@people.example", None)


async def test_an_annotated_tag_is_an_object_of_its_own(
    graphql: GraphQL, repository: Repository, tmp_path: Path
) -> None:
    await run_git("clone", "--quiet", repository.clone_url, "clone", cwd=tmp_path)
    await run_git("tag", "--annotate", "--message", "m", "v1", cwd=tmp_path / "clone")
    await run_git("push", "--quiet", "origin", "v1", cwd=tmp_path / "clone")

    answer = await graphql(
        '{ repository(owner: "acme", name: "app") {'
        ' refs(refPrefix: "refs/tags/", first: 1) { nodes { name target { __typename } } } } }'
    )

    assert answer["data"]["repository"]["refs"]["nodes"] == [{"name": "v1", "target": {"__typename": "Tag"}}]


async def test_an_argument_that_is_not_built_is_a_violation(lenient_github: FakeGitHub, graphql: GraphQL) -> None:
    await graphql('{ repository(owner: "acme", name: "app") { pullRequests(first: 1, labels: ["x"]) { totalCount } } }')

    assert "labels" in lenient_github.violations.pop()


async def test_nodes_are_found_by_id_and_one_pull_request_by_number(graphql: GraphQL, pull: PullRequest) -> None:
    query = """query($id: ID!, $n: Int!) { node(id: $id) { __typename id ... on PullRequest { number } }
      home: node(id: "R_1001") { __typename }
      repository(owner: "acme", name: "app") { pullRequest(number: $n) { title } }
      rateLimit { cost limit remaining used resetAt nodeCount } viewer { id login databaseId url } }"""

    answer = (await graphql(query, id="PR_1001_1", n=pull.number))["data"]
    assert answer["node"] == {"__typename": "PullRequest", "id": "PR_1001_1", "number": 1}
    assert (answer["home"], answer["repository"]["pullRequest"]) == ({"__typename": "Repository"}, {"title": "Add a"})
    assert answer["rateLimit"]["limit"] - answer["rateLimit"]["remaining"] == answer["rateLimit"]["used"]

    for variables in ({"id": "PR_9_9", "n": 1}, {"id": "R_9", "n": 1}, {"id": "PR_1001_1", "n": 99}):
        assert (await graphql(query, **variables))["errors"][0]["type"] == "NOT_FOUND"


async def test_another_repository_is_not_found(github: FakeGitHub, graphql: GraphQL) -> None:
    github.create_repository("acme/secret", {"a": "b"}, private=True)

    answer = await graphql(REPOSITORY, owner="acme", name="secret")

    assert answer["data"] == {"repository": None}
    assert (answer["errors"][0]["type"], answer["errors"][0]["path"]) == ("NOT_FOUND", ["repository"])


async def test_a_missing_permission_is_forbidden(
    github: FakeGitHub, api: httpx.AsyncClient, installation: Installation
) -> None:
    made = create_token(github.state, installation, repositories=None, permissions={"contents": "read"})
    api.headers["Authorization"] = f"Bearer {made.value}"

    answer = await api.post("/graphql", json={"query": PULLS, "variables": {"direction": "ASC"}})

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["type"] == "FORBIDDEN"


async def test_a_compare_and_swap_keeps_a_human_commit(graphql: GraphQL, repository: Repository) -> None:
    """A person pushes between the bot's reading and its forced write: the push survives."""
    seen = repository.commit("condabot/numpy", {"a": "bot"})
    human = repository.commit("condabot/numpy", {"a": "human"})
    update = {"name": "refs/heads/condabot/numpy", "afterOid": repository.head("main"), "force": True}

    refused = await graphql(UPDATE_REFS, i=refs_input(update | {"beforeOid": seen}))
    assert refused["errors"][0]["type"] == "UNPROCESSABLE"
    assert repository.head("condabot/numpy") == human

    done = await graphql(UPDATE_REFS, i=refs_input(update | {"beforeOid": human}))
    assert done["data"]["updateRefs"] == {"clientMutationId": "m"}
    assert repository.head("condabot/numpy") == repository.head("main")


async def test_references_move_together_or_not_at_all(graphql: GraphQL, repository: Repository) -> None:
    tip = str(repository.head("main"))
    make = {"name": "refs/heads/new", "beforeOid": ZERO_OID, "afterOid": tip}
    wrong = {"name": "refs/heads/other", "beforeOid": tip, "afterOid": tip}

    assert "errors" in await graphql(UPDATE_REFS, i=refs_input(make, wrong))
    assert repository.head("new") is None

    assert "errors" not in await graphql(UPDATE_REFS, i=refs_input(make))
    assert "errors" in await graphql(UPDATE_REFS, i=refs_input(make)), "it must not exist"
    assert repository.head("new") == tip
    assert "errors" not in await graphql(UPDATE_REFS, i=refs_input(make | {"beforeOid": tip, "afterOid": ZERO_OID}))
    assert repository.head("new") is None


async def test_a_reference_cannot_bring_in_a_workflow(graphql: GraphQL, repository: Repository) -> None:
    tip = str(repository.head("main"))
    oid = repository.commit("people", {".github/workflows/new.yml": "on: push"})
    update = {"name": "refs/heads/condabot/x", "beforeOid": ZERO_OID, "afterOid": oid}

    assert (await graphql(UPDATE_REFS, i=refs_input(update)))["errors"][0]["type"] == "FORBIDDEN"
    assert "errors" not in await graphql(UPDATE_REFS, i=refs_input(update | {"afterOid": tip}))
    missing = await graphql(UPDATE_REFS, i=refs_input(update | {"afterOid": "1" * 40}))
    assert missing["errors"][0]["message"]


def commit_input(repository: Repository, path: str = "b", **more: object) -> dict[str, object]:
    return {
        "branch": {"repositoryNameWithOwner": "acme/app", "branchName": "work"},
        "message": {"headline": "h", "body": "b"},
        "expectedHeadOid": repository.head("work"),
        "fileChanges": {
            "additions": [{"path": path, "contents": base64.b64encode(b"new").decode()}],
            "deletions": [{"path": "a"}],
        },
        **more,
    }


@pytest.mark.usefixtures("pull")
async def test_a_commit_on_a_branch_is_signed_and_guarded(graphql: GraphQL, repository: Repository) -> None:
    wanted = commit_input(repository)
    made = (await graphql(COMMIT, i=wanted))["data"]["createCommitOnBranch"]
    stale = await graphql(COMMIT, i=wanted)

    assert made["commit"]["oid"] == repository.head("work")
    assert made["commit"]["signature"]["wasSignedByGitHub"]
    assert repository.tree("work").keys() >= {"b", "pixi.toml"}
    assert "a" not in repository.tree("work")
    assert stale["errors"][0]["type"] == "STALE_DATA"


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        pytest.param({"branch": {"id": "REF_1"}}, "UNPROCESSABLE", id="a branch by id"),
        pytest.param(
            {"branch": {"repositoryNameWithOwner": "acme/app", "branchName": "none"}}, "NOT_FOUND", id="no branch"
        ),
        pytest.param({"path": ".github/workflows/x.yml"}, "FORBIDDEN", id="a workflow"),
        pytest.param({"path": "../x"}, "UNPROCESSABLE", id="a bad path"),
        pytest.param({"fileChanges": {"deletions": [{"path": "none"}]}}, "NOT_FOUND", id="removal of nothing"),
    ],
)
@pytest.mark.usefixtures("pull")
async def test_a_commit_on_a_branch_is_refused(
    graphql: GraphQL, repository: Repository, more: dict[str, Any], kind: str
) -> None:
    refused = await graphql(COMMIT, i=commit_input(repository, **more))

    assert refused["errors"][0]["type"] == kind


AUTO_MERGE = """mutation($i: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $i) {
  actor { login } pullRequest { autoMergeRequest { mergeMethod commitHeadline enabledAt enabledBy { login } } } } }"""
DISABLE = """mutation($i: DisablePullRequestAutoMergeInput!) {
  disablePullRequestAutoMerge(input: $i) { pullRequest { autoMergeRequest { mergeMethod } } } }"""


async def test_an_automatic_merge_waits_for_the_checks(
    api: httpx.AsyncClient, graphql: GraphQL, repository: Repository, pull: PullRequest
) -> None:
    wish = {"pullRequestId": "PR_1001_1", "mergeMethod": "SQUASH", "commitHeadline": "Ours", "commitBody": "Body"}
    refused = await graphql(AUTO_MERGE, i=wish)
    assert "is in clean status" in refused["errors"][0]["message"]

    repository.required_checks = ("ci",)
    stale = await graphql(AUTO_MERGE, i=wish | {"expectedHeadOid": "1" * 40})
    assert stale["errors"][0]["type"] == "UNPROCESSABLE"
    enabled = (await graphql(AUTO_MERGE, i=wish))["data"]["enablePullRequestAutoMerge"]
    assert enabled["pullRequest"]["autoMergeRequest"]["commitHeadline"] == "Ours"
    assert (await api.get("/repos/acme/app/pulls/1")).json()["auto_merge"]["merge_method"] == "squash"

    for conclusion, merged in (("failure", False), ("success", True)):
        check = {"name": "ci", "head_sha": pull.head_sha, "conclusion": conclusion}
        await api.post("/repos/acme/app/check-runs", json=check)
        assert (pull.merged_at is not None) is merged
    assert repository.git.commit(str(repository.head("main"))).message == "Ours\n\nBody"


async def test_an_automatic_merge_is_taken_back_or_not_allowed(
    graphql: GraphQL, repository: Repository, pull: PullRequest
) -> None:
    repository.required_checks = ("ci",)
    wish = {"pullRequestId": "PR_1001_1"}
    await graphql(AUTO_MERGE, i=wish)
    assert pull.auto_merge

    assert "errors" not in await graphql(DISABLE, i=wish)
    assert pull.auto_merge is None
    assert "errors" in await graphql(DISABLE, i=wish)
    repository.allow_auto_merge = False
    assert "not allowed" in (await graphql(AUTO_MERGE, i=wish))["errors"][0]["message"]


async def test_pull_requests_are_made_edited_closed_and_reopened(graphql: GraphQL, repository: Repository) -> None:
    repository.commit("work", {"a": "1"})
    repository.commit("release", {"r": "1"})
    make = "mutation($i: CreatePullRequestInput!) { createPullRequest(input: $i) { pullRequest { id number } } }"
    wanted = {"repositoryId": "R_1001", "title": "T", "headRefName": "work", "baseRefName": "main"}
    made = (await graphql(make, i=wanted))["data"]["createPullRequest"]["pullRequest"]
    twice = await graphql(make, i=wanted)
    pull = repository.pulls[made["number"]]

    async def change(name: str, kind: str, **more: str) -> None:
        query = f"mutation($i: {kind}!) {{ {name}(input: $i) {{ pullRequest {{ state }} }} }}"
        assert "errors" not in await graphql(query, i={"pullRequestId": made["id"], **more})

    assert "already exists" in twice["errors"][0]["message"]
    await change("updatePullRequest", "UpdatePullRequestInput", title="U", baseRefName="release")
    assert (pull.title, pull.base) == ("U", "release")
    await change("closePullRequest", "ClosePullRequestInput")
    assert pull.state is State.CLOSED
    await change("reopenPullRequest", "ReopenPullRequestInput")
    await change("updatePullRequest", "UpdatePullRequestInput", body="B", state="CLOSED")
    assert (pull.body, pull.state) == ("B", State.CLOSED)
