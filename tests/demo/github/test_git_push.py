"""A person with the real git program."""

import asyncio
from pathlib import Path

import httpx
import pytest

from bot.demo.github import post_receive
from bot.demo.github.model import State
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from tests.demo.github.conftest import Receiver, run_git


@pytest.fixture
async def clone(tmp_path: Path, repository: Repository) -> Path:
    await run_git("clone", "--quiet", repository.clone_url, "clone", cwd=tmp_path)
    return tmp_path / "clone"


async def commit(clone: Path, path: str, content: str) -> None:
    (clone / path).write_text(content, encoding="utf-8")
    await run_git("add", path, cwd=clone)
    await run_git("commit", "--quiet", "--message", f"Write {path}", cwd=clone)


@pytest.mark.usefixtures("installation")
async def test_a_git_push_sends_a_signed_webhook(
    github: FakeGitHub, receiver: Receiver, repository: Repository, clone: Path
) -> None:
    before = repository.head("main")
    await commit(clone, "new.txt", "1")

    await run_git("push", "--quiet", "origin", "main", cwd=clone)
    await github.settle()

    push = receiver.last("push")
    assert (push["before"], push["after"]) == (before, repository.head("main"))
    assert push["commits"][0]["added"] == ["new.txt"]
    assert (push["sender"]["login"], push["commits"][0]["author"]["name"]) == ("maintainer", "Ada")


@pytest.mark.usefixtures("installation")
async def test_a_git_push_moves_the_head_of_a_pull_request_and_its_deletion_closes_it(
    github: FakeGitHub, receiver: Receiver, repository: Repository, clone: Path
) -> None:
    repository.commit("work", {"a": "1"})
    pull = await github.open_pull_request(repository, title="T", head="work")
    await run_git("fetch", "--quiet", cwd=clone)
    await run_git("checkout", "--quiet", "work", cwd=clone)
    await commit(clone, "b.txt", "1")
    await run_git("push", "--quiet", "origin", "work", cwd=clone)

    assert pull.head_sha == repository.head("work") == (await run_git("rev-parse", "HEAD", cwd=clone)).strip()

    await run_git("push", "--quiet", "origin", ":work", cwd=clone)
    await github.settle()
    assert pull.state is State.CLOSED
    assert receiver.names()[-4:] == ["pull_request.synchronize", "delete", "push", "pull_request.closed"]


async def test_only_the_hook_can_report_a_push(github: FakeGitHub, http: httpx.AsyncClient) -> None:
    assert (await http.post("/-/received/guess/1", content=b"")).status_code == 403
    address = (github.state.root / "address").read_text(encoding="utf-8").strip()
    assert (await http.post(f"{address}/1", content=b"")).status_code == 404


async def test_a_push_while_github_is_down_says_so(github: FakeGitHub, repository: Repository, clone: Path) -> None:
    await github.stop()
    await commit(clone, "new.txt", "1")

    output = await run_git("push", "origin", "main", cwd=clone)

    assert "The demo's GitHub did not hear of this push" in output
    assert repository.read("main", "new.txt") == b"1"


def test_the_hook_reports_failure_to_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "address").write_text("http://127.0.0.1:9/none\n", encoding="utf-8")
    (tmp_path / "stdin").write_bytes(b"")
    with (tmp_path / "stdin").open(encoding="utf-8") as empty:
        monkeypatch.setattr("sys.stdin", empty)

        assert post_receive.main([str(tmp_path / "address"), "acme/app"]) == 1


async def test_a_repository_is_made_anew_and_an_owner_of_the_api_is_refused(
    github: FakeGitHub, repository: Repository
) -> None:
    again = github.create_repository("acme/app", {"a": "b"}, default_branch="trunk")

    assert again.branches() == ["trunk"]
    assert again.path == repository.path
    with pytest.raises(ValueError, match="choose another"):
        github.create_repository("repos/app")


async def test_the_hook_sends_what_git_wrote(
    github: FakeGitHub, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = repository.head("main"), repository.commit("other", {"a": "1"})
    pull = await github.open_pull_request(repository, title="T", head="other")
    pull.head_sha = str(before)
    (tmp_path / "stdin").write_text(f"{before} {after} refs/heads/other\n", encoding="utf-8")

    with (tmp_path / "stdin").open(encoding="utf-8") as moves:
        monkeypatch.setattr("sys.stdin", moves)
        code = await asyncio.to_thread(post_receive.main, [str(github.state.root / "address"), str(repository.id)])

    assert (code, pull.head_sha) == (0, after)
