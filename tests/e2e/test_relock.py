"""Locks of people's pull requests: solved on the merge of both sides, pushed or shown, never over a person's push."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.config import PATHS
from bot.demo.channel import record
from bot.demo.github.model import PullRequest
from bot.demo.github.repository import Content, Repository
from tests.e2e.conftest import AFRESH, World
from tests.e2e.test_pull_looks import ALPHA_1, CORE_2, LOCKED, MANIFEST, WANTS_2, lock, only, proposed, shown

BETA_1, BETA_2 = (record("beta", version, timestamp=AFRESH) for version in ("1.0", "1.1"))
BRAVO_1, BRAVO_2 = (record("bravo", version, timestamp=AFRESH) for version in ("1.0", "1.1"))
THREE = MANIFEST.replace('core = "*"', 'core = "*"\nbeta = "*"\nbravo = "*"')
"""Nothing in it says which versions: what moves is a choice of the lock alone."""

BEGAN: Mapping[str, Content] = {
    "pixi.toml": THREE,
    "pixi.lock": lock(ALPHA_1, BETA_1, CORE_2, BRAVO_1),
    "README.md": "one\ntwo\nthree\n",
    "both.txt": "1\n2\n3\n4\n5\n",
}
GIT = ("git", "-c", "user.name=x", "-c", "user.email=x@y.example", "-c", "core.autocrlf=false")


def answers(pull: PullRequest) -> list[str]:
    return [each.body for each in pull.comments if each.author.login == "condabot[bot]"]


def text(repository: Repository, commit: str, path: str) -> str:
    return repository.git.blob(repository.git.entry(commit, path).oid).decode()


def parents(repository: Repository, commit: str) -> list[str]:
    return [str(each.id) for each in repository.git.commit(commit).parents]


def held(content: str) -> set[str]:
    """Return what the lock *content* holds, as name and version."""
    return {f"{name} {version}" for name, version in re.findall(r"- conda: \S+/(\w+)-([\d.]+)-\w+\.\w+", content)}


async def says(world: World, repository: Repository, pull: PullRequest, who: str = "maintainer") -> None:
    await world.stage.github.acting_as(who).comment(repository, pull.number, "/condabot relock")
    await world.stage.idle()


OURS: Mapping[str, Content] = {
    "pixi.lock": lock(ALPHA_1, BETA_1, CORE_2, BRAVO_2),
    "README.md": "ONE\ntwo\nthree\n",
    "both.txt": "1!\n2\n3\n4\n5\n",
    "new.txt": "new\n",
}
THEIRS: Mapping[str, Content] = {
    "pixi.lock": lock(ALPHA_1, BETA_2, CORE_2, BRAVO_1),
    "both.txt": "1\n2\n3\n4\n5!\n",
    "base.txt": "base\n",
}
BOTH = {"alpha 1.0", "beta 1.1", "core 2.0", "bravo 1.1"}


async def began(world: World) -> Repository:
    """Return a repository on which nothing has moved yet, though it could."""
    world.publish(BETA_1, BETA_2, BRAVO_1, BRAVO_2)
    return await world.installed("acme/app", BEGAN)


async def in_conflict(world: World) -> tuple[Repository, PullRequest]:
    """Return a pull request that moved `bravo`; meanwhile the branch that it is for moved `beta` in the same lines."""
    repository = await began(world)
    pull = await proposed(world, repository, OURS)
    await world.pushed(repository, THEIRS)
    assert repository.git.merged_tree(_tip(repository), pull.head_sha) is None
    return repository, pull


async def test_a_stale_lock_is_solved_and_pushed_on_top(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})
    before = pull.head_sha

    await says(world, repository, pull)

    assert parents(repository, pull.head_sha) == [before]
    assert held(text(repository, pull.head_sha, "pixi.lock")) == {"alpha 2.0", "core 2.0"}
    assert f"in step again: {pull.head_sha}." in answers(pull)[0]
    assert [each.content for each in pull.comments[0].reactions] == ["eyes"]
    assert only(world, repository, pull.head_sha).conclusion == "success"


async def test_the_button_of_the_check_does_it(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})
    run = only(world, repository, pull.head_sha)
    assert [(each["label"], each["identifier"]) for each in run.actions] == [("Relock", f"relock:{pull.number}")]

    await world.stage.github.press(repository, run, run.actions[0]["identifier"])
    await world.stage.idle()

    assert only(world, repository, pull.head_sha).conclusion == "success"
    assert only(world, repository, pull.head_sha).actions == []


async def test_a_conflict_in_a_lock_keeps_what_both_sides_moved(world: World) -> None:
    repository, pull = await in_conflict(world)
    before, base = pull.head_sha, _tip(repository)

    await says(world, repository, pull)

    assert parents(repository, pull.head_sha) == [before, base]
    assert held(text(repository, pull.head_sha, "pixi.lock")) == BOTH
    kept = {path: text(repository, pull.head_sha, path) for path in ("README.md", "both.txt", "new.txt", "base.txt")}
    assert kept == {
        "README.md": "ONE\ntwo\nthree\n",
        "both.txt": "1!\n2\n3\n4\n5!\n",
        "new.txt": "new\n",
        "base.txt": "base\n",
    }
    assert "as a merge of `main` that keeps what both sides moved" in answers(pull)[0]
    assert repository.git.merged_tree(base, pull.head_sha) is not None
    assert only(world, repository, pull.head_sha).conclusion == "success"


async def test_where_the_branch_moved_the_check_says_so_and_nothing_is_pushed(world: World) -> None:
    repository = await began(world)
    pull = await proposed(world, repository, OURS)
    outside = await world.stage.github.open_pull_request_from_fork(repository, OURS, title="Out", owner="stranger")
    await world.stage.idle()
    heads = pull.head_sha, outside.head_sha
    before = [only(world, repository, each).conclusion for each in heads]

    await world.pushed(repository, THEIRS)

    runs = [only(world, repository, each) for each in heads]
    assert before == ["success", "success"]
    assert [shown(each) for each in runs] == [("condabot", "neutral", "pixi.lock is in conflict with main")] * 2
    assert [each["label"] for run in runs for each in run.actions] == ["Relock", "Relock"]
    assert str(runs[0].output["summary"]).startswith(
        "`pixi.lock` is in conflict with `main`, which moved on. Press *Relock*"
    )
    assert (pull.head_sha, outside.head_sha) == heads
    assert answers(pull) == []


@pytest.mark.interrupted  # to say the same again nothing is written, with a token that may
async def test_it_is_looked_at_once_and_again_when_that_is_over(world: World) -> None:
    repository, pull = await in_conflict(world)
    asked = len(world.stage.github.requests)
    await world.wanted(repository)
    again = world.asked_since(asked)

    await world.pushed(repository, {"pixi.lock": BEGAN["pixi.lock"], "both.txt": BEGAN["both.txt"]})

    assert not [each for each in again if each.startswith("pulls/")]
    assert only(world, repository, pull.head_sha).conclusion == "success"
    assert only(world, repository, pull.head_sha).actions == []


async def test_what_github_did_not_know_at_first_it_is_asked_for_once_more(world: World) -> None:
    world.stage.github.lazy_mergeability = True
    _, pull = await in_conflict(world)

    run = only(world, next(iter(world.stage.github.state.repositories.values())), pull.head_sha)
    assert run.conclusion == "neutral"


@pytest.mark.interrupted  # to say the same again nothing is written, with a token that may
async def test_a_conflict_in_another_file_alone_is_no_matter_of_ours(world: World) -> None:
    repository = await began(world)
    pull = await proposed(world, repository, {**OURS, "both.txt": "1?\n2\n3\n4\n5\n"})
    await world.pushed(repository, {"both.txt": "1!\n2\n3\n4\n5\n", "pixi.toml": f"# more\n{THREE}"})

    assert repository.git.merged_tree(_tip(repository), pull.head_sha) is None
    assert only(world, repository, pull.head_sha).conclusion == "success"


async def test_what_is_in_conflict_besides_is_left_to_people(world: World) -> None:
    repository, pull = await in_conflict(world)
    await world.stage.github.acting_as("alice").commit(repository, "topic", {"both.txt": "1\n2\n3\n4\n5?\n"})
    before = pull.head_sha

    await says(world, repository, pull)

    assert pull.head_sha == before
    assert "which only people can resolve\\: both.txt" in answers(pull)[0]


async def moved_apart(world: World) -> Repository:
    """Return a repository whose branch `topic` is in conflict with the one that it came from, and nobody's yet."""
    repository = await began(world)
    repository.commit("topic", OURS)
    repository.commit("main", THEIRS)
    return repository


async def test_markers_in_a_lock_need_nobody_to_ask(world: World, tmp_path: Path) -> None:
    """Somebody merged by hand, and committed what git left of the lock."""
    repository = await moved_apart(world)
    checkout = _checked_out(repository, "origin/topic", tmp_path)
    _git(checkout, "merge", "-q", "origin/main", check=False)
    assert "<<<<<<<" in (checkout / "pixi.lock").read_text()
    _git(checkout, "commit", "-qam", "Merge main")
    _git(repository.path, "fetch", "-q", str(checkout), "mine:refs/heads/topic")

    person = world.stage.github.acting_as("alice")
    pull = await person.open_pull_request(repository, title="A change", head="topic")
    await world.stage.idle()

    assert held(text(repository, pull.head_sha, "pixi.lock")) == BOTH
    assert "<<<<<<<" not in text(repository, pull.head_sha, "pixi.lock")
    assert only(world, repository, pull.head_sha).conclusion == "success"
    assert "in step again" in answers(pull)[0]


@pytest.mark.interrupted  # to say the same again nothing is written, with a token that may
async def test_markers_that_no_merge_left_are_resolved_by_what_was_there_before(world: World) -> None:
    repository = await moved_apart(world)
    locks = (str(each["pixi.lock"]) for each in (BEGAN, THEIRS, OURS))
    marked = _merged_by_git(world.stage.github.state.root, *locks)
    assert "<<<<<<<" in marked

    pull = await proposed(world, repository, {"pixi.lock": marked})

    assert held(text(repository, pull.head_sha, "pixi.lock")) == BOTH
    assert only(world, repository, pull.head_sha).conclusion == "success"


def _tip(repository: Repository) -> str:
    tip = repository.head("main")
    assert tip is not None
    return tip


def _git(checkout: Path, *words: str, check: bool = True) -> None:
    subprocess.run([*GIT, "-C", str(checkout), *words], check=check, capture_output=True)


def _merged_by_git(root: Path, began: str, theirs: str, ours: str) -> str:
    for name, content in (("began", began), ("theirs", theirs), ("ours", ours)):
        (root / name).write_text(content, newline="")
    names = [str(root / name) for name in ("ours", "began", "theirs")]
    return subprocess.run([*GIT, "merge-file", "-p", *names], capture_output=True, text=True, check=False).stdout


@pytest.mark.interrupted  # a head is looked at more than once
async def test_a_push_that_came_in_between_is_kept_and_read(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})
    pushed: list[str] = []

    def push(_: int, __: str, path: str) -> None:
        if path.endswith("/git/trees") and not pushed:
            pushed.append(repository.commit("topic", {"mine.txt": "mine"}, message="A person's"))

    world.stage.github.before_write = push
    await says(world, repository, pull)

    assert parents(repository, pull.head_sha) == pushed
    assert text(repository, pull.head_sha, "mine.txt") == "mine"
    assert held(text(repository, pull.head_sha, "pixi.lock")) == {"alpha 2.0", "core 2.0"}


@pytest.mark.interrupted  # a head is looked at more than once
async def test_who_pushes_all_the_time_is_told(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})
    pushed: list[str] = []

    def push(_: int, __: str, path: str) -> None:
        if path.endswith("/git/trees"):
            pushed.append(repository.commit("topic", {"mine.txt": str(len(pushed))}, message="A person's"))

    world.stage.github.before_write = push
    await says(world, repository, pull)

    assert pull.head_sha == pushed[-1]
    assert "what people push is never overwritten" in answers(pull)[0]


async def test_what_does_not_solve_says_why(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"pixi.toml": MANIFEST.replace('core = "*"', 'core = "9.*"')})
    before = pull.head_sha

    await says(world, repository, pull)

    assert pull.head_sha == before
    assert "Not relocked: pixi" in answers(pull)[0]
    assert "core" in answers(pull)[0]


async def test_where_condabot_is_switched_off_it_says_so(world: World) -> None:
    repository = await world.installed("acme/app", {**LOCKED, PATHS[0]: "enabled: false\n"})
    pull = await proposed(world, repository, {"pixi.toml": WANTS_2})
    before = pull.head_sha

    await says(world, repository, pull)

    assert pull.head_sha == before
    assert "Not relocked: the configuration says" in answers(pull)[0]


async def test_where_all_is_in_step_nothing_is_pushed(world: World) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = await proposed(world, repository, {"README.md": "hello, world"})
    before = pull.head_sha

    await says(world, repository, pull)

    assert (pull.head_sha, answers(pull)[0].partition("\n")[0]) == (
        before,
        "Every lock is in step with its manifest: there is nothing to relock.",
    )


async def test_on_a_fork_it_is_a_patch_that_applies(world: World, tmp_path: Path) -> None:
    repository = await world.installed("acme/app", LOCKED)
    github = world.stage.github
    pull = await github.open_pull_request_from_fork(
        repository, {"pixi.toml": WANTS_2}, title="From outside", owner="stranger"
    )
    await world.stage.idle()
    before = pull.head_sha

    await says(world, repository, pull)

    assert pull.head_sha == before
    assert "this branch belongs to another repository" in answers(pull)[0]
    checkout = _checked_out(repository, before, tmp_path)
    _follow(answers(pull)[0], checkout, repository)
    assert held((checkout / "pixi.lock").read_text()) == {"alpha 2.0", "core 2.0"}


@pytest.mark.interrupted  # to say the same again nothing is written, with a token that may
async def test_a_patch_for_a_merge_applies_in_it(world: World, tmp_path: Path) -> None:
    repository = await began(world)
    pull = await world.stage.github.open_pull_request_from_fork(repository, OURS, title="Outside", owner="stranger")
    await world.pushed(repository, THEIRS)

    await says(world, repository, pull)

    checkout = _checked_out(repository, pull.head_sha, tmp_path)
    _follow(answers(pull)[0], checkout, repository)
    assert held((checkout / "pixi.lock").read_text()) == BOTH
    assert (checkout / "both.txt").read_text() == "1!\n2\n3\n4\n5!\n"


def _checked_out(repository: Repository, commit: str, folder: Path) -> Path:
    """Return a clone that is at *commit*."""
    checkout = folder / "checkout"
    subprocess.run([*GIT, "clone", "-q", str(repository.path), str(checkout)], check=True)
    _git(checkout, "fetch", "-q", "origin", "refs/pull/*:refs/pull/*")
    _git(checkout, "checkout", "-q", "-b", "mine", commit)
    return checkout


def _follow(answer: str, checkout: Path, repository: Repository) -> None:
    """Do what an answer says: save the patch, and run the commands."""
    patch = re.search(r"```diff\n(.*?)```\n", answer, re.DOTALL)
    steps = re.search(r"```sh\n(.*?)\n```", answer, re.DOTALL)
    assert patch is not None
    assert steps is not None
    (checkout / "relock.patch").write_text(patch[1], newline="")
    for step in steps[1].split("\n"):
        words = re.sub(r"http://\S+", str(repository.path), step).replace("git commit", "git commit -qm merged")
        may_fail = words.startswith("git merge")
        command = re.sub(r"(^|&& )git ", rf"\1{' '.join(GIT)} ", words)
        done = subprocess.run(["sh", "-c", command], cwd=checkout, capture_output=True, text=True, check=False)
        assert may_fail or done.returncode == 0, (step, done.stdout, done.stderr)


@pytest.mark.interrupted  # what comes to the same is not pushed, with a token that may
@pytest.mark.parametrize("edited", [False, True])
async def test_one_of_the_bots_is_made_afresh_unless_a_person_has_committed_to_it(
    world: World, *, edited: bool
) -> None:
    repository = await world.installed("acme/app", LOCKED)
    pull = next(iter(repository.pulls.values()))
    if edited:
        await world.stage.github.acting_as("ada").commit(repository, pull.head, {"pixi.lock": LOCKED["pixi.lock"]})
    before = pull.head_sha

    await says(world, repository, pull)

    if edited:
        assert pull.head_sha == before
        assert "not pushed: condabot may not write to this branch" in answers(pull)[0]
    else:
        assert "made afresh" in answers(pull)[0]
