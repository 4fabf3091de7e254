"""Two states of real repositories: commits, the work tree, folders, and two files, with git and without it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.egress import local_egress
from bot.composition.channels import channel_resolver
from bot.errors import BadInput
from bot.local.checkout import Checkout
from bot.local.git import Revision
from bot.local.reading import Tree
from bot.local.states import CommittedTree, diff_trees, diff_two_files
from bot.model.state_diff import StateDiff
from bot.settings import Settings
from tests.local.conftest import Git
from tests.updating.survey.test_in_step import CLICK, DOCS, MANIFEST, OLD_CLICK, lock

OLD, NEW = lock(DOCS, OLD_CLICK), lock(DOCS, CLICK)
MOVED = [("pixi.lock", "click", "8.2", "8.3", True)]


def moves(found: StateDiff) -> list[tuple[str, str, str | None, str | None, bool]]:
    changes = [(each.lock, change) for each in found.locks for change in each.changes]
    return [(path, each.name, each.old_version, each.new_version, each.direct) for path, each in changes]


def diff(before: Tree, after: Tree) -> StateDiff:
    channels = Settings.from_env({}).channels
    resolve = channel_resolver(channels, local_egress(channels))
    return diff_trees(before, after, resolve, datetime(2026, 11, 21, tzinfo=UTC), None)


def write(root: Path, text: str) -> None:
    root.mkdir(parents=True, exist_ok=True)
    (root / "pixi.toml").write_text(MANIFEST)
    (root / "pixi.lock").write_text(text)


@pytest.fixture
def committed(git: Git, root: Path) -> None:
    for text in (OLD, NEW):
        write(root / "sub", text)
        git("add", ".")
        git("commit", "--quiet", "--message", "x")


@pytest.mark.usefixtures("committed")
def test_two_commits_and_a_commit_with_the_work_tree(root: Path, environment: Mapping[str, str]) -> None:
    old, new = (CommittedTree(revision=Revision.at(root / "sub", ref, environment)) for ref in ("HEAD~1", "HEAD"))

    assert moves(diff(old, new)) == MOVED
    assert moves(diff(old, Checkout.at(root / "sub"))) == MOVED
    assert diff(new, Checkout.at(root / "sub")).is_empty


@pytest.mark.usefixtures("committed")
def test_links_and_other_entries_of_a_commit_are_no_files(git: Git, root: Path, environment: Mapping[str, str]) -> None:
    (root / "linked.lock").symlink_to("sub/pixi.lock")
    (root / "na me.yml").write_text("x: 1\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "x")

    tree = CommittedTree(revision=Revision.at(root, "HEAD", environment))

    assert tree.sizes().keys() == {"na me.yml", "sub/pixi.lock", "sub/pixi.toml"}
    with pytest.raises(BadInput, match="is not there at HEAD"):
        tree.read("linked.lock")


def test_two_folders(tmp_path: Path) -> None:
    write(tmp_path / "old", OLD)
    write(tmp_path / "new", NEW)

    assert moves(diff(Checkout.at(tmp_path / "old"), Checkout.at(tmp_path / "new"))) == MOVED


@pytest.mark.parametrize("names", [("a.lock", "pixi.lock"), ("pixi.lock", "pixi.lock.orig"), ("pixi.lock", "new")])
def test_two_files_of_which_one_is_called_like_a_lock(tmp_path: Path, names: tuple[str, str]) -> None:
    before, after = tmp_path / "old" / names[0], tmp_path / "new" / names[1]
    for path, text in ((before, OLD), (after, NEW)):
        path.parent.mkdir()
        path.write_text(text)

    found = diff_two_files(before, after)

    assert [move[1:4] for move in moves(found)] == [("click", "8.2", "8.3")]


def test_two_files_that_are_no_locks_are_bad_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")

    with pytest.raises(BadInput, match="no lockfile"):
        diff_two_files(tmp_path / "a.txt", tmp_path / "a.txt")


@pytest.mark.parametrize("broken", ["old", "new"])
@pytest.mark.parametrize("text", ["version: 6\nx: [", None])
def test_of_two_files_the_one_that_cannot_be_read_is_named_as_it_was_given(
    tmp_path: Path, broken: str, text: str | None
) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pixi.lock").write_text(OLD)
    (tmp_path / broken / "pixi.lock").unlink()
    if text:
        (tmp_path / broken / "pixi.lock").write_text(text)

    with pytest.raises(BadInput) as error:
        diff_two_files(tmp_path / "old" / "pixi.lock", tmp_path / "new" / "pixi.lock")

    assert str(error.value).startswith(str(tmp_path / broken / "pixi.lock"))
