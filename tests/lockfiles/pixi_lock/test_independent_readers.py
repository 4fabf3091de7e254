"""What rattler itself writes again of a lock that was rewritten here is the same, byte for byte."""

from pathlib import Path

import pytest
from rattler import LockFile

from bot.lockfiles import rewrite
from tests.lockfiles.cases import CASES, Case

AS_PIXI_WRITES = [case for case in CASES if case.lock.version == 7 and "by-hand" not in case.folder.name]


def written_again(text: str, folder: Path) -> str:
    source, copy = folder / "pixi.lock", folder / "again.lock"
    source.write_bytes(text.encode())
    LockFile.from_path(source).to_path(copy)
    return copy.read_bytes().decode()


@pytest.mark.parametrize("case", AS_PIXI_WRITES, ids=lambda case: case.folder.name)
def test_rattler_writes_a_rewritten_version_7_as_it_is(case: Case, tmp_path: Path) -> None:
    assert written_again(case.before, tmp_path) == case.before

    rewritten = rewrite(case.lock, case.before, case.solutions)

    assert written_again(rewritten, tmp_path) == rewritten


def test_rattler_reads_what_a_person_tidied_by_hand(tmp_path: Path) -> None:
    (case,) = (case for case in CASES if "by-hand" in case.folder.name)
    path = tmp_path / "pixi.lock"
    path.write_bytes(rewrite(case.lock, case.before, case.solutions).encode())

    environment = LockFile.from_path(path).environment("default")

    assert environment is not None
    records = environment.conda_repodata_records_for_platform(environment.platforms()[0])
    assert sorted(record.name.normalized for record in records or []) == ["libzlib", "tzdata", "zlib", "zzz"]
