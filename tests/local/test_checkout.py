"""A checkout on disk: what of it is seen, and how it is written."""

import os
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.local import checkout as module
from bot.local.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    for path in ("b.txt", "a/c.txt", ".git/config", ".pixi/envs/x.txt", "a/node_modules/y.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(f"{path}\n".encode())
    return Checkout.at(tmp_path)


def contents(checkout: Checkout) -> dict[str, bytes]:
    return {path: checkout.read(path) for path in checkout.paths()}


BEFORE = {"a/c.txt": b"a/c.txt\n", "b.txt": b"b.txt\n"}


def test_files_have_relative_paths_with_slashes_and_some_folders_are_not_visited(checkout: Checkout) -> None:
    assert checkout.paths() == ("a/c.txt", "b.txt")


def test_links_and_what_is_no_regular_file_are_not_seen(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "linked").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")

    assert checkout.paths() == ("a/c.txt", "b.txt")


def test_what_is_not_a_folder_is_no_checkout(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BadInput, match="file: is not a directory: name the folder of a checkout"):
        Checkout.at(tmp_path / "file")


def test_a_file_that_vanished_cannot_be_read(checkout: Checkout) -> None:
    with pytest.raises(BadInput, match=r"gone\.txt: cannot be read: No such file or directory"):
        checkout.read("gone.txt")


def test_a_file_that_is_too_large_is_not_read(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_FILE", 5)

    with pytest.raises(BadInput, match=r"b\.txt: has 6 bytes, more than the 5 that are read"):
        checkout.read("b.txt")


def test_written_files_have_their_new_text_and_keep_their_mode(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "b.txt").chmod(0o750)

    checkout.write({"b.txt": "neü\n", "a/c.txt": "too\r\n"}, before=BEFORE)

    assert contents(checkout) == {"a/c.txt": b"too\r\n", "b.txt": "neü\n".encode()}
    assert (tmp_path / "b.txt").stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in tmp_path.rglob(".condabot-*")) == []


def test_nothing_to_write_is_fine(checkout: Checkout) -> None:
    checkout.write({}, before={})

    assert contents(checkout) == BEFORE


def test_a_file_that_was_changed_meanwhile_is_left_to_the_person_and_so_are_the_others(
    checkout: Checkout, tmp_path: Path
) -> None:
    (tmp_path / "b.txt").write_bytes(b"a person's\n")

    with pytest.raises(BadInput, match=r"b\.txt: was changed while condabot worked, so nothing was written"):
        checkout.write({"a/c.txt": "new", "b.txt": "new"}, before=BEFORE)

    assert contents(checkout) == BEFORE | {"b.txt": b"a person's\n"}
    assert sorted(path.name for path in tmp_path.rglob(".condabot-*")) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("b.txt", "cannot be written: No such file or directory", id="a file that vanished"),
        pytest.param("gone/d.txt", "cannot be written: No such file or directory", id="a folder that vanished"),
    ],
)
def test_if_one_file_cannot_be_written_none_is(checkout: Checkout, tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "b.txt").unlink()

    with pytest.raises(BadInput, match=reason) as raised:
        checkout.write({"a/c.txt": "new", path: "new"}, before=BEFORE)

    assert raised.value.path == path
    assert contents(checkout) == {"a/c.txt": b"a/c.txt\n"}
    assert sorted(each.name for each in tmp_path.rglob(".condabot-*")) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_in_a_folder_that_may_not_be_written_nothing_is(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "a").chmod(0o500)

    with pytest.raises(BadInput, match=r"a/c\.txt: cannot be written: Permission denied"):
        checkout.write({"b.txt": "new", "a/c.txt": "new"}, before=BEFORE)

    assert contents(checkout) == BEFORE


def test_if_the_second_file_cannot_be_moved_the_first_is_put_back(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target.name == "b.txt":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)

    with pytest.raises(BadInput, match=r"b\.txt: cannot be written: No space left on device"):
        checkout.write({"a/c.txt": "new", "b.txt": "new"}, before=BEFORE)

    assert contents(checkout) == BEFORE


def test_a_link_put_in_the_place_of_a_file_is_replaced_and_not_followed(checkout: Checkout, tmp_path: Path) -> None:
    outside = tmp_path / ".git" / "outside.txt"
    outside.write_bytes(BEFORE["b.txt"])
    (tmp_path / "b.txt").unlink()
    (tmp_path / "b.txt").symlink_to(outside)

    checkout.write({"b.txt": "new"}, before=BEFORE)

    assert outside.read_bytes() == BEFORE["b.txt"]
    assert (tmp_path / "b.txt").read_bytes() == b"new"


def test_a_folder_that_may_not_be_read_is_named_and_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, and tests may be run by root: so the system's answer is given here."""
    for name in ("open", "secret"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    monkeypatch.setattr("os.access", lambda path, _: Path(path).name not in {"secret", "link"})

    checkout = Checkout.at(tmp_path)

    assert [str(each) for each in checkout.closed_folders()] == ["secret: cannot be read: Permission denied"]
    assert checkout.paths() == ("open/a.txt",)
    with pytest.raises(BadInput, match="cannot be read: Permission denied"):
        Checkout.at(tmp_path / "secret")
