"""Reading files of another commit: what git says, and nothing that a repository or a REF could make it do."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.local import git as reading
from bot.local.git import Revision
from tests.local.conftest import Git

BEFORE, AFTER = b"before\r\n\xff", b"after\n"


@pytest.fixture
def committed(git: Git, root: Path) -> str:
    """Make two commits and return the id of the first; the file differs once more in the work tree."""
    (root / "sub").mkdir()
    for content in (BEFORE, AFTER):
        (root / "sub" / "pixi.lock").write_bytes(content)
        git("add", ".")
        git("commit", "--quiet", "--message", "x")
    (root / "sub" / "pixi.lock").write_bytes(b"not committed")
    return git("rev-parse", "HEAD~1")


@pytest.mark.parametrize("ref", ["HEAD~1", "main~1", "v1.0", "refs/tags/v1.0", "HEAD^", "main@{1}", "feature/x"])
def test_a_file_is_read_as_the_commit_has_it(
    git: Git, root: Path, environment: Mapping[str, str], committed: str, ref: str
) -> None:
    git("tag", "--annotate", "--message", "x", "v1.0", committed)
    git("branch", "feature/x", committed)

    revision = Revision.at(root, ref, environment)

    assert (revision.commit, revision.read("sub/pixi.lock")) == (committed, BEFORE)


def test_paths_are_counted_from_the_folder_and_not_from_the_repository(
    root: Path, environment: Mapping[str, str], committed: str
) -> None:
    revision = Revision.at(root / "sub", committed, environment)

    assert revision.read("pixi.lock") == BEFORE


@pytest.mark.parametrize("path", ["pixi.lock", "sub", "su*/pixi.lock", ":(top)sub/pixi.lock", "-z", "linked.lock"])
def test_what_is_no_regular_file_there_is_none(
    git: Git, root: Path, environment: Mapping[str, str], committed: str, path: str
) -> None:
    assert committed
    (root / "linked.lock").symlink_to("sub/pixi.lock")
    git("add", "linked.lock")
    git("commit", "--quiet", "--message", "x")

    assert Revision.at(root, "main", environment).read(path) is None


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "-h",
        "--output=x",
        "HEAD:sub/pixi.lock",
        ":/x",
        "a b",
        "main\n",
        "main\0",
        "*",
        "a" * 251,
    ],
    ids=repr,
)
def test_what_does_not_look_like_a_ref_never_reaches_git(root: Path, ref: str) -> None:
    with pytest.raises(BadInput, match="is not the name of a commit"):
        Revision.at(root, ref, {"PATH": ""})


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("ref", ["nowhere", "main..HEAD", "HEAD^{tree}", "0" * 40, "@{99}"])
def test_a_ref_that_is_no_commit_is_bad_input(root: Path, environment: Mapping[str, str], ref: str) -> None:
    with pytest.raises(BadInput, match="is no commit that this repository has; fetch it first"):
        Revision.at(root, ref, environment)


def test_a_folder_outside_of_any_repository_is_bad_input(tmp_path: Path, environment: Mapping[str, str]) -> None:
    alone = {**environment, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}

    with pytest.raises(BadInput, match="not a git repository"):
        Revision.at(tmp_path, "main", alone)


def test_without_a_git_program_it_is_bad_input(root: Path) -> None:
    with pytest.raises(BadInput, match="needs the git program"):
        Revision.at(root, "main", {"PATH": ""})


def test_a_git_that_does_not_answer_is_bad_input(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec cat /dev/zero >/dev/null\n")
    program.chmod(0o755)
    monkeypatch.setattr(reading, "_SECONDS", 0.01)

    with pytest.raises(BadInput, match="did not answer"):
        Revision.at(root, "main", {"PATH": f"{tmp_path}:/usr/bin:/bin"})


def test_a_file_that_is_too_large_is_bad_input(
    root: Path, environment: Mapping[str, str], committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = Revision.at(root, committed, environment)
    monkeypatch.setattr(reading, "LARGEST_FILE", 3)

    with pytest.raises(BadInput, match=f"has {len(BEFORE)} bytes at"):
        revision.read("sub/pixi.lock")


def test_an_object_that_is_not_there_is_bad_input(root: Path, environment: Mapping[str, str], committed: str) -> None:
    revision = replace(Revision.at(root, committed, environment), commit="0" * 40)

    with pytest.raises(BadInput, match="cannot be read at"):
        revision.read("sub/pixi.lock")


def test_nothing_that_a_repository_configures_is_run(
    git: Git, root: Path, tmp_path: Path, environment: Mapping[str, str], committed: str
) -> None:
    witness = tmp_path / "witness"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {witness}\n")
    trap.chmod(0o755)
    (root / ".gitattributes").write_text("*.lock diff=trap filter=trap\n")
    for hook in (root / ".git" / "hooks").iterdir():
        hook.unlink()
    for key in (
        *("core.fsmonitor", "core.pager", "pager.ls-tree", "core.sshCommand", "core.editor", "alias.cat-file"),
        *("diff.trap.textconv", "diff.trap.command", "filter.trap.smudge", "filter.trap.process"),
    ):
        git("config", key, str(trap))
    (root / ".git" / "hooks" / "post-index-change").symlink_to(trap)
    before = sorted((root / ".git").rglob("*"))

    content = Revision.at(root, committed, environment).read("sub/pixi.lock")

    assert content == BEFORE
    assert not witness.exists()
    assert sorted((root / ".git").rglob("*")) == before
