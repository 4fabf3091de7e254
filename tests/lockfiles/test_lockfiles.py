"""The front door: which lockfile belongs to a manifest, and which format reads it."""

import pytest

from bot.errors import LockError
from bot.lockfiles import FORMATS, is_lock, lock_for, parse
from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.package import Lock
from tests.conda_locks import lock_text

LOCK = lock_text()
EMPTY = "version: 6\nenvironments: {}\npackages: []\n"


@pytest.mark.parametrize(
    ("manifest", "lock"),
    [
        ("pixi.toml", "pixi.lock"),
        ("pyproject.toml", "pixi.lock"),
        ("tools/pixi.toml", "tools/pixi.lock"),
        ("docs/pixi.toml", None),
        ("environment.yml", None),
        ("tools/my-pixi.toml", None),
        ("mojoproject.toml", "pixi.lock"),
        ("bin/run.py", "bin/run.py.pixi.lock"),
        ("run.py", None),
    ],
)
def test_the_lock_of_a_manifest_stands_beside_it(manifest: str, lock: str | None) -> None:
    assert lock_for({"pixi.lock", "tools/pixi.lock", "docs/other.lock", "bin/run.py.pixi.lock"}, manifest) == lock


def test_the_name_of_a_file_says_its_format() -> None:
    expected = Lock(path="a/pixi.lock", format=PIXI_LOCK, version=6, environments=())

    assert parse("a/pixi.lock", EMPTY.encode()) == expected


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        pytest.param("x/gpu.yml", LOCK, True, id="a conda-lock of any name"),
        pytest.param("x/gpu.yml", LOCK.replace("content_hash", "hash"), False, id="YAML with some of its keys"),
        pytest.param("x/gpu.txt", LOCK, False, id="no YAML by its name"),
        pytest.param("list.txt", "\ufeff# for linux-64\r\n\r\n@EXPLICIT\r\n", True, id="an explicit list"),
        pytest.param("list.lock", "@EXPLICIT", True, id="nothing but the mark"),
        pytest.param("list.txt", "See @EXPLICIT\n@EXPLICIT\n", False, id="a text about them"),
        pytest.param("list.yml", "@EXPLICIT\n", False, id="YAML is none"),
        pytest.param("pixi.lock", "", True, id="a name that is enough"),
        pytest.param("run.py.pixi.lock", "", True, id="the name of a script's"),
        pytest.param("x.pixi.lock", EMPTY, False, id="not any other"),
    ],
)
def test_a_lock_is_told_by_its_name_or_its_content(path: str, content: str, *, expected: bool) -> None:
    assert is_lock(path, content.encode()) is expected


def test_a_file_of_another_name_is_refused() -> None:
    with pytest.raises(
        LockError, match=r"^poetry\.lock: is no lockfile that condabot reads, neither by its name nor by its content$"
    ):
        parse("poetry.lock", EMPTY.encode())


def test_formats_have_names_of_their_own() -> None:
    names = [each.kind.name for each in FORMATS]

    assert len(set(names)) == len(names)
