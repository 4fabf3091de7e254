"""Installations and repositories come, change and go, and the App is told as GitHub tells it."""

import httpx
import pytest

from bot.demo.github.errors import ApiError
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import GraphQL, Receiver

HERE = "/repos/acme/app"
BRIEF = {"id", "node_id", "name", "full_name", "private"}


async def test_repositories_are_named_when_installed_and_not_when_let_in_again(
    receiver: Receiver, github: FakeGitHub, installation: Installation
) -> None:
    await installation.suspend()
    await installation.unsuspend()
    await installation.accept_permissions({"metadata": "read", "contents": "read"})
    await installation.delete()

    told = {each.data["action"]: each.data for each in receiver.events}
    assert [set(each) for each in told["created"]["repositories"]] == [BRIEF]
    assert [set(each) for each in told["deleted"]["repositories"]] == [BRIEF]
    assert not any("repositories" in told[each] for each in ("suspend", "unsuspend", "new_permissions_accepted"))
    assert told["new_permissions_accepted"]["installation"]["permissions"] == {"metadata": "read", "contents": "read"}
    assert all(each["sender"]["login"] == github.person.login for each in told.values())


async def test_an_app_on_all_repositories_hears_of_new_ones(github: FakeGitHub, receiver: Receiver) -> None:
    github.create_repository("wide/one", {"a": "b"})
    installation = await github.install("wide", None)
    assert [each["name"] for each in receiver.last("installation")["repositories"]] == ["one"]
    assert receiver.last("installation")["installation"]["repository_selection"] == "all"

    two = github.create_repository("wide/two")
    github.create_repository("other/three")
    await github.settle()

    assert receiver.names()[1:] == ["installation_repositories.added", "repository.created"]
    assert receiver.last("installation_repositories")["repositories_added"][0]["id"] == two.id
    assert [each.name for each in installation.repositories] == ["one", "two"]


async def test_the_choice_of_repositories_may_change(
    github: FakeGitHub, receiver: Receiver, installation: Installation
) -> None:
    other = github.create_repository("acme/other")

    await installation.select_all()
    await installation.add_repositories([other])
    await installation.remove_repositories([other])

    assert receiver.names()[1:] == ["installation_repositories.added", "installation_repositories.removed"]
    told = [each.data for each in receiver.events[1:]]
    assert [each["repository_selection"] for each in told] == ["all", "selected"]
    assert installation.selection == "selected"


async def test_a_renamed_repository_is_found_under_both_names(
    github: FakeGitHub,
    receiver: Receiver,
    repository: Repository,
    api: httpx.AsyncClient,
    graphql: GraphQL,
    app_jwt: str,
) -> None:
    await github.owner.rename(repository, "renamed")

    told = receiver.last("repository")
    assert (told["action"], told["changes"]) == ("renamed", {"repository": {"name": {"from": "app"}}})
    assert told["repository"]["full_name"] == "acme/renamed"
    led = await api.get(f"{HERE}/contents/pixi.toml?ref=main")
    assert (led.status_code, led.json()["message"]) == (301, "Moved Permanently")
    assert led.headers["location"] == f"{github.url}/repositories/{repository.id}/contents/pixi.toml"
    assert (await api.get(led.headers["location"])).json()["path"] == "pixi.toml"
    assert (await api.get(f"/repositories/{repository.id}")).json()["name"] == "renamed"
    assert (await api.post(f"{HERE}/git/blobs", json={"content": "x"})).status_code == 307
    as_app = {"Authorization": f"Bearer {app_jwt}"}
    assert (await api.get(f"{HERE}/installation", headers=as_app)).status_code == 301
    answer = await graphql('{ repository(owner: "acme", name: "app") { name } }')
    assert answer["data"]["repository"]["name"] == "renamed"
    assert (await api.get("/repositories/1")).status_code == 404


async def test_a_new_repository_takes_the_name_of_a_renamed_one(
    github: FakeGitHub, repository: Repository, api: httpx.AsyncClient
) -> None:
    tip = repository.head("main")
    await github.owner.rename(repository, "renamed")
    new = github.create_repository("acme/app", {"a": "b"})

    assert (await api.get(HERE)).json()["id"] == new.id
    assert repository.head("main") == tip


@pytest.mark.usefixtures("installation")
async def test_only_the_app_of_the_new_owner_is_told_of_a_transfer(
    github: FakeGitHub, receiver: Receiver, repository: Repository
) -> None:
    await github.owner.transfer(repository, "elsewhere")
    assert receiver.names() == ["installation_repositories.removed"]

    theirs = await github.install("acme", None)
    await github.owner.transfer(repository, "acme")

    assert receiver.names()[2:] == ["installation_repositories.added", "repository.transferred"]
    told = receiver.last("repository")
    assert told["installation"]["id"] == theirs.id
    assert told["changes"]["owner"]["from"]["organization"]["login"] == "elsewhere"
    assert repository.full_name == "acme/app"


async def test_a_deleted_repository_is_gone(
    github: FakeGitHub, receiver: Receiver, repository: Repository, installation: Installation, api: httpx.AsyncClient
) -> None:
    await github.owner.delete(repository)

    assert receiver.names()[-1] == "repository.deleted"
    assert receiver.last("repository")["installation"]["id"] == installation.id
    assert (await api.get(HERE)).status_code == 404
    assert installation.repositories == []
    assert not repository.path.exists()


@pytest.mark.usefixtures("installation")
async def test_settings_that_the_app_hears_of(github: FakeGitHub, receiver: Receiver, repository: Repository) -> None:
    repository.commit("next", {"a": "1"})
    await github.settle()
    before = len(receiver.events)

    await github.owner.archive(repository)
    await github.owner.unarchive(repository)
    await github.owner.privatize(repository)
    await github.owner.publicize(repository)
    await github.owner.change_default_branch(repository, "next")

    told = [each.data for each in receiver.events[before:]]
    assert [(each["action"], each["repository"]["archived"], each["repository"]["private"]) for each in told] == [
        ("archived", True, False),
        ("unarchived", False, False),
        ("privatized", False, True),
        ("publicized", False, False),
        ("edited", False, False),
    ]
    assert told[-1]["changes"] == {"default_branch": {"from": "main"}}
    assert told[-1]["repository"]["default_branch"] == "next"
    assert all(each["organization"]["login"] == "acme" for each in told)
    with pytest.raises(ApiError, match="not found"):
        await github.owner.change_default_branch(repository, "nowhere")


@pytest.mark.usefixtures("installation")
async def test_a_fork_is_a_repository_of_a_person(
    github: FakeGitHub, receiver: Receiver, repository: Repository, api: httpx.AsyncClient
) -> None:
    github.state.events = (*github.state.events, "fork")

    fork = await github.owner.fork(repository, "ada")
    fork.commit("main", {"a": "1"})
    await github.settle()

    assert receiver.names()[-1] == "fork"
    assert receiver.last("fork")["forkee"]["full_name"] == "ada/app"
    shown = (await api.get("/repos/ada/app")).json()
    assert (shown["fork"], shown["owner"]["type"]) == (True, "User")
    assert (shown["parent"]["full_name"], shown["source"]["full_name"]) == ("acme/app", "acme/app")
