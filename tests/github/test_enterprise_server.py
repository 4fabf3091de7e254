"""GitHub Enterprise Server: every call exists there, and branches move without `updateRefs`."""

import gzip
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.errors import GitHubError, RefMoved
from bot.github import commits
from bot.github.auth import GitHubApp
from bot.github.client import Client
from bot.github.commits import move_branch
from bot.github.model import Branch, Oid, TreeEntry
from bot.github.permissions import WRITE
from bot.model.update import BranchName
from tests.github.conftest import World, local, look
from tests.github.made import made as committed
from tests.github.templates import Call, calls

DESCRIPTION = Path(__file__).parent / "enterprise_server" / "rest-3.19.json.gz"
BRANCH = BranchName("condabot/numpy")
MISSING = "Field 'updateRefs' doesn't exist on type 'Mutation'"


@pytest.fixture(scope="module")
def description() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(gzip.decompress(DESCRIPTION.read_bytes()))
    return found


@pytest.mark.parametrize("call", [pytest.param(each, id=f"{each.method} {each.path}") for each in sorted(calls())])
def test_every_call_exists_there_with_its_parameters(description: Mapping[str, Any], call: Call) -> None:
    operation = description["paths"][call.path][call.method]
    shared = description["components"]["parameters"]
    parameters = [
        shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in operation.get("parameters", ())
    ]
    assert set(call.query) <= {each["name"] for each in parameters if each["in"] == "query"}


def _nothing() -> None:
    """Let nobody do anything meanwhile."""


class WithoutUpdateRefs(httpx.AsyncBaseTransport):
    """The way to a GitHub that answers as one whose schema does not have the mutation.

    `meanwhile` is called once before a call of REST that moves a branch.
    """

    def __init__(self) -> None:
        self._github = httpx.AsyncHTTPTransport()
        self.meanwhile: Callable[[], object] = _nothing

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/graphql") and b"updateRefs" in await request.aread():
            error = {"message": MISSING, "extensions": {"code": "undefinedField"}}
            return httpx.Response(200, json={"errors": [error]})
        if "/git/refs" in request.url.path:
            act, self.meanwhile = self.meanwhile, _nothing
            act()
        return await self._github.handle_async_request(request)

    async def aclose(self) -> None:
        await self._github.aclose()


@pytest.fixture
def transport() -> WithoutUpdateRefs:
    return WithoutUpdateRefs()


@pytest.fixture
async def client(world: World, transport: WithoutUpdateRefs) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(transport=transport, trust_env=False) as http:
        app = GitHubApp(
            signer=world.app.signer,
            http=http,
            base_url=world.github.url,
            clock=world.clock,
            budgets=local(world.clock),
        )
        async with app.installation(world.installation.id, world.repository.id, WRITE) as client:
            yield client


async def made(client: Client, text: str) -> tuple[Oid, Branch]:
    """Commit *text* on the default branch as it is now."""
    _, default, entries = await look(client)
    return (await on(client, default, entries, text)), default


async def on(client: Client, base: Branch, entries: tuple[TreeEntry, ...], text: str) -> Oid:
    created = await committed(
        client, base=base.head, tree=entries, files={"pixi.toml": text.encode()}, message="Update"
    )
    return created.oid


pytestmark = pytest.mark.interrupted


async def test_a_branch_is_created(world: World, client: Client) -> None:
    ours, _ = await made(client, "new")
    assert await move_branch(client, BRANCH, before=None, after=ours) == ours
    assert world.repository.head(BRANCH) == ours
    with pytest.raises(RefMoved):
        await move_branch(client, BRANCH, before=None, after=(await made(client, "other"))[0])


async def test_a_person_who_creates_it_first_keeps_it(
    world: World, client: Client, transport: WithoutUpdateRefs
) -> None:
    ours, _ = await made(client, "new")
    transport.meanwhile = lambda: world.repository.commit(BRANCH, {"README.md": "mine"})
    with pytest.raises(RefMoved):
        await move_branch(client, BRANCH, before=None, after=ours)
    assert world.repository.read(BRANCH, "README.md") == b"mine"


async def test_a_branch_on_a_new_base_has_the_new_tree_and_loses_nothing(world: World, client: Client) -> None:
    """What it shall be is no descendant of what it was: a merge of both is one of both."""
    first, _ = await made(client, "first")
    await move_branch(client, BRANCH, before=None, after=first)
    world.repository.commit("main", {"README.md": "more"})
    second, default = await made(client, "second")

    head = await move_branch(client, BRANCH, before=first, after=second)

    assert head is not None
    assert world.repository.head(BRANCH) == head
    assert world.repository.read(BRANCH, "pixi.toml") == b"second"
    assert world.repository.read(BRANCH, "README.md") == b"more"
    assert all(world.repository.git.is_ancestor(each, head) for each in (first, second, default.head.oid))


@pytest.mark.parametrize("when", ["before we look", "between looking and moving"])
async def test_a_persons_push_is_never_overwritten(
    world: World, client: Client, transport: WithoutUpdateRefs, when: str
) -> None:
    first, _ = await made(client, "first")
    await move_branch(client, BRANCH, before=None, after=first)
    world.repository.commit("main", {"README.md": "more"})
    second, _ = await made(client, "second")

    def push() -> None:
        world.repository.commit(BRANCH, {"notes.md": "mine"})

    def push_later() -> None:
        transport.meanwhile = push  # the first try to move goes wrong for another reason

    transport.meanwhile = push if when == "before we look" else push_later
    with pytest.raises(RefMoved):
        await move_branch(client, BRANCH, before=first, after=second)
    assert world.repository.read(BRANCH, "notes.md") == b"mine"


async def test_a_branch_is_not_deleted_where_nobody_can_compare(world: World, client: Client) -> None:
    first, _ = await made(client, "first")
    await move_branch(client, BRANCH, before=None, after=first)
    assert await move_branch(client, BRANCH, before=first, after=None) == first
    assert world.repository.head(BRANCH) == first


async def test_a_refusal_is_no_reason_to_go_another_way(client: Client) -> None:
    ours, _ = await made(client, "first")
    with pytest.raises(GitHubError) as caught:
        await move_branch(client, BranchName("condabot/a..b"), before=None, after=ours)
    assert not isinstance(caught.value, RefMoved)


def test_the_sentences_of_a_schema_without_the_mutation() -> None:
    """As graphql-ruby, which GitHub uses, words them."""
    assert commits.NO_UPDATE_REFS.search(MISSING)
    assert commits.NO_UPDATE_REFS.search("UpdateRefsInput isn't a defined input type (on $input)")
    assert not commits.NO_UPDATE_REFS.search("Field 'x' doesn't exist on type 'Mutation'")
