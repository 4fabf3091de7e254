"""The pages: readable, escaped, and their buttons work only from the pages themselves."""

import httpx
import pytest

from bot.demo.github.model import Comment, Mergeability, PullRequest, State
from bot.demo.github.pages import MERGE_WORDS
from bot.demo.github.repository import Repository
from bot.demo.github.server import FakeGitHub
from bot.demo.github.state import Installation
from tests.demo.github.conftest import Receiver

HOSTILE = "<script>alert(1)</script>"

pytestmark = pytest.mark.usefixtures("github")


@pytest.fixture
async def pull(github: FakeGitHub, repository: Repository, installation: Installation) -> PullRequest:
    assert installation.has(repository)
    repository.commit("work", {"a.txt": f"{HOSTILE}\n"}, message=HOSTILE)
    body = f"**bold** {HOSTILE} [x](javascript:alert(1))\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    return await github.open_pull_request(repository, title=f"T {HOSTILE}", head="work", body=body)


async def test_every_page_shows_what_is_there_and_escapes_it(
    github: FakeGitHub, http: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    now = github.state.now()
    pull.labels.append("bot")
    pull.comments.append(Comment(id=1, author=github.person, body=HOSTILE, created_at=now, updated_at=now))
    repository.commit("main", {"b": "1"}, message=HOSTILE)

    pages = {path: (await http.get(path)).text for path in ("/", "/acme/app", "/acme/app/pulls", "/acme/app/pull/1")}

    assert "1 open pull request<" in pages["/"]
    assert repository.clone_url in pages["/acme/app"]
    assert pages["/acme/app"] == pages["/acme/app/pulls"]
    one = pages["/acme/app/pull/1"]
    assert "<strong>bold</strong>" in one
    assert "<td>1</td>" in one
    assert "+&lt;script&gt;" in one
    assert 'href="javascript' not in one
    assert all("<script" not in page for page in pages.values())


async def test_a_description_has_folds_boxes_and_lines_that_end_as_on_github(
    github: FakeGitHub, http: httpx.AsyncClient, repository: Repository
) -> None:
    repository.commit("other", {"b.txt": "b\n"})
    body = (
        "one\ntwo\n\n<details><summary>More (1)</summary>\n\ninside\n\n</details>\n\n- [ ] <!-- mark --> no\n- [x] yes"
    )
    await github.open_pull_request(repository, title="T", head="other", body=body)

    page = (await http.get("/acme/app/pull/1")).text

    assert "one<br" in page
    assert "<details><summary>More (1)</summary>" in page
    assert '<li><input type="checkbox" disabled> no' in page
    assert '<li><input type="checkbox" disabled checked> yes' in page


async def test_pages_forbid_scripts_and_frames(http: httpx.AsyncClient) -> None:
    for path in ("/", "/-/style.css"):
        answer = await http.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_an_empty_github_and_an_empty_repository_have_pages(github: FakeGitHub, http: httpx.AsyncClient) -> None:
    assert "no repository yet" in (await http.get("/")).text

    github.create_repository("acme/empty")
    assert "no pull request yet" in (await http.get("/acme/empty")).text


async def test_the_merge_button_merges_as_the_person_and_tells_the_app(
    github: FakeGitHub, receiver: Receiver, http: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    answer = await http.post("/acme/app/pull/1/merge", headers={"Origin": github.url})
    await github.settle()

    assert (answer.status_code, answer.headers["location"]) == (303, "/acme/app/pull/1")
    assert "a.txt" in repository.tree("main")
    assert pull.merged_by == github.person
    closed = receiver.last("pull_request")
    assert (closed["action"], closed["pull_request"]["merged"]) == ("closed", True)
    assert "Merge pull request</button>" not in (await http.get("/acme/app/pull/1")).text


async def test_the_close_button_closes_once(
    github: FakeGitHub, receiver: Receiver, http: httpx.AsyncClient, pull: PullRequest
) -> None:
    for _ in range(2):
        assert (await http.post("/acme/app/pull/1/close", headers={"Origin": github.url})).status_code == 303
    await github.settle()

    assert (pull.state, pull.merged_at) == (State.CLOSED, None)
    assert receiver.names().count("pull_request.closed") == 1


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://elsewhere.example"}], ids=["no origin", "another origin"])
@pytest.mark.parametrize("action", ["merge", "close"])
async def test_a_form_from_elsewhere_is_refused(
    http: httpx.AsyncClient, pull: PullRequest, headers: dict[str, str], action: str
) -> None:
    assert (await http.post(f"/acme/app/pull/1/{action}", headers=headers)).status_code == 403
    assert pull.state is State.OPEN


async def test_a_conflict_is_shown_and_cannot_be_merged(
    github: FakeGitHub, http: httpx.AsyncClient, repository: Repository, pull: PullRequest
) -> None:
    repository.commit("main", {"a.txt": "other\n"})

    page = (await http.get(f"/acme/app/pull/{pull.number}")).text
    refused = await http.post(f"/acme/app/pull/{pull.number}/merge", headers={"Origin": github.url})

    assert "conflicts with the base branch" in page
    assert 'class="primary" disabled' in page
    assert refused.status_code == 409


async def test_checks_are_shown(api: httpx.AsyncClient, pull: PullRequest) -> None:
    check = {"name": "solve <b>", "head_sha": pull.head_sha, "conclusion": "success"}
    await api.post("/repos/acme/app/check-runs", json=check)

    assert "solve &lt;b&gt;" in (await api.get("/acme/app/pull/1")).text


@pytest.mark.parametrize("path", ["/acme/none", "/acme/app/pull/99", "/none/none/pull/1"])
@pytest.mark.usefixtures("repository")
async def test_what_is_not_there_has_no_page(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


async def test_every_state_of_a_pull_request_has_words() -> None:
    assert MERGE_WORDS.keys() == set(Mergeability)
