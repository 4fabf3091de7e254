"""A slow proof: real locks keep every byte, and take a swap by changing only its lines."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import LockError
from bot.lockfiles import Solutions, parse, rewrite, text_of
from bot.lockfiles.conda_lock import obstacle
from bot.model.package import Lock, Record

pytestmark = pytest.mark.verify

PATH = "conda-lock.yml"


@pytest.fixture
def corpus(request: pytest.FixtureRequest) -> list[Path]:
    directory: str | None = request.config.getoption("--lock-corpus")
    if directory is None:
        pytest.skip("no directory of real locks was given (--lock-corpus)")
    files = sorted(path for path in Path(directory).iterdir() if path.is_file())
    assert files
    return files


def refreshable(files: list[Path]) -> list[tuple[Lock, str]]:
    """Return the locks among *files* that may be refreshed; the others must say why not."""
    found = []
    for path in files:
        content = path.read_bytes()
        try:
            lock, text = parse(PATH, content), text_of(PATH, content)
        except LockError as error:
            assert error.message  # noqa: PT017 - any sentence will do, a crash would not
        else:
            found += [] if obstacle(lock) else [(lock, text)]
    return found


def everything_again(lock: Lock) -> Solutions:
    return {("default", subdir): records for subdir, records in lock.environments[0].conda.items() if records}


def one_swapped_each(lock: Lock) -> Solutions:
    """Return solutions in which the last record of each platform is a newer build of itself."""
    pairs = everything_again(lock).items()
    return {pair: (*records[:-1], newer(records[-1])) for pair, records in pairs if records}


def newer(record: Record) -> Record:
    folder, _, file_name = record.url.rpartition("/")
    name, version, build = file_name.rsplit("-", 2)
    return replace(record, version=f"{version}.9", url=f"{folder}/{name}-{version}.9-{build}")


def test_real_locks_keep_every_byte_and_take_a_swap(corpus: list[Path]) -> None:
    for lock, text in refreshable(corpus):
        swapped = rewrite(lock, text, one_swapped_each(lock))
        assert rewrite(lock, text, everything_again(lock)) == text
        assert rewrite(parse(PATH, swapped.encode()), swapped, one_swapped_each(lock)) == swapped
        assert len(swapped.splitlines()) == len(text.splitlines())
