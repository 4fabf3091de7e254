"""The front door: which lockfile belongs to a manifest, and which format reads it."""

import pytest

from bot.errors import LockError
from bot.lockfiles import FORMATS, lock_for, parse
from bot.lockfiles.pixi_lock import PIXI_LOCK
from bot.model.package import Lock

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
    ],
)
def test_the_lock_of_a_manifest_stands_beside_it(manifest: str, lock: str | None) -> None:
    assert lock_for({"pixi.lock", "tools/pixi.lock", "docs/other.lock"}, manifest) == lock


def test_the_name_of_a_file_says_its_format() -> None:
    expected = Lock(path="a/pixi.lock", format=PIXI_LOCK, version=6, environments=())

    assert parse("a/pixi.lock", EMPTY.encode()) == expected


def test_a_file_of_another_name_is_refused() -> None:
    with pytest.raises(LockError, match=r"^poetry\.lock: no lockfile that condabot reads has this name$"):
        parse("poetry.lock", EMPTY.encode())


def test_formats_have_names_of_their_own() -> None:
    names = [each.kind.name for each in FORMATS]

    assert len(set(names)) == len(names)
