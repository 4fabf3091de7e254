"""A lock of version 6 becomes the version 7 that rattler itself makes of it, and still locks the same."""

from pathlib import Path

import pytest
from rattler import LockFile

from bot.errors import LockError, RewriteRefused
from bot.lockfiles import parse
from bot.lockfiles.pixi_lock import upgraded
from tests.lockfiles.cases import CASES, Case

V6 = next(case for case in CASES if case.folder.name == "v6-pypi")
V7 = [case for case in CASES if case.lock.version == 7]
CHANNEL = "https://conda.anaconda.org/conda-forge"
ODD = f"""\
# locked by hand
version: 6
environments:
  test: {{channels: [{{url: "{CHANNEL}"}}], packages: {{win-64: []}}}}
  default:
    channels:
    - url: {CHANNEL}/
      used_env_vars: [TOKEN]
    indexes: [https://files.example/simple]
    find-links:
    - path: ./wheels
    options:
      strategy: lowest-version
      channel-priority: strict
      pypi-prerelease-mode: allow
      exclude-newer: 2025-01-01T00:00:00Z
    packages:
      osx-arm64:
      - conda: {CHANNEL}/noarch/tzdata-2025c-hc9c84f9_1.conda
      - pypi: git+https://git.example/shop.git?branch=main#0123456789abcdef0123456789abcdef01234567
      - pypi: ./wheels/idna-3.10-py3-none-any.whl
      - pypi: ./shop
      linux-64:
      - conda: {CHANNEL}/noarch/tzdata-2025c-hc9c84f9_1.conda
      - conda: {CHANNEL}/linux-64/x-1%212.0-h0_0.conda
        name: x
packages:
- conda: {CHANNEL}/noarch/tzdata-2025c-hc9c84f9_1.conda   # time
  timestamp: 1626502400
- conda: {CHANNEL}/linux-64/x-1%212.0-h0_0.conda
  name: x
  version: 1!2.0
  build: h0_0
- conda: {CHANNEL}/linux-64/unused-1.0-h0_0.conda
- pypi: git+https://git.example/shop.git?branch=main#0123456789abcdef0123456789abcdef01234567
  name: shop
  version: 0.1.0
- pypi: ./wheels/idna-3.10-py3-none-any.whl
  name: idna
  version: '3.10'
  sha256: {"ab" * 32}
- pypi: ./shop
  name: shop-tree
  version: 0.2.0
  sha256: {"cd" * 32}
  editable: true
"""


def written_by_rattler(text: str, folder: Path) -> str:
    (folder / "pixi.lock").write_text(text)
    LockFile.from_path(folder / "pixi.lock").to_path(folder / "again.lock")
    return (folder / "again.lock").read_text()


def made_version_7(text: str) -> str:
    return upgraded(parse("pixi.lock", text.encode()), text)


@pytest.mark.parametrize("text", [V6.before, V6.after, ODD], ids=["before", "after", "laid out by hand"])
def test_version_7_is_rattlers_own_byte_for_byte(text: str, tmp_path: Path) -> None:
    assert made_version_7(text) == written_by_rattler(text, tmp_path)


@pytest.mark.parametrize("case", V7, ids=lambda case: case.folder.name)
def test_version_7_stays_as_it_is(case: Case) -> None:
    assert upgraded(case.lock, case.before) == case.before


def test_the_same_is_locked() -> None:
    before, after = V6.lock, parse("pixi.lock", made_version_7(V6.before).encode())

    assert (before.version, after.version) == (6, 7)
    for old, new in zip(before.environments, after.environments, strict=True):
        assert {subdir: set(map(str, records)) for subdir, records in new.conda.items()} == {
            subdir: set(map(str, records)) for subdir, records in old.conda.items()
        }
        assert (new.channels, new.indexes) == (old.channels, old.indexes)


def test_what_is_built_from_source_is_left_to_pixi() -> None:
    tree = "conda: ./mine\n"
    text = ODD.replace("      osx-arm64:\n", f"      osx-arm64:\n      - {tree}") + (
        f"- {tree}  name: mine\n  version: 0.1.0\n  build: py_0\n  subdir: noarch\n"
    )

    with pytest.raises(LockError, match=r"^pixi\.lock:19: \./mine is built from source, which only pixi can lock in"):
        made_version_7(text)


def test_several_entries_of_one_url_are_left_to_pixi() -> None:
    text = ODD + f"- conda: {CHANNEL}/noarch/tzdata-2025c-hc9c84f9_1.conda\n  license: MIT\n"

    with pytest.raises(LockError, match=r"tzdata-2025c-hc9c84f9_1\.conda has 2 entries"):
        made_version_7(text)


def test_a_text_that_is_not_the_locks_own_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="is not the text that its lock was read from"):
        upgraded(V6.lock, V6.after)


def test_what_does_not_read_back_as_the_same_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.lockfiles.pixi_lock.upgraded_text", lambda *_: V7[0].before)

    with pytest.raises(RewriteRefused, match=r"pixi\.lock did not read back as planned"):
        upgraded(V6.lock, V6.before)
