"""A scan's whole way through GitHub, against a GitHub that checks every request and answer."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from bot.demo.github.faults import Fault, FaultKind
from bot.demo.github.model import Account, AccountKind
from bot.errors import BadInput, EditError, GitHubError, GitHubUnavailable, RefMoved
from bot.github import checks, pulls
from bot.github.checks import CheckResult, Conclusion
from bot.github.commits import move_branch
from bot.github.contents import LARGEST_BLOB, BlobCache, read, tree
from bot.github.model import FileMode, Oid, PullRequestState
from bot.github.ours import BranchState, branch_state, is_ours
from bot.github.overview import overview, pulls_of_branch
from bot.github.permissions import READ, WITHDRAW, WRITE
from bot.github.references import tip
from bot.model.pull_request import OpenPullRequest
from bot.model.update import BranchName
from tests.github.conftest import FILES, PREFIX, World, look
from tests.github.made import made

BRANCH = BranchName("condabot/numpy")
NEW = {"pixi.toml": b"[dependencies]\nnumpy = '2.2.*'\n"}


async def proposed(world: World) -> Oid:
    """Push a branch and open a pull request as a scan does; return the commit."""
    async with world.client(WRITE) as client:
        _, default, entries = await look(client)
        done = await made(client, base=default.head, tree=entries, files=NEW, message="Update numpy to 2.2")
        await move_branch(client, BRANCH, before=None, after=done.oid)
        await pulls.ensure(client, head=BRANCH, base="main", title="Update numpy", body="the body")
        return done.oid


async def test_a_scan_with_nothing_to_do_asks_four_times(world: World) -> None:
    """Token, overview, tree, contents; the second scan does not ask for contents again."""
    cache = BlobCache()
    async with world.client() as client:
        seen, _, entries = await look(client)
        texts = [entry for entry in entries if entry.path != "logo.png"]
        contents = await read(client, texts, cache)
    assert {path: data.decode() for path, data in contents.items()} == {
        path: text for path, text in FILES.items() if isinstance(text, str)
    }
    assert seen.repository.id == world.repository.id
    assert world.asked() == ["apps/create-installation-access-token", "graphql", "git/get-tree", "graphql"]
    async with world.client() as client:
        assert await read(client, texts, cache) == contents
    assert len(world.asked()) == 5
    assert set(world.github.unused_permissions().values()) == {frozenset()} or not world.github.unused_permissions()


async def test_files_are_listed_with_their_modes_and_without_links(world: World) -> None:
    world.repository.commit("main", {"link.toml": "/etc/passwd"}, modes={"link.toml": 0o120000})
    async with world.client() as client:
        _, _, entries = await look(client)
    assert [(entry.path, entry.mode) for entry in entries] == [
        ("ci/run.sh", FileMode.EXECUTABLE),
        ("logo.png", FileMode.REGULAR),
        ("pixi.toml", FileMode.REGULAR),
    ]


async def test_a_tree_too_large_for_one_answer_is_refused_with_a_sentence(world: World) -> None:
    world.repository.tree_limit = 1
    async with world.client() as client:
        seen = await overview(client, prefix=PREFIX)
        assert seen.default_branch is not None
        with pytest.raises(GitHubError, match="acme/app has more files than GitHub lists"):
            await tree(client, seen.default_branch.head.tree)


async def test_binary_contents_are_read_too(world: World) -> None:
    async with world.client() as client:
        _, _, entries = await look(client)
        contents = await read(client, entries, BlobCache())
    assert contents["logo.png"] == FILES["logo.png"]
    assert world.asked()[-1] == "git/get-blob"


@pytest.mark.parametrize("times", [1_100, 30_000], ids=["in one piece", "in pieces"])
async def test_a_large_file_is_read_and_written_by_itself_and_not_kept_twice(world: World, times: int) -> None:
    """With every byte that there is, and a length that no piece divides."""
    before, after = bytes(range(256)) * times, bytes(range(256)) * times + b"end"
    world.repository.commit("main", {"logo.png": before})
    async with world.client(WRITE) as client:
        _, default, entries = await look(client)
        contents = await read(client, [each for each in entries if each.path == "logo.png"], BlobCache())
        kept = [url for url in client.api._cache or () if "blobs" in url]
        files = {"logo.png": after}
        done = await made(client, base=default.head, tree=entries, files=files, message="A larger one")
        await move_branch(client, BRANCH, before=None, after=done.oid)

    assert contents == {"logo.png": before}
    assert kept == []
    assert world.repository.read(BRANCH, "logo.png") == after
    assert "git/create-blob" in world.asked()


async def test_a_file_beyond_the_bound_is_bad_input(world: World) -> None:
    async with world.client() as client:
        _, _, entries = await look(client)
        with pytest.raises(BadInput, match=r"^pixi.toml: 50000001 bytes"):
            await read(client, [replace(entries[-1], size=LARGEST_BLOB + 1)], BlobCache())


async def test_a_commit_is_the_bots_verified_and_keeps_modes(world: World) -> None:
    async with world.client(WRITE) as client:
        _, default, entries = await look(client)
        files = {"ci/run.sh": b"#!/bin/sh\ntrue\n", "logo.png": b"\x89PNG\xfe"}
        done = await made(client, base=default.head, tree=entries, files=files, message="Change two files")
        await move_branch(client, BRANCH, before=None, after=done.oid)
        seen, _, _ = await look(client)
        branch = seen.branch(BRANCH)
        assert branch is not None
        after = {entry.path: entry.mode for entry in await tree(client, done.tree)}
    assert branch.head.oid == done.oid
    assert branch_state(branch.head, seen.bot) is BranchState.PRISTINE
    assert after["ci/run.sh"] is FileMode.EXECUTABLE
    assert world.repository.read(BRANCH, "logo.png") == b"\x89PNG\xfe"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        pytest.param({"new.yml": b"x"}, "only files that the repository has", id="a path that is not there"),
        pytest.param({".github/../x": b"x"}, "only files that the repository has", id="a path that climbs"),
        pytest.param({"pixi.toml": str(FILES["pixi.toml"]).encode()}, "changes nothing", id="the same content"),
    ],
)
async def test_a_commit_of_something_else_is_refused(world: World, files: dict[str, bytes], sentence: str) -> None:
    async with world.client(WRITE) as client:
        _, default, entries = await look(client)
        with pytest.raises(EditError, match=sentence):
            await made(client, base=default.head, tree=entries, files=files, message="No")


async def test_a_persons_push_is_never_overwritten(world: World) -> None:
    """Somebody pushes between our reading and our writing."""
    ours = await proposed(world)
    theirs = world.repository.commit(BRANCH, {"README.md": "mine"})
    async with world.client(WRITE) as client:
        _, default, entries = await look(client)
        again = await made(client, base=default.head, tree=entries, files={"pixi.toml": b"x"}, message="Again")
        with pytest.raises(RefMoved, match="moved by somebody else"):
            await move_branch(client, BRANCH, before=ours, after=again.oid)
        with pytest.raises(RefMoved):
            await move_branch(client, BRANCH, before=None, after=again.oid)
        seen, _, _ = await look(client)
        branch = seen.branch(BRANCH)
        assert branch is not None
        assert branch_state(branch.head, seen.bot) is BranchState.EDITED
    assert world.repository.head(BRANCH) == theirs


async def test_a_refusal_that_is_no_race_stays_a_refusal(world: World) -> None:
    async with world.client(WRITE) as client:
        with pytest.raises(GitHubError, match="not a valid ref name") as caught:
            await move_branch(client, BranchName("condabot/a..b"), before=None, after=Oid("1" * 40))
    assert not isinstance(caught.value, RefMoved)


@pytest.mark.parametrize("operation", ["git/create-tree", "git/create-commit", "graphql:updateRefs", "pulls/create"])
@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY, FaultKind.SECONDARY_LIMIT_403])
async def test_whatever_answer_is_lost_there_is_one_pull_request(world: World, operation: str, kind: FaultKind) -> None:
    world.github.faults.add(Fault(kind=kind, operation=operation))
    oid = await proposed(world)
    assert not world.github.faults.pending
    assert world.repository.head(BRANCH) == oid
    assert len(world.repository.pulls) == 1


async def test_a_job_that_is_repeated_changes_nothing(world: World) -> None:
    await proposed(world)
    async with world.client(WRITE) as client:
        before = len(world.asked())
        ensured = await pulls.ensure(client, head=BRANCH, base="main", title="Update numpy", body="the body")
    assert not ensured.created
    assert world.asked()[before:-1] == ["pulls/list"]


async def test_a_pull_request_gets_its_new_title_and_body(world: World) -> None:
    await proposed(world)
    async with world.client(WRITE) as client:
        ensured = await pulls.ensure(client, head=BRANCH, base="main", title="Update numpy again", body="more")
    pull = world.repository.pulls[ensured.number]
    assert (pull.title, pull.body) == ("Update numpy again", "more")


async def test_a_body_that_github_would_not_store_is_not_sent(world: World) -> None:
    async with world.client(WRITE) as client:
        with pytest.raises(GitHubError, match="65537 characters"):
            await pulls.ensure(client, head=BRANCH, base="main", title="t", body="x" * 65_537)


async def test_a_pull_request_without_a_branch_is_githubs_refusal(world: World) -> None:
    async with world.client(WRITE) as client:
        with pytest.raises(GitHubError, match=r"POST /repos/{owner}/{repo}/pulls: 422"):
            await pulls.ensure(client, head=BRANCH, base="main", title="t", body="b")


async def test_closing_says_why_and_deleting_leaves_history(world: World) -> None:
    """Once the branch is gone, the pull request is still found as closed, by overview and by branch."""
    oid = await proposed(world)
    async with world.client(WRITE) as client:
        opened = await overview(client, prefix=PREFIX)
        await pulls.withdraw(client, opened.pulls[0], comment="numpy 2.2 was yanked.")
        assert await tip(client, BRANCH) is None
        await move_branch(client, BRANCH, before=oid, after=None)
        seen = await overview(client, prefix=PREFIX)
        found = await pulls_of_branch(client, BRANCH)
    assert seen.branches == ()
    assert [each.state for each in seen.pulls] == [PullRequestState.CLOSED]
    assert found == seen.pulls
    assert is_ours(found[0], bot=seen.bot, repository_id=seen.repository.id)
    assert found[0].head_oid == oid


@pytest.mark.parametrize("edited", [False, True], ids=["ours", "a person has pushed to"])
async def test_what_is_withdrawn_keeps_a_persons_branch(world: World, *, edited: bool) -> None:
    """The pull request is closed with a reason; the branch goes unless somebody has put a commit on it."""
    await proposed(world)
    async with world.client(WITHDRAW) as client:
        seen = await overview(client, prefix=PREFIX)
        theirs = world.repository.commit(BRANCH, {"README.md": "mine"}) if edited else None
        with pytest.raises(RefMoved) if edited else nullcontext():
            await pulls.withdraw(client, seen.pulls[0], comment="numpy 2.2 was yanked.")
    assert world.repository.pulls[1].state == "closed"
    assert world.repository.head(BRANCH) == theirs


async def test_pull_requests_of_people_are_not_the_bots(world: World) -> None:
    world.repository.commit(BRANCH, {"README.md": "mine"})
    await world.github.open_pull_request(world.repository, title="Update numpy", head=BRANCH)
    async with world.client() as client:
        seen = await overview(client, prefix=PREFIX)
    assert [branch.name for branch in seen.branches] == [BRANCH]
    assert seen.pulls == ()


async def test_what_others_propose_from_the_repository_itself_is_told_with_the_files_that_change(world: World) -> None:
    renovate = Account(login="renovate[bot]", kind=AccountKind.BOT)
    world.repository.commit("renovate/numpy-2.x", {"pixi.toml": "[dependencies]\nnumpy = '2.5.*'\n"})
    await world.github.open_pull_request(
        world.repository, title="Update dependency numpy to v2.5", head="renovate/numpy-2.x", author=renovate
    )
    await world.github.open_pull_request_from_fork(
        world.repository, owner="renovate", title="Update numpy to v2", head="renovate/x", files={"pixi.toml": b"x"}
    )
    await proposed(world)

    async with world.client() as client:
        seen = await overview(client, prefix=PREFIX)

    assert seen.others == (
        OpenPullRequest(
            number=1,
            author="renovate",
            title="Update dependency numpy to v2.5",
            files=("pixi.toml",),
            branch="renovate/numpy-2.x",
        ),
    )
    assert len(seen.pulls) == 1


async def test_an_empty_repository_has_no_default_branch(world: World) -> None:
    empty = world.github.create_repository("acme/empty")
    installation = await world.github.install("acme", [empty])
    async with world.app.installation(installation.id, empty.id, READ) as client:
        seen = await overview(client, prefix=PREFIX)
    assert seen.default_branch is None


async def test_check_runs_start_finish_and_come_at_once(world: World) -> None:
    head = Oid(world.repository.head("main") or "")
    good = CheckResult(conclusion=Conclusion.SUCCESS, title="All well", summary="s" * 70_000)
    bad = CheckResult(conclusion=Conclusion.FAILURE, title="Broken", summary="why")
    async with world.client(WRITE) as client:
        started = await checks.start(client, name="condabot", head=head, external_id="scan")
        await checks.finish(client, started, good)
        await checks.report(client, name="condabot/audit", head=head, external_id="audit", result=bad)
    shown = {run.name: run.conclusion for run in world.repository.check_runs.values()}
    assert shown == {"condabot": "success", "condabot/audit": "failure"}


async def test_a_write_token_is_worthless_after_the_job(world: World) -> None:
    async with world.client(WRITE) as client:
        pass
    with pytest.raises(GitHubError, match="401"):
        await overview(client, prefix=PREFIX)


async def test_a_revocation_that_fails_does_not_fail_the_job(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async with world.client(WRITE):
        fault = Fault(kind=FaultKind.PRIMARY_LIMIT, operation="apps/revoke-installation-access-token", retry_after=900)
        world.github.faults.add(fault)
    assert "lives for an hour" in caplog.text


async def test_ids_of_another_installation_are_refused(world: World) -> None:
    """A payload that names the installation of one account and the repository of another reaches neither."""
    other = world.github.create_repository("evil/app", FILES)
    theirs = await world.github.install("evil", [other])
    with pytest.raises(GitHubError, match="422"):
        async with world.app.installation(world.installation.id, other.id, WRITE):
            pass
    with pytest.raises(GitHubError, match="422"):
        async with world.app.installation(theirs.id, world.repository.id, WRITE):
            pass


async def test_a_token_for_one_repository_does_not_see_another(world: World) -> None:
    other = world.github.create_repository("acme/other", FILES)
    installation = await world.github.install("acme", [world.repository, other])
    async with world.app.installation(installation.id, world.repository.id, READ) as client:
        stranger = replace(client, repository=replace(client.repository, node_id=other.node_id))
        with pytest.raises(GitHubError):
            await overview(stranger, prefix=PREFIX)


@pytest.mark.parametrize("operation", ["graphql", "git/get-tree"])
async def test_a_long_limit_ends_the_job_and_says_when(world: World, operation: str) -> None:
    world.github.faults.add(Fault(kind=FaultKind.SECONDARY_LIMIT_403, operation=operation, retry_after=600))
    async with world.client() as client:
        with pytest.raises(GitHubUnavailable) as caught:
            await look(client)
    assert caught.value.retry_after == 600
    assert world.clock.sleeps == []


async def test_points_used_up_in_graphql_are_a_limit_too(world: World) -> None:
    """GitHub answers with status 200 then."""
    world.github.faults.add(Fault(kind=FaultKind.PRIMARY_LIMIT, operation="graphql"))
    async with world.client() as client:
        with pytest.raises(GitHubUnavailable) as caught:
            await overview(client, prefix=PREFIX)
    assert caught.value.retry_after


async def test_a_github_that_is_down_is_tried_four_times(world: World) -> None:
    world.github.faults.add(Fault(kind=FaultKind.BAD_GATEWAY, times=4))
    with pytest.raises(GitHubUnavailable, match="502"):
        async with world.client():
            pass
    first, second, third = world.clock.sleeps
    assert 1 <= first <= 2 <= second <= 3
    assert 4 <= third <= 5


async def test_a_connection_that_breaks_is_tried_again(world: World) -> None:
    world.github.faults.add(Fault(kind=FaultKind.RESET_BEFORE, operation="graphql"))
    async with world.client() as client:
        await overview(client, prefix=PREFIX)
    assert len(world.clock.sleeps) == 1
    assert 1 <= world.clock.sleeps[0] <= 2
