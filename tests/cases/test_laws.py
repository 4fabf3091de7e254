"""The laws of `fixtures.laws` over the samples and the cases, on a slice of conda-forge and with a real solver."""

from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest

from bot.composition.engine import Engine
from bot.config import Configuration
from bot.demo.channel import CONDA_FORGE, ChannelData
from bot.demo.samples import NAMES, sample_files
from bot.local.checkout import Checkout
from bot.local.reading import local_reader
from fixtures import laws
from fixtures.case import INPUT, Case, engine_for, read_cases
from fixtures.laws import Advice, Followed, follow, rewritten_differently, told_otherwise, touched_in_step, with_advice
from fixtures.surroundings import NOW
from tests.oracle.watch import watched

CASES: Final = [
    each
    for each in read_cases(Path(__file__).parents[2] / "fixtures" / "cases")
    if (each.input / "pixi.lock").is_file()
]
CHANGED_IN_STEP: Final = 4
"""At least so many of the cases are about something else than a lock that is out of step."""

KNOTS: Final = (
    ("numba=0.61", "llvmlite=0.44", "numpy=2.1"),
    ("numba=0.63", "llvmlite=0.46", "numpy=2.3"),
    ("pydantic=2.10", "pydantic-core=2.27"),
    ("pydantic=2.11", "pydantic-core=2.33"),
    ("numpy=1.26", "scipy=1.14", "pandas=2.2"),
)
"""Packages that hold each other; the first of each is pinned for a reason."""


@pytest.fixture(autouse=True)
def locks_in_step(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is wrong with the locks that come out of a test, by pixi's measure and by what they lost."""
    return watched(monkeypatch)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """On the slice alone."""
    (tmp_path / INPUT).mkdir()
    case = Case(name="slice", folder=tmp_path, channels={CONDA_FORGE: ChannelData.demo().records()})
    async with engine_for(case) as engine:
        yield engine


def silent(_: str) -> None:
    """Say nothing of the progress."""


@pytest.mark.parametrize("name", [each for each in NAMES if "pixi.lock" in sample_files(each)])
async def test_a_lock_in_step_is_left_as_it_is_and_loses_nothing_that_is_asked_for(
    name: str, engine: Engine, locks_in_step: list[str]
) -> None:
    files = sample_files(name)
    scanner = engine.scanner(NOW, silent)

    assert [*laws.locks_in_step(files)] == ["pixi.lock"]
    assert not rewritten_differently("pixi.lock", files["pixi.lock"])
    assert await touched_in_step(files, scanner) == ()
    # All at once where a scan would propose many: each of the others moves one after the other.
    is_large = name == "pixi-workspace"
    report = await (scanner.scan_at_once(files, []) if is_large else scanner.scan(files, {}))
    reader = local_reader(Configuration(), scanner.resolve, NOW, None)
    assert report.proposals
    assert [place for each in report.proposals for place in told_otherwise(files, each, reader)] == []
    assert locks_in_step == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_so_is_that_of_every_case(case: Case) -> None:
    checkout = Checkout.at(case.input)
    files = {path: checkout.read(path) for path in checkout.sizes()}

    assert not [path for path in laws.locks_in_step(files) if rewritten_differently(path, files[path])]
    async with engine_for(case) as engine:
        assert await touched_in_step(files, engine.scanner(NOW, silent)) == ()


def test_enough_locks_of_the_cases_are_in_step() -> None:
    texts = [{path.name: path.read_bytes() for path in case.input.iterdir() if path.is_file()} for case in CASES]

    assert sum("pixi.lock" in [*laws.locks_in_step(files)] for files in texts) >= CHANGED_IN_STEP


def manifests() -> Iterator[Mapping[str, bytes]]:
    """Yield an `environment.yml` for every two knots of other packages."""
    for one, other in combinations(KNOTS, 2):
        if {each.partition("=")[0] for each in one}.isdisjoint(each.partition("=")[0] for each in other):
            pinned = [f"{each}  # newer ones crash" for each in (one[0], other[0])]
            lines = "".join(f"  - {each}\n" for each in (*pinned, *one[1:], *other[1:]))
            text = f"channels: [conda-forge]\nplatforms: [linux-64]\ndependencies:\n{lines}"
            yield {"environment.yml": text.encode()}


async def test_whoever_does_what_a_sentence_advises_gets_the_release(engine: Engine) -> None:
    scanner = engine.scanner(NOW, silent)
    repositories = [sample_files("held-back"), *manifests()]

    followed: list[Followed] = []
    for files in repositories:
        for held in with_advice(await scanner.scan_at_once(files, [])):
            followed += await follow(held, files, scanner)

    assert [each for each in followed if each.came_of_it is Advice.NOT_SOLVED] == []
    assert sum(each.came_of_it is Advice.SOLVED for each in followed) >= len(repositories)
