"""Slow proofs: real locks keep every byte, and each rattler writes again what was swapped in its version."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import LockError
from bot.lockfiles import Solutions, parse, rewrite, text_of
from bot.lockfiles.pixi_lock import upgraded
from bot.model.manifest import PackageName
from bot.model.package import Lock, Record
from tests.conftest import Reader
from tests.lockfiles.cases import CASES, Case

pytestmark = [pytest.mark.verify, pytest.mark.timeout(3600)]

WRITE_AGAIN = "import sys; from rattler import LockFile; LockFile.from_path(sys.argv[1]).to_path(sys.argv[2])"


@pytest.fixture
def rattler_0_23(reader: Reader) -> str:
    return str(reader("rattler-0.23"))


@pytest.fixture
def corpus(request: pytest.FixtureRequest) -> list[Path]:
    directory: str | None = request.config.getoption("--lock-corpus")
    if directory is None:
        pytest.skip("no directory of real locks was given (--lock-corpus)")
    files = sorted(path for path in Path(directory).iterdir() if path.is_file())
    assert files
    return files


def rewritable(files: list[Path]) -> list[tuple[Lock, str]]:
    """Return the locks among *files* that may be rewritten; the others must say why not."""
    found = []
    for path in files:
        content = path.read_bytes()
        try:
            lock, text = parse("pixi.lock", content), text_of("pixi.lock", content)
            rewrite(lock, text, {})
        except LockError as error:
            assert error.message  # noqa: PT017 - any sentence will do, a crash would not
        else:
            found.append((lock, text))
    return found


def everything_again(lock: Lock) -> Solutions:
    return {
        (environment.name, subdir): records
        for environment in lock.environments
        for subdir, records in environment.conda.items()
        if subdir not in environment.sources
    }


def one_swapped_each(lock: Lock) -> Solutions:
    """Return solutions in which the last record of each pair is a newer build of itself."""
    pairs = everything_again(lock).items()
    return {pair: (*records[:-1], newer(records[-1])) for pair, records in pairs if records}


def newer(record: Record) -> Record:
    name, version, build = record.url.rpartition("/")[2].rsplit("-", 2)
    folder = record.url.rpartition("/")[0]
    return replace(
        record,
        name=PackageName(name.lower()),
        version=f"{version}.9",
        url=f"{folder}/{name}-{version}.9-{build}",
        sha256="0" * 64,
    )


def written_again(python: str, text: str, folder: Path) -> str:
    source, copy = folder / "pixi.lock", folder / "again.lock"
    source.write_bytes(text.encode())
    subprocess.run([python, "-c", WRITE_AGAIN, str(source), str(copy)], check=True)
    return copy.read_bytes().decode()


@pytest.mark.parametrize("case", [case for case in CASES if case.lock.version == 6], ids=lambda case: case.folder.name)
def test_rattler_0_23_writes_a_rewritten_version_6_as_it_is(case: Case, rattler_0_23: str, tmp_path: Path) -> None:
    assert written_again(rattler_0_23, case.after, tmp_path) == case.after


def test_real_locks_keep_every_byte_and_take_a_swap(corpus: list[Path]) -> None:
    for lock, text in rewritable(corpus):
        assert rewrite(lock, text, everything_again(lock)) == text
        assert (rewrite(lock, text, one_swapped_each(lock)) == text) is (not one_swapped_each(lock))


def test_version_7_of_real_locks_is_rattlers_own(corpus: list[Path], tmp_path: Path) -> None:
    compared = 0
    for lock, text in rewritable(corpus):
        if lock.version == 6 and not any(environment.sources for environment in lock.environments):
            theirs = written_again(sys.executable, text, tmp_path)
            assert with_full_versions(upgraded(lock, text)) == with_full_versions(theirs)
            compared += 1
    assert compared


def with_full_versions(text: str) -> str:
    """Return *text* without zeros at the end of python versions: rattler drops them if another marker did before."""
    return re.sub(r"(python_full_version [<>=!]+ '[0-9]+)\.0'", r"\1'", text)


def test_rattler_writes_swapped_real_locks_of_version_6_as_they_are(
    corpus: list[Path], rattler_0_23: str, tmp_path: Path
) -> None:
    for lock, text in rewritable(corpus):
        if lock.version == 6 and written_again(rattler_0_23, text, tmp_path) == text:
            swapped = rewrite(lock, text, one_swapped_each(lock))
            assert written_again(rattler_0_23, swapped, tmp_path) == swapped
